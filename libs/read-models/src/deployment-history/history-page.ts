import { deploymentStatuses, type DeploymentStatus } from '#libs/contracts'
import { positionsSql, type Answer, type Page } from '../answer.js'
import { decodeCursor, encodeCursor } from '../cursor.js'
import { environmentNameSql } from '../promotion-rules/environment.js'
import { isStartPlace } from '../log-order.js'
import { kindOf, type Bind, type Moment } from '../moment.js'
import { rowsFetched } from '../page-rows.js'
import type { Query } from '../query.js'
import { recordsAt } from './record.js'

/** What narrows a history; all that are given must fit. */
export interface HistoryFilters {
  application?: string
  /** Any name of it: aliases resolve. */
  environment?: string
  status?: DeploymentStatus[]
  imageTag?: string
  gitCommit?: string
  gitBranch?: string
  actor?: string
  /** RFC 3339; `deployedAt` from then on. */
  from?: string
  /** RFC 3339; `deployedAt` before then. */
  to?: string
}

export interface HistoryRequest {
  tenant: string
  filters: HistoryFilters
  /** Now where left out. */
  moment?: Moment
  /** Records at most, 1 to 500. */
  limit: number
  cursor?: string
}

/** Filters that people page by all day: statements with other ones are not kept prepared, or there would be hundreds. */
const EVERYDAY: (keyof HistoryFilters)[] = ['application', 'environment', 'status', 'imageTag']

/**
 * The history, newest first: by `deployedAt`, then by partition ascending and the position of the recorded event
 * descending. At a moment: what had started, as it stood then. Throws InvalidCursor.
 */
export async function historyPage(query: Query, request: HistoryRequest): Promise<Answer<Page>> {
  const { tenant, limit, cursor, moment = {} } = request
  const filters = normal(request.filters)
  const list = { ...filters, asOf: moment.asOf, knownAt: moment.knownAt }
  const values: unknown[] = [tenant, limit]
  const bind = (value: unknown) => `$${values.push(value)}`
  const { seen, joins, json: recordJson } = recordsAt(moment, bind)
  const conditions = ['h.tenant = $1', ...conditionsOf(filters, bind)]
  if (cursor !== undefined) {
    const [deployedAt, logOrder] = decodeCursor(cursor, list, isStartPlace)
    conditions.push(`(h.deployed_at, h.log_order) < (${bind(deployedAt)}::timestamptz, ${bind(logOrder)}::bigint)`)
  }
  const fetched = rowsFetched(limit)
  const text = `
    WITH page AS MATERIALIZED (
      SELECT *, row_number() OVER () AS n FROM (${newest(seen, conditions, filters.status, fetched)}) newest
    )
    SELECT
      '[' || coalesce((SELECT string_agg(${recordJson}, ',' ORDER BY h.n) FROM page h ${joins}
        WHERE h.n <= $2), '') || ']' AS json,
      (SELECT json_build_array(instant(deployed_at), log_order::text) FROM page
        WHERE n = $2 AND EXISTS (SELECT FROM page WHERE n = $2 + 1)) AS last,
      ${positionsSql('deployments')} AS positions`
  const name = nameOf(filters, moment, fetched, cursor !== undefined)
  const [row] = await query<{ json: string; last: [string, string] | null; positions: string }>({ name, text, values })
  const { json, last, positions } = row!
  return { body: { json, ...(last && { next: encodeCursor(list, last) }) }, positions }
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

function conditionsOf(filters: HistoryFilters, bind: Bind): string[] {
  const { application, environment, imageTag, gitCommit, gitBranch, actor, from, to } = filters
  const equal = (column: string, value: string | undefined) =>
    value === undefined ? [] : [`h.${column} = ${bind(value)}`]
  return [
    ...equal('application', application),
    ...(environment === undefined ? [] : [`h.environment_name = ${environmentNameSql('$1', environment, bind)}`]),
    ...equal('image_tag', imageTag),
    ...equal('git_commit', gitCommit),
    ...equal('git_branch', gitBranch),
    ...equal('actor', actor),
    ...(from === undefined ? [] : [`h.deployed_at >= ${bind(from)}::timestamptz`]),
    ...(to === undefined ? [] : [`h.deployed_at < ${bind(to)}::timestamptz`]),
  ]
}

/**
 * SQL: the newest rows that fit. Those few that are not DEPLOYED have an index by status, which is in order for one status
 * only: several are merged.
 */
function newest(seen: string, conditions: string[], statuses: DeploymentStatus[] | undefined, count: number): string {
  const select = (...more: string[]) => `
    SELECT h.* FROM ${seen} h WHERE ${[...conditions, ...more].join(' AND ')}
    ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT ${count}`
  if (!statuses?.length) return select()
  const literals = statuses.map(status => `'${status}'`)
  if (statuses.includes('DEPLOYED')) return select(`h.status IN (${literals.join(', ')})`)
  const merged = literals.map(literal => `(${select(`h.status = ${literal}`)})`).join(' UNION ALL ')
  return `SELECT * FROM (${merged}) h ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT ${count}`
}

// Of initials: Postgres cuts names off after 63 characters.
function nameOf(filters: HistoryFilters, moment: Moment, fetched: number, goesOn: boolean): string | undefined {
  const given = (Object.keys(filters) as (keyof HistoryFilters)[]).filter(filter => filters[filter] !== undefined)
  if (!given.every(filter => EVERYDAY.includes(filter))) return undefined
  const initials = (words: string[]) => words.map(word => word[0]).join('')
  return `history ${kindOf(moment)} ${fetched} ${goesOn ? 'on' : 'from start'} ${initials(given)} ${initials(filters.status ?? [])}`
}
