import { formatInstant } from '#libs/contracts'
import { positionsSql, type QueryResult, type Page } from '../../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../../sql/cursor.js'
import { recordBytes, recordsAt } from '../presented/record.js'
import { isHistorical, nameAsOf, timesOf, type AsOf } from '../../sql/as-of.js'
import { bytesBeforeSql, bytesWindow, keptRowsSql, rowsFetched } from '../../sql/page-rows.js'
import { environmentValues, isEnvironmentSql, simplifiedEnvironment } from '../../pipeline/environment.js'
import { applicationValues, isApplicationSql, simplified, type OneOrMore } from '../../sql/filter.js'
import { hasLabelsSql, labelsOf, labelValues, type LabelFilter } from '../label/labels.js'
import { statement, type Query } from '#libs/postgres'
import { slotsAsOf } from './past.js'
import { runningSinceAsKnown, runningSinceJoin, type ActiveTag } from './running-since.js'

export interface CurrentRequest {
  tenant: string
  /** Of several applications, or environments, any matches; the active deployment has all of the labels. */
  filters: { application?: OneOrMore; environment?: OneOrMore; label?: LabelFilter }
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
 * last, by name; optionally as of a time. Each has `runningSince`, when its tag became active there, over deployments of the same tag. With
 * `knownAt` the statements must see one snapshot. Throws InvalidCursor.
 */
export async function currentPage(query: Query, request: CurrentRequest): Promise<QueryResult<Page>> {
  const { tenant, limit, cursor, moment = {} } = request
  const [application, environment] = [
    simplified(request.filters.application),
    simplifiedEnvironment(request.filters.environment),
  ]
  const label = labelsOf(request.filters.label)
  const list = { list: 'current', application, environment, label, asOf: moment.asOf, knownAt: moment.knownAt }
  const [lastApplication, lastRank, lastEnvironment] =
    cursor === undefined ? [] : decodeCursor(cursor, list, isCursorKey)
  const text = pageSql({ moment, application, environment, label, after: lastApplication, fetched: rowsFetched(limit) })
  const values = {
    tenant,
    limit,
    ...timesOf(moment),
    ...applicationValues(application),
    ...environmentValues(environment),
    ...labelValues(label),
    lastApplication,
    lastRank,
    lastEnvironment,
    ...(isHistorical(moment) && {
      firstApplication: typeof application === 'string' ? application : (lastApplication ?? ''),
    }),
  }
  const [row] = await query<PageRow>(
    statement(nameAsOf('current deployments', moment), text, values, isHistorical(moment) ? {} : { plan: 'once' }),
  )
  const { last, positions } = row!
  const json = 'records' in row! ? await withRunningSince(query, { tenant, ...moment }, row) : row!.json
  return { body: { json, ...(last && { next: encodeCursor(list, last) }) }, positions }
}

interface KnownRecords {
  records: string[]
  slots: ActiveTag[]
}

type PageRow = ({ json: string } | KnownRecords) & {
  last: [application: string, rank: number, environment: string] | null
  positions: string
}

async function withRunningSince(
  query: Query,
  moment: AsOf & { tenant: string },
  { records, slots }: KnownRecords,
): Promise<string> {
  const since = await runningSinceAsKnown(query, moment, slots)
  const whole = records.map(
    (record, n) => `${record.slice(0, -1)},"runningSince":"${formatInstant(new Date(since[n]!))}"}`,
  )
  return `[${whole.join(',')}]`
}

interface PageVariant {
  moment: AsOf
  application?: OneOrMore
  environment?: OneOrMore
  label?: LabelFilter
  /** The last application of the previous page. */
  after?: string
  fetched: number
}

function pageSql({ moment, application, environment, label, after, fetched }: PageVariant): string {
  const { visible, active, neighbours, json: recordJson } = recordsAt(moment)
  const filtersOf = (slot: string) =>
    [
      isApplicationSql(`${slot}.application`, application),
      isEnvironmentSql(`${slot}.environment_name`, environment),
    ].filter(condition => condition !== undefined)
  const conditions = ['c.tenant = $tenant', ...filtersOf('c')]
  // planner: an index has the slots of an application, and of an application and environment.
  const within = application === undefined ? [] : filtersOf('h')
  const labels = hasLabelsSql(isHistorical(moment) ? 'found' : 'c', label)
  const past = isHistorical(moment) && slotsAsOf(active, { within, conditions, labels })
  const further =
    after === undefined
      ? ''
      : `-- planner: the first condition repeats the second one in a form that an index supports.
        AND c.application >= $lastApplication
        AND (c.application, rank, c.environment_name) > ($lastApplication, $lastRank::int, $lastEnvironment)`
  const ofPage = `FROM page h CROSS JOIN LATERAL (SELECT h.deployment_id) current ${neighbours}`
  const kept = 'WHERE h.n <= (SELECT n FROM kept)'
  const presented = `'[' || coalesce((
        SELECT string_agg(concat(left(${recordJson}, -1), ',"runningSince":"' || instant(running.since) || '"', '}'), ',' ORDER BY h.n)
        ${ofPage} ${runningSinceJoin(moment)} ${kept}), '') || ']' AS json`
  const presentedAsKnown = `ARRAY(SELECT ${recordJson} ${ofPage} ${kept} ORDER BY h.n) AS records,
      coalesce((
        SELECT json_agg(json_build_array(h.application, h.environment_name, h.image_tag) ORDER BY h.n) FROM page h ${kept}), '[]') AS slots`
  // The index orders environments by name, the page by rank: whole applications are read, as many as a page needs, and sorted.
  return `
    WITH ${past ? `RECURSIVE ${past}, ` : ''}pipeline AS MATERIALIZED (
      SELECT array_agg(name ORDER BY rank) AS names FROM environments($tenant)
    ), ranked AS NOT MATERIALIZED (
      SELECT c.*, rank FROM ${past ? 'active' : 'deployment_current'} c CROSS JOIN LATERAL (
        SELECT coalesce(array_position((SELECT names FROM pipeline), c.environment_name), ${OUTSIDE}) AS rank
      ) environment
      WHERE ${[...conditions, ...(past ? [] : labels)].join(' AND ')} ${further}
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
      ${moment.knownAt === undefined ? presented : presentedAsKnown},
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
