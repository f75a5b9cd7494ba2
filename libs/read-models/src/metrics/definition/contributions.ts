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

// Of the row `page`, which is such an `m`.
const undoing = `CASE page.failure_kind WHEN 'reported' THEN named_by WHEN 'inferred' THEN ARRAY[undone_by] END`

const ran = 'NOT m.cancelled'

/** The contributions of each metric. @param isFailure SQL: `isFaultSql` */
export const contributions = (isFailure: string): { [M in Metric]: Contribution } => ({
  deployments: { condition: ran },
  deploymentFrequency: { condition: 'm.succeeded' },
  cancelled: { condition: 'm.cancelled' },
  changeFailRate: {
    condition: ran,
    part: `CASE WHEN ${isFailure} THEN CASE m.failure_kind WHEN 'failed' THEN 'failed' WHEN 'reported' THEN 'rolledBackReported'
      ELSE 'rolledBackInferred' END ELSE 'counted' END`,
    others: undoing,
  },
  leadTimeForChange: { condition: 'true', value: 'c.lead_ms' },
  failedDeploymentRecoveryTime: {
    condition: isFailure,
    part: `CASE WHEN m.recovered_at IS NULL THEN 'open' ELSE 'recovered' END`,
    value: millisecondsSql('m.finished_at', 'm.recovered_at'),
    others: `${undoing} || recovery.deployment_id`,
  },
  reworkRate: { condition: ran, part: `CASE WHEN m.unplanned THEN 'unplanned' ELSE 'counted' END` },
  deploymentDuration: { condition: 'm.duration_ms IS NOT NULL', value: 'm.duration_ms' },
  promotionLeadTime: {
    condition: 'm.promotion_lead_ms IS NOT NULL',
    value: 'm.promotion_lead_ms',
    others: 'ARRAY[origin_id]',
  },
})

/** SQL: whether a row `m` is a failure. */
export function isFailureSql(rollbacks: MetricValuesRequest['rollbacks']): string {
  return rollbacks === 'reported' ? `coalesce(m.failure_kind <> 'inferred', false)` : 'm.failure_kind IS NOT NULL'
}
