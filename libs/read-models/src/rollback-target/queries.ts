import type { DeploymentRecord } from '#libs/contracts'
import { positionsSql, type Answer } from '../answer.js'
import { samePlace, startOf } from '../deployment-history/probes.js'
import { recordJoins, recordJson } from '../deployment-history/record.js'
import { environmentNameSql } from '../promotion-rules/environment.js'
import type { Query } from '../query.js'

/** A record as the API has it. */
export type AnsweredRecord = Omit<DeploymentRecord, 'succeeded'> & { active: boolean; recordedAt: string }

/** What is to be rolled back: a deployment, or what runs somewhere. */
export type RollbackSearch = { tenant: string } & (
  | { deploymentId: string; application?: string; environment?: string }
  | { deploymentId?: undefined; application: string; environment: string }
)

/** What was found for a rollback of a problem. */
export interface RollbackCandidates {
  /** The deployment to get rid of; `undefined`: there is none such. */
  problem?: AnsweredRecord
  /** The latest success before it, in its place, with another tag and not rolled back. */
  target?: AnsweredRecord
  /** What lies between them, newest first; without a target: all that is before the problem. */
  between: AnsweredRecord[]
  /** Whether more lie between them than are listed. */
  more: boolean
}

const MOST_BETWEEN = 500

/** Finds where a deployment, or what runs in an environment, can be rolled back to. */
export async function findRollback(query: Query, search: RollbackSearch): Promise<Answer<RollbackCandidates>> {
  const { tenant, application, environment, deploymentId } = search
  const values: unknown[] = [tenant]
  const bind = (value: unknown) => `$${values.push(value)}`
  const named = deploymentId === undefined ? 'c' : 'h'
  const narrow = (column: string, sql: string | undefined) =>
    sql === undefined ? '' : `AND ${named}.${column} = ${sql}`
  const text = `
    WITH problem AS MATERIALIZED (
      SELECT h.* FROM ${deploymentId === undefined ? 'deployment_current c JOIN' : ''} deployment_history h
      ${deploymentId === undefined ? 'ON h.tenant = c.tenant AND h.deployment_id = c.deployment_id' : ''}
      WHERE ${named}.tenant = $1 ${narrow('deployment_id', deploymentId && bind(deploymentId))}
        ${narrow('application', application && bind(application))}
        ${narrow('environment_name', environment && environmentNameSql('$1', environment, bind))}
    ), target AS MATERIALIZED (
      SELECT earlier.* FROM problem CROSS JOIN LATERAL (
        SELECT h.* FROM deployment_history h
        WHERE ${samePlace('h', 'problem')} AND ${startOf('h')} < ${startOf('problem')}
          AND h.status = 'DEPLOYED' AND h.image_tag <> problem.image_tag
        ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT 1
      ) earlier
    ), between AS MATERIALIZED (
      SELECT earlier.* FROM problem LEFT JOIN target ON true CROSS JOIN LATERAL (
        SELECT h.* FROM deployment_history h
        WHERE ${samePlace('h', 'problem')} AND ${startOf('h')} < ${startOf('problem')}
          AND ${startOf('h')} > (coalesce(target.deployed_at, '-infinity'), coalesce(target.log_order, 0))
        ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT ${MOST_BETWEEN + 1}
      ) earlier
    ), found AS (
      SELECT 'problem' AS part, * FROM problem
      UNION ALL SELECT 'target', * FROM target
      UNION ALL SELECT 'between', * FROM between
    ), records AS (
      SELECT h.part, h.deployed_at, h.log_order, (${recordJson})::json AS record FROM found h ${recordJoins}
    )
    SELECT
      (SELECT record FROM records WHERE part = 'problem') AS problem,
      (SELECT record FROM records WHERE part = 'target') AS target,
      (SELECT json_agg(record ORDER BY deployed_at DESC, log_order DESC) FROM records WHERE part = 'between') AS between,
      ${positionsSql('deployments')} AS positions`
  const [row] = await query<{
    problem: AnsweredRecord | null
    target: AnsweredRecord | null
    between: AnsweredRecord[] | null
    positions: string
  }>({ text, values })
  const { problem, target, between, positions } = row!
  return {
    body: {
      ...(problem && { problem }),
      ...(target && { target }),
      between: between?.slice(0, MOST_BETWEEN) ?? [],
      more: (between?.length ?? 0) > MOST_BETWEEN,
    },
    positions,
  }
}
