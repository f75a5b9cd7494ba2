import { positionsSql, type Answer, type JsonText } from '../answer.js'
import { deploymentsSeen } from '../deployment-history/as-of.js'
import { runningAt, type Running } from '../deployment-history/running.js'
import { kindOf, type Bind, type Moment } from '../moment.js'
import { statementName, type Query } from '../query.js'

interface PathSelection {
  tenant: string
  /** All of them where left out. */
  application?: string
  /** Now where left out. */
  moment?: Moment
}

/** The statement's name, and SQL of a path: which deployments `h` of `FROM` belong to it, when they arrived, when what they brought was committed, and what is told of an arrival. */
interface Path {
  name: string
  from: string
  conditions: string[]
  arrivedAt: string
  committedAt: string
  members: string
}

/**
 * The way of a tag: where it succeeded, by which deployment first, by start and log, and whether it runs there; by application, then in the order of the pipeline,
 * environments outside it last, by name. `from` is the nearest earlier environment of the pipeline where it had succeeded by then.
 * `undefined` where no such tag was to be seen; empty where it never succeeded.
 */
export function tagPath(
  query: Query,
  { tenant, imageTag, application, moment = {} }: PathSelection & { imageTag: string },
): Promise<Answer<JsonText | undefined>> {
  const values: unknown[] = [tenant, imageTag]
  const bind = (value: unknown) => `$${values.push(value)}`
  const seen = deploymentsSeen(moment, bind)
  const path: Path = {
    name: statementName(`path of a tag ${kindOf(moment)}`, { application }),
    from: `${seen} h`,
    conditions: ['h.tenant = $1 AND h.image_tag = $2', ...ofApplication(application, bind)],
    arrivedAt: 'h.deployed_at',
    committedAt: 'NULL::timestamptz',
    members: `'firstDeployedAt', instant(h.arrived_at)`,
  }
  return answerPath(query, runningAt(moment, seen, bind), path, values)
}

/**
 * The way of a commit: when it reached each environment, by which success first, by finish and log, and whether the tag of that one runs
 * there; in the same order.
 * `leadTimeSeconds` is from the commit to that finish. `undefined` where no deployment was seen to bring it; empty where none succeeded.
 */
export function commitPath(
  query: Query,
  { tenant, sha, application, moment = {} }: PathSelection & { sha: string },
): Promise<Answer<JsonText | undefined>> {
  const values: unknown[] = [tenant, sha]
  const bind = (value: unknown) => `$${values.push(value)}`
  const seen = deploymentsSeen(moment, bind)
  const path: Path = {
    name: statementName(`path of a commit ${kindOf(moment)}`, { application }),
    from: `(${bringing(moment)}) brought JOIN ${seen} h ON h.tenant = $1 AND h.deployment_id = brought.deployment_id`,
    conditions: ['(brought.committed_at IS NOT NULL OR h.git_commit = $2)', ...ofApplication(application, bind)],
    arrivedAt: 'h.finished_at',
    committedAt: 'brought.committed_at',
    members: `'imageTag', h.image_tag, 'deployedAt', instant(h.deployed_at), 'completedAt', instant(h.completed_at),
      'committedAt', instant(h.committed_at), 'leadTimeSeconds', ${seconds('h.finished_at - h.committed_at')}`,
  }
  return answerPath(query, runningAt(moment, seen, bind), path, values)
}

// A deployment's list of commits stays; the single one may have been another one before a correction.
function bringing({ knownAt }: Moment): string {
  const present = 'SELECT c.deployment_id, c.committed_at FROM deployment_commit c WHERE c.tenant = $1 AND c.sha = $2'
  if (knownAt === undefined) return present
  return `SELECT deployment_id, max(committed_at) AS committed_at FROM (
      ${present} UNION ALL SELECT s.deployment_id, NULL FROM deployment_superseded s WHERE s.tenant = $1 AND s.git_commit = $2
    ) ever GROUP BY deployment_id`
}

function ofApplication(application: string | undefined, bind: Bind): string[] {
  return application === undefined ? [] : [`h.application = ${bind(application)}`]
}

const seconds = (interval: string) => `trim_scale(extract(epoch FROM ${interval}))`

async function answerPath(
  query: Query,
  running: Running,
  { name, from, conditions, arrivedAt, committedAt, members }: Path,
  values: unknown[],
): Promise<Answer<JsonText | undefined>> {
  const text = `
    WITH named AS MATERIALIZED (
      SELECT h.*, ${arrivedAt} AS arrived_at, ${committedAt} AS committed_at FROM ${from} WHERE ${conditions.join(' AND ')}
    ), arrival AS MATERIALIZED (
      SELECT DISTINCT ON (h.application, h.environment_name) h.*, pipeline.rank
      FROM named h LEFT JOIN environments($1) pipeline ON pipeline.name = h.environment_name
      WHERE h.succeeded ORDER BY h.application, h.environment_name, h.arrived_at, h.log_order
    )
    SELECT (SELECT count(*) FROM named) > 0 AS known, '[' || coalesce((
        SELECT string_agg(json_strip_nulls(json_build_object(
          'application', h.application, 'environment', h.environment_name, 'deploymentId', h.deployment_id, ${members},
          'from', previous.environment_name, 'secondsAfterPrevious', ${seconds('h.arrived_at - previous.arrived_at')},
          'active', coalesce(active.image_tag = h.image_tag, false)))::text,
          ',' ORDER BY h.application, h.rank, h.environment_name)
        FROM arrival h
        LEFT JOIN LATERAL (
          SELECT earlier.environment_name, earlier.arrived_at FROM arrival earlier
          WHERE earlier.application = h.application AND earlier.rank < h.rank AND earlier.arrived_at <= h.arrived_at
          ORDER BY earlier.rank DESC LIMIT 1
        ) previous ON true
        LEFT JOIN LATERAL (${running.in('h', 'true')}) running ON true
        LEFT JOIN deployment_history active ON active.tenant = $1 AND active.deployment_id = running.deployment_id
      ), '') || ']' AS json, ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ known: boolean; json: string; positions: string }>({ name, text, values })
  const { known, json, positions } = row!
  return { body: known ? json : undefined, positions }
}
