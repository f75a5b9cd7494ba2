import type { MetricValuesRequest } from './metric-values.js'
import { millisecondsSql } from './finish-order.js'
import type { Metric } from '#libs/api'

/** The rows `m`, like those of deployment_metric, that contribute to a metric, and how. */
interface Contribution {
  /** SQL: condition of the contributing rows `m`. */
  condition: string
  /** SQL: the name of the part. */
  part?: string
  /** SQL: milliseconds, if the metric has them. */
  value?: string
  /** SQL: an array of the other deployments that cause it, for a page of explain. */
  others?: string
}

type Rollbacks = MetricValuesRequest['rollbacks']

const ran = 'NOT m.cancelled'

/** The contributions of each metric. */
export const contributions = (rollbacks: Rollbacks): { [M in Metric]: Contribution } => {
  // Of the row `page`, which is such an `m`.
  const undoing = `CASE ${failureKindSql(rollbacks, 'page')} WHEN 'reported' THEN named_by WHEN 'inferred' THEN ARRAY[undone_by] END`
  return {
    deployments: { condition: ran },
    deploymentFrequency: { condition: 'm.succeeded' },
    cancelled: { condition: 'm.cancelled' },
    changeFailRate: {
      condition: ran,
      part: `CASE ${failureKindSql(rollbacks)} WHEN 'failed' THEN 'failed' WHEN 'reported' THEN 'rolledBackReported'
        WHEN 'inferred' THEN 'rolledBackInferred' WHEN 'incident' THEN 'incidents' ELSE 'counted' END`,
      others: undoing,
    },
    leadTimeForChange: { condition: 'true', value: 'c.lead_ms' },
    failedDeploymentRecoveryTime: {
      condition: isFailureSql(rollbacks),
      part: `CASE WHEN ${recoveredAtSql(rollbacks)} IS NULL THEN 'open' ELSE 'recovered' END`,
      value: recoveryMsSql(rollbacks),
      others: `${undoing} || recovery.deployment_id`,
    },
    reworkRate: { condition: ran, part: `CASE WHEN m.unplanned THEN 'unplanned' ELSE 'counted' END` },
    deploymentDuration: { condition: 'm.duration_ms IS NOT NULL', value: 'm.duration_ms' },
    promotionLeadTime: {
      condition: 'm.promotion_lead_ms IS NOT NULL',
      value: 'm.promotion_lead_ms',
      others: 'ARRAY[origin_id]',
    },
  }
}

/**
 * SQL: the kind of the failure that a row is; NULL without one. If inferred rollbacks do not count, such a deployment is a failure if it had
 * an incident.
 */
export function failureKindSql(rollbacks: Rollbacks, m = 'm'): string {
  if (rollbacks === 'all') return `${m}.failure_kind`
  return `(CASE WHEN ${m}.failure_kind <> 'inferred' THEN ${m}.failure_kind WHEN ${m}.incident_at IS NOT NULL THEN 'incident' END)`
}

/** SQL: whether a row `m` is a failure. */
export function isFailureSql(rollbacks: Rollbacks): string {
  return `${failureKindSql(rollbacks)} IS NOT NULL`
}

/** SQL: when a row that is a failure has recovered; NULL if it has not. */
export function recoveredAtSql(rollbacks: Rollbacks, m = 'm'): string {
  if (rollbacks === 'all') return `${m}.recovered_at`
  return `(CASE WHEN ${m}.incident_at IS NULL THEN ${m}.recovered_at ELSE ${m}.incident_recovered_at END)`
}

/** SQL: milliseconds of the recovery of a row `m` that is a failure: from its finish, or from the start of its first incident. */
export function recoveryMsSql(rollbacks: Rollbacks): string {
  const failedAt = `CASE WHEN ${failureKindSql(rollbacks)} = 'incident' THEN m.incident_at ELSE m.finished_at END`
  return millisecondsSql(failedAt, recoveredAtSql(rollbacks))
}
