import type { Metric, MetricsResponse } from '#libs/api'
import type { MetricValues, MetricValuesRequest } from './metric-values.js'
import { simplifiedScope } from './scope.js'

const rate = (part: number, all: number) => (all === 0 ? null : part / all)
const seconds = (ms: number | null) => (ms === null ? null : ms / 1000)

/** Each metric by its values. Rates, medians and percentiles without values are `null`. */
export const metricOf = {
  deployments: ({ deployments }: MetricValues) => deployments,
  deploymentFrequency: ({ successes, days, buckets }: MetricValues) => ({
    count: successes,
    perDay: successes / days,
    buckets,
  }),
  cancelled: ({ cancelled }: MetricValues) => cancelled,
  changeFailRate: ({ failed, reported, inferred, incidents, unattributed, deployments }: MetricValues) => ({
    rate: rate(failed + reported + inferred + incidents, deployments),
    failed,
    rolledBackReported: reported,
    rolledBackInferred: inferred,
    incidents,
    unattributed,
  }),
  leadTimeForChange: ({ leadTime: { median, p95, n } }: MetricValues) => ({
    medianSeconds: seconds(median),
    p95Seconds: seconds(p95),
    commits: n,
  }),
  failedDeploymentRecoveryTime: ({ recovery, recovered, open }: MetricValues) => ({
    medianSeconds: seconds(recovery.median),
    recovered,
    open,
  }),
  reworkRate: ({ unplanned, deployments }: MetricValues) => ({ rate: rate(unplanned, deployments), unplanned }),
  deploymentDuration: ({ duration: { median, p95, n } }: MetricValues) => ({
    medianSeconds: seconds(median),
    p95Seconds: seconds(p95),
    count: n,
  }),
  promotionLeadTime: ({ promotionLead: { median, p95, n } }: MetricValues) => ({
    medianSeconds: seconds(median),
    p95Seconds: seconds(p95),
    tags: n,
  }),
} satisfies { [M in Metric]: (metricValues: MetricValues) => unknown }

/** Presents metric values. @param timezone as requested */
export function metricsResponse(
  { from, to, ...scope }: Pick<MetricValuesRequest, 'application' | 'label' | 'from' | 'to'>,
  timezone: string,
  metricValues: MetricValues,
): MetricsResponse {
  const { application, label } = simplifiedScope(scope)
  const { environment, environments = [environment!] } = metricValues
  return {
    ...(environments.length === 1 ? { environment: environments[0]! } : { environments }),
    ...(typeof application === 'string' && { application }),
    ...(Array.isArray(application) && { applications: application }),
    ...(label && { labels: label }),
    from,
    to,
    timezone,
    deployments: metricValues.deployments,
    deploymentFrequency: metricOf.deploymentFrequency(metricValues),
    cancelled: metricValues.cancelled,
    changeFailRate: metricOf.changeFailRate(metricValues),
    leadTimeForChange: metricOf.leadTimeForChange(metricValues),
    failedDeploymentRecoveryTime: metricOf.failedDeploymentRecoveryTime(metricValues),
    reworkRate: metricOf.reworkRate(metricValues),
    deploymentDuration: metricOf.deploymentDuration(metricValues),
    promotionLeadTime: metricOf.promotionLeadTime(metricValues),
  }
}
