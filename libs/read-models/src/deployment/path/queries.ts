import { positionsSql, type QueryResult, type Page } from '../../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../../sql/cursor.js'
import { deploymentsAsOf } from '../record/versions.js'
import { columnsOf, orderedBy, tagColumns, withTagOf } from '../record/index-lookups.js'
import { activeAt, type ActiveJoin } from '../record/active.js'
import { kindOf, type Bind, type AsOf } from '../../sql/as-of.js'
import { statementName, type Query } from '#libs/postgres'

interface PathSelection {
  tenant: string
  /** All by default. */
  application?: string
  /** Now by default. */
  moment?: AsOf
  /** Maximum number of arrivals, 1 to 500. */
  limit: number
  cursor?: string
}

/** End of a page of a path: application, rank in the pipeline, environment. */
type CursorKey = [application: string, rank: number, environment: string]

/** A path: CTEs that end in `arrival`, the arrivals `h` with `arrived_at` and `committed_at`; whether it is known; and the JSON of an arrival. */
interface Path {
  name: string
  arrivals: string
  known: string
  members: string
}

/** Rank of an environment outside the pipeline. */
const OUTSIDE = 32_767
const LIMIT = '$3::integer'

/**
 * The path of a tag: the environments in which it succeeded, the first deployment in each by start and log, and whether it is active there;
 * by application, then in the order of the pipeline, environments outside it last, by name. `from` is the nearest earlier environment of
 * the pipeline in which it had succeeded by then. `undefined` if the tag is not visible; empty if it never succeeded. Throws InvalidCursor.
 */
export function tagPath(
  query: Query,
  { imageTag, ...selection }: PathSelection & { imageTag: string },
): Promise<QueryResult<Page | undefined>> {
  return readPath(
    query,
    { path: 'tag', name: imageTag, ...selection },
    ({ application, from, moment, seen: visible, bind }) => {
      const first = bind(application ?? from?.[0] ?? '')
      const only = application === undefined ? '' : `AND h.application = ${first}`
      const known = application === undefined ? '' : `AND h.application = ${bind(application)}`
      // A tag may have many deployments: each slot is found by one index lookup, and its first success by another one.
      const arrivals = `place AS (
      SELECT $1::text COLLATE "C" AS tenant, $2::text COLLATE "C" AS image_tag, ${first}::text COLLATE "C" AS application,
        ''::text COLLATE "C" AS environment_name, NULL::uuid AS deployment_id, 0 AS found, 0 AS found_before
      UNION ALL
      SELECT $1, $2, next.application, next.environment_name, first.deployment_id,
        place.found + (next.application > ${first} AND first.deployment_id IS NOT NULL)::integer,
        CASE WHEN next.application = place.application THEN place.found_before ELSE place.found END
      FROM place CROSS JOIN LATERAL (
        SELECT h.tenant, h.image_tag, h.application, h.environment_name FROM ${visible} h
        WHERE h.tenant = $1 AND h.image_tag = $2 AND (${columnsOf('h', tagColumns)}) > (${columnsOf('place', tagColumns)}) ${only}
        ORDER BY ${orderedBy('h', tagColumns)} LIMIT 1
      ) next LEFT JOIN LATERAL (
        SELECT h.deployment_id FROM ${visible} h WHERE ${withTagOf('h', 'next', 'h.succeeded')} LIMIT 1
      ) first ON true
      WHERE place.found_before <= ${LIMIT}
    ), arrival AS MATERIALIZED (
      SELECT h.application, h.environment_name, h.deployment_id, h.image_tag, h.log_order, h.deployed_at AS arrived_at
      FROM place JOIN ${visible} h ON h.tenant = $1 AND h.deployment_id = place.deployment_id
    )`
      return {
        name: statementName(`path of a tag ${kindOf(moment)}`, { application, on: from }),
        arrivals,
        known: `EXISTS (SELECT FROM ${visible} h WHERE h.tenant = $1 AND h.image_tag = $2 ${known})`,
        members: `'firstDeployedAt', instant(h.arrived_at)`,
      }
    },
  )
}

/**
 * The path of a commit: when it reached each environment, the first success by finish and log that brought it, and whether its tag is
 * active there, in the same order. `leadTimeSeconds` is the time from the commit to that finish. `undefined` if no visible deployment
 * brought it; empty if none succeeded. Throws InvalidCursor.
 */
export function commitPath(
  query: Query,
  { sha, ...selection }: PathSelection & { sha: string },
): Promise<QueryResult<Page | undefined>> {
  return readPath(
    query,
    { path: 'commit', name: sha, ...selection },
    ({ application, from, moment, seen: visible, bind }) => {
      const filter = application === undefined ? '' : `AND h.application = ${bind(application)}`
      const further = from === undefined ? '' : `AND h.application >= ${bind(from[0])}`
      const arrivals = `bringing AS MATERIALIZED (
      SELECT h.application, h.environment_name, h.deployment_id, h.image_tag, h.deployed_at, h.completed_at, h.finished_at,
        h.log_order, h.succeeded, brought.committed_at
      FROM (${bringing(moment)}) brought JOIN ${visible} h ON h.tenant = $1 AND h.deployment_id = brought.deployment_id
      WHERE (brought.committed_at IS NOT NULL OR h.git_commit = $2) ${filter}
    ), arrival AS MATERIALIZED (
      SELECT DISTINCT ON (h.application, h.environment_name) h.*, h.finished_at AS arrived_at FROM bringing h
      WHERE h.succeeded ${further} ORDER BY h.application, h.environment_name, h.finished_at, h.log_order
    )`
      return {
        name: statementName(`path of a commit ${kindOf(moment)}`, { application, on: from }),
        arrivals,
        known: 'EXISTS (SELECT FROM bringing)',
        members: `'imageTag', h.image_tag, 'deployedAt', instant(h.deployed_at), 'completedAt', instant(h.completed_at),
        'committedAt', instant(h.committed_at), 'leadTimeSeconds', ${seconds('h.finished_at - h.committed_at')}`,
      }
    },
  )
}

