import { positionsSql, type QueryResult, type Page } from '../../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../../sql/cursor.js'
import { recordBytes, recordsAt } from '../record/record.js'
import { isHistorical, nameAsOf, timesOf, type AsOf } from '../../sql/as-of.js'
import { bytesBeforeSql, bytesWindow, keptRowsSql, rowsFetched } from '../../sql/page-rows.js'
import { environmentKeyOf, environmentNameSql } from '../../pipeline/environment.js'
import { statement, type Query } from '#libs/postgres'
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
  const [lastApplication, lastRank, lastEnvironment] =
    cursor === undefined ? [] : decodeCursor(cursor, list, isCursorKey)
  const text = pageSql({ moment, application, environment, after: lastApplication, fetched: rowsFetched(limit) })
  const values = {
    tenant,
    limit,
    ...timesOf(moment),
    application,
    environment: environmentKeyOf(environment),
    lastApplication,
    lastRank,
    lastEnvironment,
    ...(isHistorical(moment) && { firstApplication: application ?? lastApplication ?? '' }),
  }
  const [row] = await query<{ json: string; last: [string, number, string] | null; positions: string }>(
    statement(nameAsOf('current deployments', moment), text, values, isHistorical(moment) ? {} : { plan: 'once' }),
  )
  const { json, last, positions } = row!
  return { body: { json, ...(last && { next: encodeCursor(list, last) }) }, positions }
}

interface PageVariant {
  moment: AsOf
  application?: string
  environment?: string
  /** The last application of the previous page. */
  after?: string
  fetched: number
}

function pageSql({ moment, application, environment, after, fetched }: PageVariant): string {
  const { visible, active, neighbours, json: recordJson } = recordsAt(moment)
  const conditions = [
    'c.tenant = $tenant',
    ...(application === undefined ? [] : ['c.application = $application']),
    ...(environment === undefined ? [] : [`c.environment_name = ${environmentNameSql('$environment')}`]),
  ]
  const past = isHistorical(moment) && slotsAsOf(active, { onlyFirst: application !== undefined, conditions })
  const further =
    after === undefined
      ? ''
      : `-- planner: the first condition repeats the second one in a form that an index supports.
        AND c.application >= $lastApplication
        AND (c.application, rank, c.environment_name) > ($lastApplication, $lastRank::int, $lastEnvironment)`
  // The index orders environments by name, the page by rank: whole applications are read, as many as a page needs, and sorted.
  return `
    WITH ${past ? `RECURSIVE ${past}, ` : ''}pipeline AS MATERIALIZED (
      SELECT array_agg(name ORDER BY rank) AS names FROM environments($tenant)
    ), ranked AS NOT MATERIALIZED (
      SELECT c.*, rank FROM ${past ? 'active' : 'deployment_current'} c CROSS JOIN LATERAL (
        SELECT coalesce(array_position((SELECT names FROM pipeline), c.environment_name), ${OUTSIDE}) AS rank
      ) environment
      WHERE ${conditions.join(' AND ')} ${further}
    ), reached AS MATERIALIZED (
      SELECT max(application) AS application
      FROM (SELECT application FROM ranked ORDER BY application, environment_name LIMIT ${fetched}) first
    ), slot_page AS MATERIALIZED (
      SELECT ranked.*, row_number() OVER (ORDER BY application, rank, environment_name) AS n FROM ranked
      WHERE application <= (SELECT application FROM reached) ORDER BY application, rank, environment_name LIMIT ${fetched}
    ), page AS MATERIALIZED (
      SELECT h.*, current.rank, current.n, ${bytesBeforeSql(recordBytes)} AS bytes_before
      FROM slot_page current JOIN ${visible} h ON h.tenant = current.tenant AND h.deployment_id = current.deployment_id
      WINDOW ${bytesWindow('ORDER BY current.n')}
    ), kept AS MATERIALIZED (${keptRowsSql('$limit')})
    SELECT
      '[' || coalesce((
        SELECT string_agg(${recordJson}, ',' ORDER BY h.n)
        FROM page h CROSS JOIN LATERAL (SELECT h.deployment_id) current ${neighbours}
        WHERE h.n <= (SELECT n FROM kept)), '') || ']' AS json,
      (SELECT json_build_array(application, rank, environment_name) FROM page
        WHERE n = (SELECT n FROM kept) AND EXISTS (SELECT FROM page WHERE n > (SELECT n FROM kept))) AS last,
      ${positionsSql('deployments')} AS positions`
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
