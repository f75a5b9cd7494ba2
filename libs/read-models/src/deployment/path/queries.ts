import { positionsSql, type QueryResult, type Page } from '../../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../../sql/cursor.js'
import { deploymentsAsOf } from '../record/versions.js'
import { columnsOf, orderedBy, tagColumns, withTagOf } from '../record/index-lookups.js'
import { activeAt } from '../record/active.js'
import { nameAsOf, timesOf, type AsOf } from '../../sql/as-of.js'
import { namesOfCommit, type CommitSource } from '../commit/resolve.js'
import { statement, type Query } from '#libs/postgres'

/** Where commits are that versions of deployments had. */
const PAST_SOURCES: CommitSource[] = ['deployment_superseded', 'deployment_changed_commit']

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

/** SQL of a path, by the parameters `$tenant`, `$name` and `$limit`, and what `PathVariant` says. */
interface Path {
  /** CTEs that end in `arrival`: rows `h` with `arrived_at` and `committed_at`. */
  arrivals: string
  /** Whether the tag or commit is known. */
  known: string
  /** Members of the JSON of an arrival. */
  members: string
  /** Further parameters. */
  values?: Record<string, unknown>
}

/** Rank of an environment outside the pipeline. */
const OUTSIDE = 32_767
const LIMIT = '$limit::integer'

/**
 * The path of a tag: the environments in which it succeeded, the first deployment in each by start and log, and whether it is active there;
 * by application, then in the order of the pipeline, environments outside it last, by name. `from` is the nearest earlier environment of
 * the pipeline in which it had succeeded by then. `undefined` if the tag is not visible; empty if it never succeeded. Throws InvalidCursor.
 */
export function tagPath(
  query: Query,
  { imageTag, ...selection }: PathSelection & { imageTag: string },
): Promise<QueryResult<Page | undefined>> {
  return readPath(query, { kind: 'tag', name: imageTag, ...selection }, ({ application, from, visible }) => {
    const only = application === undefined ? '' : 'AND h.application = $firstApplication'
    // planner: a tag may have many deployments: each slot is found by one index lookup, and its first success by another one.
    const arrivals = `slot AS (
      SELECT $tenant::text COLLATE "C" AS tenant, $name::text COLLATE "C" AS image_tag,
        $firstApplication::text COLLATE "C" AS application, ''::text COLLATE "C" AS environment_name,
        NULL::uuid AS deployment_id, 0 AS found, 0 AS found_before
      UNION ALL
      SELECT $tenant, $name, next.application, next.environment_name, first.deployment_id,
        slot.found + (next.application > $firstApplication AND first.deployment_id IS NOT NULL)::integer,
        CASE WHEN next.application = slot.application THEN slot.found_before ELSE slot.found END
      FROM slot CROSS JOIN LATERAL (
        SELECT h.tenant, h.image_tag, h.application, h.environment_name FROM ${visible} h
        WHERE h.tenant = $tenant AND h.image_tag = $name AND (${columnsOf('h', tagColumns)}) > (${columnsOf('slot', tagColumns)}) ${only}
        ORDER BY ${orderedBy('h', tagColumns)} LIMIT 1
      ) next LEFT JOIN LATERAL (
        SELECT h.deployment_id FROM ${visible} h WHERE ${withTagOf('h', 'next', 'h.succeeded')} LIMIT 1
      ) first ON true
      WHERE slot.found_before <= ${LIMIT}
    ), arrival AS MATERIALIZED (
      SELECT h.application, h.environment_name, h.deployment_id, h.image_tag, h.log_order, h.deployed_at AS arrived_at
      FROM slot JOIN ${visible} h ON h.tenant = $tenant AND h.deployment_id = slot.deployment_id
    )`
    return {
      arrivals,
      known: `EXISTS (SELECT FROM ${visible} h WHERE h.tenant = $tenant AND h.image_tag = $name ${only})`,
      members: `'firstDeployedAt', instant(h.arrived_at)`,
      values: { name: imageTag, firstApplication: application ?? from?.[0] ?? '' },
    }
  })
}

