import { positionsSql, type QueryResult, type Page } from '../../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../../sql/cursor.js'
import { recordBytes, recordsAt } from '../record/record.js'
import { kindOf, isHistorical, type AsOf } from '../../sql/as-of.js'
import { bytesBeforeSql, bytesWindow, keptRowsSql, rowsFetched } from '../../sql/page-rows.js'
import { environmentNameSql } from '../../pipeline/environment.js'
import { statementName, type Query } from '#libs/postgres'
import { slotsAsOf } from './past.js'

export interface CurrentRequest {
  tenant: string
  filters: { application?: string; environment?: string }
  /** Now by default. */
  moment?: AsOf
  /** Maximum number of records, 1 to 500. */
  limit: number
  cursor?: string
}

/** Rank of an environment outside the pipeline. */
const OUTSIDE = 32_767

/**
 * The active deployment of each application and environment, by application, then in the order of the pipeline, environments outside it
 * last, by name; optionally as of a time. Throws InvalidCursor.
 */
export async function currentPage(query: Query, request: CurrentRequest): Promise<QueryResult<Page>> {
  const { tenant, limit, cursor, moment = {} } = request
  const { application, environment } = request.filters
  const list = { list: 'current', application, environment, asOf: moment.asOf, knownAt: moment.knownAt }
  const values: unknown[] = [tenant, limit]
  const bind = (value: unknown) => `$${values.push(value)}`
  const { seen: visible, active, neighbours, json: recordJson } = recordsAt(moment, bind)
  const conditions = ['c.tenant = $1']
  if (application !== undefined) conditions.push(`c.application = ${bind(application)}`)
  if (environment !== undefined) conditions.push(`c.environment_name = ${environmentNameSql('$1', environment, bind)}`)
  const cursorKey = cursor === undefined ? undefined : decodeCursor(cursor, list, isCursorKey)
  const past = isHistorical(moment) && slotsAsOf(active, { application, from: cursorKey?.[0], conditions }, bind)
  if (cursorKey) {
    const [lastApplication, lastRank, lastEnvironment] = cursorKey.map(bind)
    // planner: the first condition repeats the second one in a form that an index supports.
    conditions.push(
      `c.application >= ${lastApplication}`,
      `(c.application, rank, c.environment_name) > (${lastApplication}, ${lastRank}::int, ${lastEnvironment})`,
    )
  }
  const fetched = rowsFetched(limit)
  // The index orders environments by name, the page by rank: whole applications are read, as many as a page needs, and sorted.
  const text = `
    WITH ${past ? `RECURSIVE ${past}, ` : ''}pipeline AS MATERIALIZED (
      SELECT array_agg(name ORDER BY rank) AS names FROM environments($1)
    ), placed AS NOT MATERIALIZED (
      SELECT c.*, rank FROM ${past ? 'ran' : 'deployment_current'} c CROSS JOIN LATERAL (
        SELECT coalesce(array_position((SELECT names FROM pipeline), c.environment_name), ${OUTSIDE}) AS rank
      ) ranked
      WHERE ${conditions.join(' AND ')}
    ), reached AS MATERIALIZED (
      SELECT max(application) AS application
      FROM (SELECT application FROM placed ORDER BY application, environment_name LIMIT ${fetched}) first
    ), place_page AS MATERIALIZED (
      SELECT placed.*, row_number() OVER (ORDER BY application, rank, environment_name) AS n FROM placed
      WHERE application <= (SELECT application FROM reached) ORDER BY application, rank, environment_name LIMIT ${fetched}
    ), page AS MATERIALIZED (
      SELECT h.*, current.rank, current.n, ${bytesBeforeSql(recordBytes)} AS bytes_before
      FROM place_page current JOIN ${visible} h ON h.tenant = current.tenant AND h.deployment_id = current.deployment_id
      WINDOW ${bytesWindow('ORDER BY current.n')}
    ), kept AS MATERIALIZED (${keptRowsSql('$2')})
    SELECT
      '[' || coalesce((
        SELECT string_agg(${recordJson}, ',' ORDER BY h.n)
        FROM page h CROSS JOIN LATERAL (SELECT h.deployment_id) current ${neighbours}
        WHERE h.n <= (SELECT n FROM kept)), '') || ']' AS json,
      (SELECT json_build_array(application, rank, environment_name) FROM page
        WHERE n = (SELECT n FROM kept) AND EXISTS (SELECT FROM page WHERE n > (SELECT n FROM kept))) AS last,
      ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ json: string; last: [string, number, string] | null; positions: string }>({
    name: statementName(`current ${kindOf(moment)} ${fetched}`, { application, environment, on: cursorKey }),
    ...(!isHistorical(moment) && { plan: 'once' }),
    text,
    values,
  })
  const { json, last, positions } = row!
  return { body: { json, ...(last && { next: encodeCursor(list, last) }) }, positions }
}

function isCursorKey(cursorKey: unknown[]): cursorKey is [string, number, string] {
  const [application, rank, environment] = cursorKey
  return (
    cursorKey.length === 3 &&
    typeof application === 'string' &&
    Number.isInteger(rank) &&
    Math.abs(rank as number) <= OUTSIDE &&
    typeof environment === 'string'
  )
}