// A deployment's list of commits never changes; its single commit may have been corrected.
function bringing({ knownAt }: AsOf): string {
  const present = 'SELECT c.deployment_id, c.committed_at FROM deployment_commit c WHERE c.tenant = $1 AND c.sha = $2'
  if (knownAt === undefined) return present
  return `SELECT deployment_id, max(committed_at) AS committed_at FROM (
      ${present} UNION ALL SELECT s.deployment_id, NULL FROM deployment_superseded s WHERE s.tenant = $1 AND s.git_commit = $2
    ) ever GROUP BY deployment_id`
}

const seconds = (interval: string) => `trim_scale(extract(epoch FROM ${interval}))`

interface PathRequest {
  application: string | undefined
  /** End of the previous page. */
  from: CursorKey | undefined
  moment: AsOf
  /** SQL: a relation of deployments. */
  seen: string
  bind: Bind
}

async function readPath(
  query: Query,
  { tenant, path, name, application, moment = {}, limit, cursor }: PathSelection & { path: string; name: string },
  pathOf: (request: PathRequest) => Path,
): Promise<QueryResult<Page | undefined>> {
  const list = { list: `path of a ${path}`, name, application, asOf: moment.asOf, knownAt: moment.knownAt }
  const values: unknown[] = [tenant, name, limit]
  const bind = (value: unknown) => `$${values.push(value)}`
  const from = cursor === undefined ? undefined : decodeCursor(cursor, list, isCursorKey)
  const visible = deploymentsAsOf(moment, bind)
  const active: ActiveJoin = activeAt(moment, visible, bind)
  const { name: statement, arrivals, known, members } = pathOf({ application, from, moment, seen: visible, bind })
  const [afterApplication, afterRank, afterEnvironment] = from?.map(bind) ?? []
  const further = from
    ? `WHERE (application, rank, environment_name) > (${afterApplication}, ${afterRank}::int, ${afterEnvironment})`
    : ''
  // `arrival` has whole applications, enough for this page: `from` is computed before the page is cut out.
  const text = `
    WITH RECURSIVE ${arrivals}, ranked AS MATERIALIZED (
      SELECT arrival.*, coalesce(pipeline.rank, ${OUTSIDE}) AS rank
      FROM arrival LEFT JOIN environments($1) pipeline ON pipeline.name = arrival.environment_name
    ), page AS MATERIALIZED (
      SELECT *, row_number() OVER (ORDER BY application, rank, environment_name) AS n FROM ranked ${further}
      ORDER BY application, rank, environment_name LIMIT ${LIMIT} + 1
    )
    SELECT ${known} AS known, '[' || coalesce((
        SELECT string_agg(json_strip_nulls(json_build_object(
          'application', h.application, 'environment', h.environment_name, 'deploymentId', h.deployment_id, ${members},
          'from', previous.environment_name, 'secondsAfterPrevious', ${seconds('h.arrived_at - previous.arrived_at')},
          'active', coalesce(active.image_tag = h.image_tag, false)))::text, ',' ORDER BY h.n)
        FROM (SELECT $1::text AS tenant, page.* FROM page WHERE n <= ${LIMIT}) h
        LEFT JOIN LATERAL (
          SELECT earlier.environment_name, earlier.arrived_at FROM ranked earlier
          WHERE earlier.application = h.application AND earlier.rank < h.rank AND h.rank < ${OUTSIDE} AND earlier.arrived_at <= h.arrived_at
          ORDER BY earlier.rank DESC LIMIT 1
        ) previous ON true
        LEFT JOIN LATERAL (${active.in('h', 'true')}) running ON true
        LEFT JOIN deployment_history active ON active.tenant = $1 AND active.deployment_id = running.deployment_id), '') || ']' AS json,
      (SELECT json_build_array(application, rank, environment_name) FROM page
        WHERE n = ${LIMIT} AND EXISTS (SELECT FROM page WHERE n > ${LIMIT})) AS last,
      ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ known: boolean; json: string; last: CursorKey | null; positions: string }>({
    name: statement,
    text,
    values,
  })
  const { json, last, positions } = row!
  const page = { json, ...(last && { next: encodeCursor(list, last) }) }
  return { body: row!.known ? page : undefined, positions }
}

function isCursorKey(cursorKey: unknown[]): cursorKey is CursorKey {
  const [application, rank, environment] = cursorKey
  const isRank = Number.isInteger(rank) && (rank as number) >= 0 && (rank as number) <= OUTSIDE
  return cursorKey.length === 3 && typeof application === 'string' && isRank && typeof environment === 'string'
}