/**
 * The path of a commit: when it reached each environment, the first success by finish and log that brought it, and whether its tag is
 * active there, in the same order. `leadTimeSeconds` is the time from the commit to that finish. `undefined` if no visible deployment
 * brought it; empty if none succeeded. A hash may be abbreviated (`namesOfCommit`). The statements must see one snapshot. Throws
 * InvalidCursor, AmbiguousCommit.
 */
export async function commitPath(
  query: Query,
  { sha, ...selection }: PathSelection & { sha: string },
): Promise<QueryResult<Page | undefined>> {
  const { tenant, application: only, moment: { knownAt } = {} } = selection
  const sources: CommitSource[] = ['deployment_commit', ...(knownAt === undefined ? [] : PAST_SOURCES)]
  const names = await namesOfCommit(query, { tenant, application: only, name: sha, sources })
  return readPath(query, { kind: 'commit', name: sha, ...selection }, ({ application, from, moment, visible }) => {
    const filter = application === undefined ? '' : 'AND h.application = $application'
    const further = from === undefined ? '' : 'AND h.application >= $lastApplication'
    const arrivals = `bringing AS MATERIALIZED (
      SELECT h.application, h.environment_name, h.deployment_id, h.image_tag, h.deployed_at, h.completed_at, h.finished_at,
        h.log_order, h.succeeded, brought.committed_at
      FROM ${bringing(moment, visible)}
      WHERE (brought.committed_at IS NOT NULL OR h.git_commit = ANY ($names)) ${filter}
    ), arrival AS MATERIALIZED (
      SELECT DISTINCT ON (h.application, h.environment_name) h.*, h.finished_at AS arrived_at FROM bringing h
      WHERE h.succeeded ${further} ORDER BY h.application, h.environment_name, h.finished_at, h.log_order
    )`
    return {
      arrivals,
      known: 'EXISTS (SELECT FROM bringing)',
      members: `'imageTag', h.image_tag, 'deployedAt', instant(h.deployed_at), 'completedAt', instant(h.completed_at),
        'committedAt', instant(h.committed_at), 'leadTimeSeconds', ${seconds('h.finished_at - h.committed_at')}`,
      values: { application, names },
    }
  })
}

/**
 * SQL: relations, for FROM: the visible deployments `h` that may have the commit, and `brought` with the time that their list states. A
 * deployment whose list has changed may have had the commit in any of its versions: the list of the visible one decides.
 */
function bringing({ knownAt }: AsOf, visible: string): string {
  const now = `SELECT c.deployment_id, max(c.committed_at) AS committed_at FROM deployment_commit c
        WHERE c.tenant = $tenant AND c.sha = ANY ($names) GROUP BY c.deployment_id`
  const deployment = (brought: string) =>
    `${visible} h ON h.tenant = $tenant AND h.deployment_id = ${brought}.deployment_id`
  if (knownAt === undefined) return `(${now}) brought JOIN ${deployment('brought')}`
  return `(
        SELECT deployment_id, max(committed_at) AS committed_at, bool_or(changed) AS changed FROM (
          SELECT now.*, false AS changed FROM (${now}) now
          UNION ALL SELECT s.deployment_id, NULL, false FROM deployment_superseded s WHERE s.tenant = $tenant AND s.git_commit = ANY ($names)
          UNION ALL SELECT c.deployment_id, NULL, true FROM deployment_changed_commit c WHERE c.tenant = $tenant AND c.sha = ANY ($names)
        ) each GROUP BY deployment_id
      ) ever JOIN ${deployment('ever')} CROSS JOIN LATERAL (
        SELECT CASE WHEN ever.changed THEN (
          SELECT (value->>'committedAt')::timestamptz(3) FROM json_array_elements(h.commits) WITH ORDINALITY
          WHERE value->>'sha' = ANY ($names) ORDER BY ordinality LIMIT 1
        ) ELSE ever.committed_at END AS committed_at
      ) brought`
}

const seconds = (interval: string) => `trim_scale(extract(epoch FROM ${interval}))`

/** What the SQL of a path depends on. */
interface PathVariant {
  application: string | undefined
  /** End of the previous page. */
  from: CursorKey | undefined
  moment: AsOf
  /** SQL: a relation of deployments. */
  visible: string
}

