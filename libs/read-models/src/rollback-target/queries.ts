import type { DeploymentRecord } from '#libs/contracts'
import { positionsSql, type Answer } from '../answer.js'
import { environmentNameOf } from '../deployment-history/fold.js'
import { recordJoins, recordJson } from '../deployment-history/record.js'
import type { Query } from '../query.js'

/** A record as the API has it. */
export type AnsweredRecord = Omit<DeploymentRecord, 'succeeded'> & { active: boolean; recordedAt: string }

export interface RollbackSearch {
  tenant: string
  /** Of the problem; what runs there is it where no deployment is named. */
  application?: string
  environment?: string
  deploymentId?: string
}

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

const samePlace = (a: string, b: string) =>
  `${a}.tenant = ${b}.tenant AND ${a}.application = ${b}.application AND ${a}.environment_name = ${b}.environment_name`
const order = (alias: string) => `(${alias}.deployed_at, ${alias}.log_order)`
const recordsOf = (table: string) =>
  `(SELECT json_agg(${recordJson} ORDER BY h.deployed_at DESC, h.log_order DESC) FROM ${table} h ${recordJoins})`

/** Finds where a deployment, or what runs in an environment, can be rolled back to. */
export async function findRollback(query: Query, search: RollbackSearch): Promise<Answer<RollbackCandidates>> {
  const { tenant, application, environment, deploymentId } = search
  const values: unknown[] = [tenant]
  const bind = (value: unknown) => `$${values.push(value)}`
  const narrow = (column: string, value: string | undefined) =>
    value === undefined ? '' : `AND h.${column} = ${bind(value)}`
  const text = `
    WITH problem AS MATERIALIZED (
      SELECT h.* FROM read_v1.deployment_history h
      ${deploymentId === undefined ? 'JOIN read_v1.deployment_current c USING (tenant, deployment_id)' : ''}
      WHERE h.tenant = $1 ${narrow('deployment_id', deploymentId)} ${narrow('application', application)}
        ${narrow('environment_name', environment && environmentNameOf(tenant, environment))}
    ), target AS MATERIALIZED (
      SELECT earlier.* FROM problem CROSS JOIN LATERAL (
        SELECT h.* FROM read_v1.deployment_history h
        WHERE ${samePlace('h', 'problem')} AND ${order('h')} < ${order('problem')}
          AND h.status = 'DEPLOYED' AND h.image_tag <> problem.image_tag
        ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT 1
      ) earlier
    ), between AS MATERIALIZED (
      SELECT earlier.* FROM problem LEFT JOIN target ON true CROSS JOIN LATERAL (
        SELECT h.* FROM read_v1.deployment_history h
        WHERE ${samePlace('h', 'problem')} AND ${order('h')} < ${order('problem')}
          AND (target.tenant IS NULL OR ${order('h')} > ${order('target')})
        ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT ${MOST_BETWEEN + 1}
      ) earlier
    )
    SELECT ${recordsOf('problem')} AS problem, ${recordsOf('target')} AS target, ${recordsOf('between')} AS between,
      ${positionsSql('deployments')} AS positions`
  const [row] = await query<{
    problem: AnsweredRecord[] | null
    target: AnsweredRecord[] | null
    between: AnsweredRecord[] | null
    positions: string
  }>({ text, values })
  const { problem, target, between, positions } = row!
  return {
    body: {
      ...(problem && { problem: problem[0] }),
      ...(target && { target: target[0] }),
      between: between?.slice(0, MOST_BETWEEN) ?? [],
      more: (between?.length ?? 0) > MOST_BETWEEN,
    },
    positions,
  }
}
