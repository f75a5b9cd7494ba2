import type { DeploymentRecord } from '#libs/contracts'
import { positionsSql, type QueryResult } from '../../sql/query-result.js'
import { sameSlot, startOf } from '../record/index-lookups.js'
import { recordsAt, type RecordsAt } from '../presented/record.js'
import { nameAsOf, timesOf, type AsOf } from '../../sql/as-of.js'
import { environmentKeyOf, environmentNameSql } from '../../pipeline/environment.js'
import { statement, type Query } from '#libs/postgres'
import { slotOfProblem } from './slot.js'

/** A record as in the API. */
export type PresentedRecord = Omit<DeploymentRecord, 'succeeded'> & { active: boolean; recordedAt: string }

/** The problem: a deployment, or the active one in an environment. */
export type RollbackSearch = {
  tenant: string
  /** Now by default. */
  moment?: AsOf
} & (
  | { deploymentId: string; application?: string; environment?: string }
  | { deploymentId?: undefined; application: string; environment: string }
)

/** The deployment that has undone another one, and whether that was reported or inferred. */
export interface UndoneBy {
  id: string
  imageTag: string
  deployedAt: string
  detected: 'reported' | 'inferred'
}

/** A deployment between a problem and its rollback target. */
export interface Between {
  deployment: PresentedRecord
  undoneBy?: UndoneBy
}

/** The result of searching a rollback target. */
export interface RollbackCandidates {
  /** The deployment to roll back; `undefined` if there is none. */
  problem?: PresentedRecord
  /** The latest success before it, in its slot, with another tag, neither rolled back nor undone. */
  target?: PresentedRecord
  /** The deployments between them, newest first; without a target, all before the problem. */
  between: Between[]
  /** Whether there are more between them than listed. */
  more: boolean
}

const MOST_BETWEEN = 500

/** Finds the rollback target of a deployment, or of the active one in an environment. */
export async function findRollback(query: Query, search: RollbackSearch): Promise<QueryResult<RollbackCandidates>> {
  const { moment = {} } = search
  const { tenant, deploymentId, application, environment } = search
  const values = { tenant, deploymentId, application, environment: environmentKeyOf(environment), ...timesOf(moment) }
  const [row] = await query<{
    problem: PresentedRecord | null
    target: PresentedRecord | null
    passed_over: { deployment: PresentedRecord; undoneBy: UndoneBy | null }[] | null
    positions: string
  }>(statement(nameAsOf('rollback target', moment), rollbackSql(search, moment), values))
  const { problem, target, passed_over: between, positions } = row!
  return {
    body: {
      ...(problem && { problem }),
      ...(target && { target }),
      between: (between ?? []).slice(0, MOST_BETWEEN).map(({ deployment, undoneBy }) => {
        return { deployment, ...(undoneBy && { undoneBy }) }
      }),
      more: (between?.length ?? 0) > MOST_BETWEEN,
    },
    positions,
  }
}

function rollbackSql(search: RollbackSearch, moment: AsOf): string {
  const records = recordsAt(moment)
  const { visible, joins, json } = records
  const { ctes, relation } = slotOfProblem(moment, visible)
  const beforeProblem = `${sameSlot('h', 'problem')} AND ${startOf('h')} < ${startOf('problem')}`
  return `
    WITH problem AS MATERIALIZED (
      ${problemSql(search, records)}
    )${ctes}, target AS MATERIALIZED (
      SELECT earlier.* FROM problem CROSS JOIN LATERAL (
        SELECT h.* FROM ${relation} h
        WHERE ${beforeProblem} AND h.status = 'DEPLOYED' AND h.image_tag <> problem.image_tag AND h.undone_by IS NULL
        ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT 1
      ) earlier
    ), passed_over AS MATERIALIZED (
      SELECT earlier.* FROM problem LEFT JOIN target ON true CROSS JOIN LATERAL (
        SELECT h.* FROM ${relation} h
        WHERE ${beforeProblem} AND ${startOf('h')} > (coalesce(target.deployed_at, '-infinity'), coalesce(target.log_order, 0))
        ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT ${MOST_BETWEEN + 1}
      ) earlier
    ), part AS (
      SELECT 'problem' AS part, deployment_id, NULL::uuid AS undone_by, NULL AS detected FROM problem
      UNION ALL SELECT 'target', deployment_id, undone_by, detected FROM target
      UNION ALL SELECT 'between', deployment_id, undone_by, detected FROM passed_over
    ), found AS MATERIALIZED (
      SELECT h.*, part, undone_by, detected FROM part JOIN ${visible} h ON h.tenant = $tenant AND h.deployment_id = part.deployment_id
    ), records AS (
      SELECT h.part, h.deployed_at, h.log_order, (${json})::json AS record, CASE WHEN undoer.deployment_id IS NOT NULL THEN
        json_build_object('id', undoer.deployment_id, 'imageTag', undoer.image_tag, 'deployedAt', instant(undoer.deployed_at),
          'detected', h.detected) END AS undone_by
      FROM found h ${joins} LEFT JOIN ${visible} undoer ON undoer.tenant = h.tenant AND undoer.deployment_id = h.undone_by
    )
    SELECT
      (SELECT record FROM records WHERE part = 'problem') AS problem,
      (SELECT record FROM records WHERE part = 'target') AS target,
      (SELECT json_agg(json_build_object('deployment', record, 'undoneBy', undone_by) ORDER BY deployed_at DESC, log_order DESC)
        FROM records WHERE part = 'between') AS passed_over,
      ${positionsSql('deployments')} AS positions`
}

function problemSql({ application, environment, deploymentId }: RollbackSearch, records: RecordsAt): string {
  const { visible, active } = records
  if (deploymentId === undefined) {
    return `SELECT h.* FROM (
        SELECT $tenant::text AS tenant, $application::text AS application,
          ${environmentNameSql('$environment')} AS environment_name
      ) slot CROSS JOIN LATERAL (${active.in('slot', 'true')}) active
      JOIN ${visible} h ON h.tenant = $tenant AND h.deployment_id = active.deployment_id`
  }
  return `SELECT h.* FROM ${visible} h WHERE h.tenant = $tenant AND h.deployment_id = $deploymentId
    ${application === undefined ? '' : 'AND h.application = $application'}
    ${environment === undefined ? '' : `AND h.environment_name = ${environmentNameSql('$environment')}`}`
}