async function readPath(
  query: Query,
  { tenant, kind, name, application, moment = {}, limit, cursor }: PathSelection & { kind: string; name: string },
  pathOf: (variant: PathVariant) => Path,
): Promise<QueryResult<Page | undefined>> {
  const list = { list: `path of a ${kind}`, name, application, asOf: moment.asOf, knownAt: moment.knownAt }
  const from = cursor === undefined ? undefined : decodeCursor(cursor, list, isCursorKey)
  const [lastApplication, lastRank, lastEnvironment] = from ?? []
  const visible = deploymentsAsOf(moment)
  const path = pathOf({ application, from, moment, visible })
  const values = { tenant, limit, ...timesOf(moment), ...path.values, lastApplication, lastRank, lastEnvironment }
  const [row] = await query<{ known: boolean; json: string; last: CursorKey | null; positions: string }>(
    statement(
      nameAsOf(`path of a ${kind}`, moment),
      pathSql(path, { moment, visible, isContinued: from !== undefined }),
      values,
    ),
  )
  const { json, last, positions } = row!
  const page = { json, ...(last && { next: encodeCursor(list, last) }) }
  return { body: row!.known ? page : undefined, positions }
}

function pathSql(
  { arrivals, known, members }: Path,
  { moment, visible, isContinued }: { moment: AsOf; visible: string; isContinued: boolean },
): string {
  const active = activeAt(moment, visible)
  const further = isContinued
    ? 'WHERE (application, rank, environment_name) > ($lastApplication, $lastRank::int, $lastEnvironment)'
    : ''
  // `arrival` has whole applications, enough for this page: `from` is computed before the page is cut out.
  return `
    WITH RECURSIVE ${arrivals}, ranked AS MATERIALIZED (
      SELECT arrival.*, coalesce(pipeline.rank, ${OUTSIDE}) AS rank
      FROM arrival LEFT JOIN environments($tenant) pipeline ON pipeline.name = arrival.environment_name
    ), page AS MATERIALIZED (
      SELECT *, row_number() OVER (ORDER BY application, rank, environment_name) AS n FROM ranked ${further}
      ORDER BY application, rank, environment_name LIMIT ${LIMIT} + 1
    )
    SELECT ${known} AS known, '[' || coalesce((
        SELECT string_agg(json_strip_nulls(json_build_object(
          'application', h.application, 'environment', h.environment_name, 'deploymentId', h.deployment_id, ${members},
          'from', previous.environment_name, 'secondsAfterPrevious', ${seconds('h.arrived_at - previous.arrived_at')},
          'active', coalesce(active.image_tag = h.image_tag, false)))::text, ',' ORDER BY h.n)
        FROM (SELECT $tenant::text AS tenant, page.* FROM page WHERE n <= ${LIMIT}) h
        LEFT JOIN LATERAL (
          SELECT earlier.environment_name, earlier.arrived_at FROM ranked earlier
          WHERE earlier.application = h.application AND earlier.rank < h.rank AND h.rank < ${OUTSIDE} AND earlier.arrived_at <= h.arrived_at
          ORDER BY earlier.rank DESC LIMIT 1
        ) previous ON true
        LEFT JOIN LATERAL (${active.in('h', 'true')}) slot ON true
        LEFT JOIN ${moment.knownAt === undefined ? 'deployment_history' : visible} active ON active.tenant = $tenant AND active.deployment_id = slot.deployment_id), '') || ']' AS json,
      (SELECT json_build_array(application, rank, environment_name) FROM page
        WHERE n = ${LIMIT} AND EXISTS (SELECT FROM page WHERE n > ${LIMIT})) AS last,
      ${positionsSql('deployments')} AS positions`
}

function isCursorKey(cursorKey: unknown[]): cursorKey is CursorKey {
  const [application, rank, environment] = cursorKey
  const isRank = Number.isInteger(rank) && (rank as number) >= 0 && (rank as number) <= OUTSIDE
  return cursorKey.length === 3 && typeof application === 'string' && isRank && typeof environment === 'string'
}
