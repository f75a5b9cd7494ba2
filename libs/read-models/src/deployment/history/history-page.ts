import { deploymentStatuses, type DeploymentStatus } from '#libs/contracts'
import { positionsSql, type QueryResult, type Page } from '../../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../../sql/cursor.js'
import {
  environmentNamesSql,
  environmentValues,
  isEnvironmentSql,
  simplifiedEnvironment,
} from '../../pipeline/environment.js'
import { applicationValues, isApplicationSql, simplified, type OneOrMore } from '../../sql/filter.js'
import { hasLabelsSql, labelJoinsSql, labelsOf, labelValues, type LabelFilter } from '../label/labels.js'
import { isStartKey } from '../../sql/log-order.js'
import { isHistorical, nameAsOf, timesOf, type AsOf } from '../../sql/as-of.js'
import { bytesBeforeSql, bytesWindow, keptRowsSql, rowsFetched } from '../../sql/page-rows.js'
import { statement, type Query } from '#libs/postgres'
import { namesOfCommit, type CommitSource } from '../commit/resolve.js'
import { recordBytes, recordsAt } from '../presented/record.js'

/** Filters of a history; all given ones must match. Of several applications, or environments, any does. */
export interface HistoryFilters {
  application?: OneOrMore
  /** Any names of environments; aliases resolve. */
  environment?: OneOrMore
  /** All of these. */
  label?: LabelFilter
  status?: DeploymentStatus[]
  imageTag?: string
  gitCommit?: string
  gitBranch?: string
  actor?: string
  /** RFC 3339; inclusive start of `deployedAt`. */
  from?: string
  /** RFC 3339; exclusive end of `deployedAt`. */
  to?: string
}

export interface HistoryRequest {
  tenant: string
  filters: HistoryFilters
  /** Whether it has voided deployments, too. Default: no. */
  includeVoided?: boolean
  /** Now by default. */
  moment?: AsOf
  /** Maximum number of records, 1 to 500. */
  limit: number
  cursor?: string
}

/** For each of them, and for both, one index has the order of the history. */
const ORDERED: (keyof HistoryFilters)[] = ['application', 'environment']

/**
 * The history, newest first: by `deployedAt`, then by partition ascending and the position of the recorded event descending. As of a time:
 * the deployments that had started, with their state at that time. A hash in `gitCommit` may be abbreviated: then the statements must see one snapshot. Throws InvalidCursor,
 * AmbiguousCommit.
 */
export async function historyPage(query: Query, request: HistoryRequest): Promise<QueryResult<Page>> {
  const { tenant, limit, cursor, moment = {}, includeVoided = false } = request
  const filters = normal(request.filters)
  const list = {
    ...filters,
    asOf: moment.asOf,
    knownAt: moment.knownAt,
    includeVoided: includeVoided || undefined,
  }
  const [lastDeployedAt, lastLogOrder] = cursor === undefined ? [] : decodeCursor(cursor, list, isStartKey)
  const given = (Object.keys(filters) as (keyof HistoryFilters)[]).filter(filter => filters[filter] !== undefined)
  const isOrdered =
    !isHistorical(moment) && given.every(filter => ORDERED.includes(filter) && typeof filters[filter] === 'string')
  const { status: _1, application, environment, label, gitCommit, ...others } = filters
  const gitCommits = gitCommit === undefined ? undefined : await namesOf(query, request, gitCommit)
  const values = {
    tenant,
    limit,
    ...timesOf(moment),
    ...others,
    ...applicationValues(application),
    ...environmentValues(environment),
    ...labelValues(label),
    gitCommits,
    lastDeployedAt,
    lastLogOrder,
  }
  const [row] = await query<{ json: string; last: [string, string] | null; positions: string }>(
    statement(
      nameAsOf(includeVoided ? 'history with voided' : 'history', moment),
      pageSql({ moment, filters, includeVoided, isContinued: cursor !== undefined, fetched: rowsFetched(limit) }),
      values,
      isOrdered ? { plan: 'once' } : {},
    ),
  )
  const { json, last, positions } = row!
  return { body: { json, ...(last && { next: encodeCursor(list, last) }) }, positions }
}

/** The names under which a commit may be stored. */
function namesOf(query: Query, { tenant, filters, moment = {} }: HistoryRequest, name: string): Promise<string[]> {
  const application = simplified(filters.application)
  const past: CommitSource[] = moment.knownAt === undefined ? [] : ['deployment_superseded']
  const sources: CommitSource[] = ['deployment_history', ...past]
  return namesOfCommit(query, { tenant, ...(typeof application === 'string' && { application }), name, sources })
}

interface PageVariant {
  moment: AsOf
  filters: HistoryFilters
  includeVoided: boolean
  /** Whether it starts after another page. */
  isContinued: boolean
  fetched: number
}

