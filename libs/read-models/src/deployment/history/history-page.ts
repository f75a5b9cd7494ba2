import { deploymentStatuses, type DeploymentStatus } from '#libs/contracts'
import { positionsSql, type QueryResult, type Page } from '../../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../../sql/cursor.js'
import { environmentKeyOf, environmentNameSql } from '../../pipeline/environment.js'
import { isStartKey } from '../../sql/log-order.js'
import { isHistorical, nameAsOf, timesOf, type AsOf } from '../../sql/as-of.js'
import { bytesBeforeSql, bytesWindow, keptRowsSql, rowsFetched } from '../../sql/page-rows.js'
import { statement, type Query } from '#libs/postgres'
import { recordBytes, recordsAt } from '../presented/record.js'

/** Filters of a history; all given ones must match. */
export interface HistoryFilters {
  application?: string
  /** Any name of the environment; aliases resolve. */
  environment?: string
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
 * the deployments that had started, with their state at that time. Throws InvalidCursor.
 */
export async function historyPage(query: Query, request: HistoryRequest): Promise<QueryResult<Page>> {
  const { tenant, limit, cursor, moment = {} } = request
  const filters = normal(request.filters)
  const list = { ...filters, asOf: moment.asOf, knownAt: moment.knownAt }
  const [lastDeployedAt, lastLogOrder] = cursor === undefined ? [] : decodeCursor(cursor, list, isStartKey)
  const given = (Object.keys(filters) as (keyof HistoryFilters)[]).filter(filter => filters[filter] !== undefined)
  const isOrdered = !isHistorical(moment) && given.every(filter => ORDERED.includes(filter))
  const { status: _, ...values } = {
    tenant,
    limit,
    ...timesOf(moment),
    ...filters,
    environment: environmentKeyOf(filters.environment),
    lastDeployedAt,
    lastLogOrder,
  }
  const [row] = await query<{ json: string; last: [string, string] | null; positions: string }>(
    statement(
      nameAsOf('history', moment),
      pageSql({ moment, filters, isContinued: cursor !== undefined, fetched: rowsFetched(limit) }),
      values,
      isOrdered ? { plan: 'once' } : {},
    ),
  )
  const { json, last, positions } = row!
  return { body: { json, ...(last && { next: encodeCursor(list, last) }) }, positions }
}

interface PageVariant {
  moment: AsOf
  filters: HistoryFilters
  /** Whether it starts after another page. */
  isContinued: boolean
  fetched: number
}

function pageSql({ moment, filters, isContinued, fetched }: PageVariant): string {
  const { visible, json: recordJson, ofPage } = recordsAt(moment)
  const conditions = [
    'h.tenant = $tenant',
    ...(Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[]).flatMap(filter =>
      filters[filter] === undefined ? [] : [CONDITIONS[filter]],
    ),
    ...(isContinued ? ['(h.deployed_at, h.log_order) < ($lastDeployedAt::timestamptz, $lastLogOrder::bigint)'] : []),
  ]
  return `
    WITH page AS MATERIALIZED (
      SELECT h.*, row_number() OVER w AS n, ${bytesBeforeSql(recordBytes)} AS bytes_before
      FROM (${newest(visible, conditions, filters.status, fetched)}) h WINDOW ${bytesWindow()}
    ), kept AS MATERIALIZED (${keptRowsSql('$limit')})${ofPage.cte}
    SELECT
      '[' || coalesce((SELECT string_agg(${recordJson}, ',' ORDER BY h.n) FROM page h ${ofPage.joins}
        WHERE h.n <= (SELECT n FROM kept)), '') || ']' AS json,
      (SELECT json_build_array(instant(deployed_at), log_order::text) FROM page
        WHERE n = (SELECT n FROM kept) AND EXISTS (SELECT FROM page WHERE n > (SELECT n FROM kept))) AS last,
      ${positionsSql('deployments')} AS positions`
}

function normal(filters: HistoryFilters): HistoryFilters {
  const { application, environment, status, imageTag, gitCommit, gitBranch, actor, from, to } = filters
  return {
    application,
    environment,
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
const CONDITIONS: Record<Exclude<keyof HistoryFilters, 'status'>, string> = {
  application: 'h.application = $application',
  environment: `h.environment_name = ${environmentNameSql('$environment')}`,
  imageTag: 'h.image_tag = $imageTag',
  gitCommit: 'h.git_commit = $gitCommit',
  gitBranch: 'h.git_branch = $gitBranch',
  actor: 'h.actor = $actor',
  from: 'h.deployed_at >= $from::timestamptz',
  to: 'h.deployed_at < $to::timestamptz',
}

/**
 * SQL: the newest matching rows. planner: the few rows that are not DEPLOYED have an index by status, whose order holds for one status only,
 * so several are merged.
 */
function newest(
  visible: string,
  conditions: string[],
  statuses: DeploymentStatus[] | undefined,
  count: number,
): string {
  const select = (...more: string[]) => `
    SELECT h.* FROM ${visible} h WHERE ${[...conditions, ...more].join(' AND ')}
    ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT ${count}`
  if (!statuses?.length) return select()
  const literals = statuses.map(status => `'${status}'`)
  if (statuses.includes('DEPLOYED')) return select(`h.status IN (${literals.join(', ')})`)
  const merged = literals.map(literal => `(${select(`h.status = ${literal}`)})`).join(' UNION ALL ')
  return `SELECT * FROM (${merged}) h ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT ${count}`
}
