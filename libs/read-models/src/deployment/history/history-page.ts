import { deploymentStatuses, type DeploymentStatus } from '#libs/contracts'
import { positionsSql, type QueryResult, type Page } from '../../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../../sql/cursor.js'
import { environmentNameSql } from '../../pipeline/environment.js'
import { isStartKey } from '../../sql/log-order.js'
import { kindOf, isHistorical, type Bind, type AsOf } from '../../sql/as-of.js'
import { bytesBeforeSql, bytesWindow, keptRowsSql, rowsFetched } from '../../sql/page-rows.js'
import { statementName, type Query } from '#libs/postgres'
import { recordBytes, recordsAt } from '../record/record.js'

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
  const values: unknown[] = [tenant, limit]
  const bind = (value: unknown) => `$${values.push(value)}`
  const { seen: visible, json: recordJson, ofPage } = recordsAt(moment, bind)
  const conditions = ['h.tenant = $1', ...conditionsOf(filters, bind)]
  if (cursor !== undefined) {
    const [deployedAt, logOrder] = decodeCursor(cursor, list, isStartKey)
    conditions.push(`(h.deployed_at, h.log_order) < (${bind(deployedAt)}::timestamptz, ${bind(logOrder)}::bigint)`)
  }
  const fetched = rowsFetched(limit)
  const text = `
    WITH page AS MATERIALIZED (
      SELECT h.*, row_number() OVER w AS n, ${bytesBeforeSql(recordBytes)} AS bytes_before
      FROM (${newest(visible, conditions, filters.status, fetched)}) h WINDOW ${bytesWindow()}
    ), kept AS MATERIALIZED (${keptRowsSql('$2')})${ofPage.cte}
    SELECT
      '[' || coalesce((SELECT string_agg(${recordJson}, ',' ORDER BY h.n) FROM page h ${ofPage.joins}
        WHERE h.n <= (SELECT n FROM kept)), '') || ']' AS json,
      (SELECT json_build_array(instant(deployed_at), log_order::text) FROM page
        WHERE n = (SELECT n FROM kept) AND EXISTS (SELECT FROM page WHERE n > (SELECT n FROM kept))) AS last,
      ${positionsSql('deployments')} AS positions`
  const given = (Object.keys(filters) as (keyof HistoryFilters)[]).filter(filter => filters[filter] !== undefined)
  const [row] = await query<{ json: string; last: [string, string] | null; positions: string }>({
    name: statementName(`history ${kindOf(moment)} ${fetched}`, { ...filters, on: cursor }),
    ...(!isHistorical(moment) && given.every(filter => ORDERED.includes(filter)) && { plan: 'once' }),
    text,
    values,
  })
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
 * SQL: the newest matching rows. The few rows that are not DEPLOYED have an index by status, whose order holds for one status only, so
 * several are merged.
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