function pageSql({ moment, filters, includeVoided, isContinued, fetched }: PageVariant): string {
  const records = recordsAt(moment)
  const { visible, json: recordJson } = includeVoided ? records.withVoided : records
  const { ofPage } = records
  // The start of a deployment may be corrected: with `knownAt` that of its label is another one.
  const [labels, hasLabels] =
    moment.knownAt === undefined ? [labelJoinsSql(filters.label), []] : ['', hasLabelsSql('h', filters.label)]
  const conditions = [
    'h.tenant = $tenant',
    ...hasLabels,
    ...(Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[]).flatMap(filter =>
      filters[filter] === undefined ? [] : [CONDITIONS[filter]],
    ),
    ...(isContinued ? ['(h.deployed_at, h.log_order) < ($lastDeployedAt::timestamptz, $lastLogOrder::bigint)'] : []),
  ]
  return `
    WITH page AS MATERIALIZED (
      SELECT h.*, row_number() OVER w AS n, ${bytesBeforeSql(recordBytes)} AS bytes_before
      FROM (${newest({ visible, conditions, filters, labels, count: fetched })}) h WINDOW ${bytesWindow()}
    ), kept AS MATERIALIZED (${keptRowsSql('$limit')})${ofPage.cte}
    SELECT
      '[' || coalesce((SELECT string_agg(${recordJson}, ',' ORDER BY h.n) FROM page h ${ofPage.joins}
        WHERE h.n <= (SELECT n FROM kept)), '') || ']' AS json,
      (SELECT json_build_array(instant(deployed_at), log_order::text) FROM page
        WHERE n = (SELECT n FROM kept) AND EXISTS (SELECT FROM page WHERE n > (SELECT n FROM kept))) AS last,
      ${positionsSql('deployments')} AS positions`
}

function normal(filters: HistoryFilters): HistoryFilters {
  const { application, environment, label, status, imageTag, gitCommit, gitBranch, actor, from, to } = filters
  return {
    application: simplified(application),
    environment: simplifiedEnvironment(environment),
    label: labelsOf(label),
    status: status && deploymentStatuses.filter(known => status.includes(known)),
    imageTag,
    gitCommit,
    gitBranch,
    actor,
    from,
    to,
  }
}

/** SQL: by filter, the condition on a row `h`. */
const CONDITIONS: Record<Exclude<keyof HistoryFilters, 'application' | 'environment' | 'label' | 'status'>, string> = {
  imageTag: 'h.image_tag = $imageTag',
  gitCommit: 'h.git_commit = ANY ($gitCommits)',
  gitBranch: 'h.git_branch = $gitBranch',
  actor: 'h.actor = $actor',
  from: 'h.deployed_at >= $from::timestamptz',
  to: 'h.deployed_at < $to::timestamptz',
}

interface Wanted {
  visible: string
  conditions: string[]
  filters: HistoryFilters
  /** SQL: joins. */
  labels: string
  count: number
}

const NEWEST_FIRST = 'ORDER BY h.deployed_at DESC, h.log_order DESC'

/**
 * SQL: the newest matching rows. planner: an index has the order of one application, environment and status, so the newest of each of several
 * are merged; the few rows that are not DEPLOYED have an index by status.
 */
function newest({ visible, conditions, filters, labels, count }: Wanted): string {
  const { application, environment, status: statuses } = filters
  const [ofApplications, ofEnvironments] = [Array.isArray(application), Array.isArray(environment)]
  const several = [
    ...(ofApplications ? ['unnest($applications::text[]) AS wanted_application(name)'] : []),
    ...(ofEnvironments ? [`unnest(${environmentNamesSql}) AS wanted_environment(name)`] : []),
  ]
  const [tenant, ...others] = conditions as [string, ...string[]]
  const ofSlot = [
    ofApplications ? 'h.application = wanted_application.name' : isApplicationSql('h.application', application),
    ofEnvironments
      ? 'h.environment_name = wanted_environment.name'
      : isEnvironmentSql('h.environment_name', environment),
  ].filter(condition => condition !== undefined)
  const ofEach = (...more: string[]) => `
    SELECT h.* FROM ${visible} h ${labels} WHERE ${[tenant, ...ofSlot, ...others, ...more].join(' AND ')}
    ${NEWEST_FIRST} LIMIT ${count}`
  const select = (...more: string[]) =>
    several.length === 0
      ? ofEach(...more)
      : `SELECT h.* FROM ${several.join(' CROSS JOIN ')} CROSS JOIN LATERAL (${ofEach(...more)}) h ${NEWEST_FIRST} LIMIT ${count}`
  if (!statuses?.length) return select()
  const literals = statuses.map(status => `'${status}'`)
  if (statuses.includes('DEPLOYED')) return select(`h.status IN (${literals.join(', ')})`)
  const merged = literals.map(literal => `(${select(`h.status = ${literal}`)})`).join(' UNION ALL ')
  return `SELECT * FROM (${merged}) h ${NEWEST_FIRST} LIMIT ${count}`
}
