import type { WaitingCommit } from '#libs/api'
import { statement, type Query } from '#libs/postgres'
import { deploymentsAsOf } from '../deployment/record/versions.js'
import { nameAsOf, timesOf, type AsOf } from '../sql/as-of.js'

/** Maximum number of commits of an application in a response: the latest ones. */
export const MOST_COMMITS = 500

/** The commits of an application that a source has and a target lacks. */
export interface WaitingCommits {
  /** Latest first, at most MOST_COMMITS. */
  commits: WaitingCommit[]
  /** Number of all of them, by the tag with which each first reached the source. */
  byTag: Record<string, number>
}

/** Where to look. */
export interface CommitsRequest extends AsOf {
  tenant: string
  /** By the pipeline's names. */
  source: string
  target: string
}

/**
 * For each application the commits with a time that first reached the source with a success that finished at an instant or later, and that no
 * success in the target has brought.
 *
 * @param applications with the instant, milliseconds since 1970
 */
export async function waitingCommits(
  query: Query,
  { tenant, source, target, ...moment }: CommitsRequest,
  applications: readonly { application: string; from: number }[],
): Promise<Map<string, WaitingCommits>> {
  if (applications.length === 0) return new Map()
  const values = {
    tenant,
    source,
    target,
    ...timesOf(moment),
    applications: applications.map(({ application }) => application),
    starts: applications.map(({ from }) => new Date(from).toISOString()),
  }
  const text = moment.knownAt === undefined ? byStoredCommits(moment) : asKnown(moment)
  const rows = await query<WaitingCommits & { application: string }>(
    statement(nameAsOf('waiting commits', moment), text, values),
  )
  return new Map(rows.map(({ application, ...found }) => [application, found]))
}

/** SQL: the commits of deployments `h` that `condition` selects, with what they tell. */
const listed = (visible: string, condition: string) => `
    SELECT h.application, h.image_tag, h.deployed_at, h.finished_at, h.log_order, (c.value->>'sha') COLLATE "C" AS sha,
      (c.value->>'committedAt')::timestamptz(3) AS committed_at, c.value->'author' AS author, c.ordinality
    FROM wanted JOIN ${visible} h ON h.tenant = $tenant AND h.application = wanted.application AND ${condition} AND h.succeeded
    CROSS JOIN LATERAL json_array_elements(h.commits) WITH ORDINALITY c`

const WANTED = `wanted AS MATERIALIZED (
    SELECT * FROM unnest($applications::text[], $starts::timestamptz[]) AS wanted(application, start)
  )`

/** SQL: rows by application of a CTE `waiting`. */
const PRESENTED = `
  SELECT application, json_object_agg(image_tag, count) AS "byTag", (
    SELECT json_agg(json_strip_nulls(json_build_object('sha', sha, 'committedAt', instant(committed_at), 'author', author,
      'firstDeployedAt', instant(deployed_at))) ORDER BY committed_at DESC, sha)
    FROM (
      SELECT * FROM waiting w WHERE w.application = tag.application ORDER BY committed_at DESC, sha LIMIT ${MOST_COMMITS}
    ) latest
  ) AS commits
  FROM (SELECT application, image_tag, count(*)::integer AS count FROM waiting GROUP BY application, image_tag) tag
  GROUP BY application`

const FIRST = `
    SELECT DISTINCT ON (application, sha) * FROM brought ORDER BY application, sha, finished_at, log_order, ordinality`

function byStoredCommits({ asOf }: AsOf): string {
  const finished = asOf === undefined ? '' : 'AND c.finished_at <= $asOf::timestamptz'
  const stored = (environment: string, condition: string) => `EXISTS (
      SELECT FROM deployment_commit c
      WHERE c.tenant = $tenant AND c.sha = first.sha AND c.application = first.application AND c.environment_name = ${environment}
        AND c.succeeded AND ${condition}
    )`
  return `
  WITH ${WANTED}, brought AS MATERIALIZED (${listed(deploymentsAsOf({ asOf }), 'h.environment_name = $source AND h.finished_at >= wanted.start')}
  ), first AS MATERIALIZED (${FIRST}
  ), waiting AS MATERIALIZED (
    SELECT first.* FROM first JOIN wanted USING (application)
    WHERE NOT ${stored('$target', `true ${finished}`)} AND NOT ${stored('$source', 'c.finished_at < wanted.start')}
  )${PRESENTED}`
}

/** planner: what was known then has no index by commit, so both slots are read completely. */
function asKnown(moment: AsOf): string {
  const visible = deploymentsAsOf(moment)
  return `
  WITH ${WANTED}, brought AS MATERIALIZED (${listed(visible, 'h.environment_name = $source')}
  ), single AS MATERIALIZED (
    SELECT h.application, h.git_commit AS sha, h.environment_name, h.finished_at
    FROM wanted JOIN ${visible} h ON h.tenant = $tenant AND h.application = wanted.application AND h.environment_name IN ($source, $target)
      AND h.succeeded
    WHERE h.git_commit IS NOT NULL
  ), first AS MATERIALIZED (${FIRST}
  ), waiting AS MATERIALIZED (
    SELECT first.* FROM first JOIN wanted USING (application)
    WHERE first.finished_at >= wanted.start AND (application, sha) NOT IN (
      SELECT application, sha FROM (${listed(visible, 'h.environment_name = $target')}
      ) there
      UNION ALL SELECT application, sha FROM single WHERE environment_name = $target
      UNION ALL SELECT application, sha FROM single JOIN wanted w USING (application)
      WHERE environment_name = $source AND single.finished_at < w.start
    )
  )${PRESENTED}`
}
