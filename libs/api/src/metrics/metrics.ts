import { named } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { arrayOf, instant, response, string, typed } from '../schema/parts.js'

/** The metrics, in the order of responses. */
export const metrics = [
  'deployments',
  'deploymentFrequency',
  'cancelled',
  'changeFailRate',
  'leadTimeForChange',
  'failedDeploymentRecoveryTime',
  'reworkRate',
  'deploymentDuration',
  'promotionLeadTime',
] as const
export type Metric = (typeof metrics)[number]

const count = (description: string) => ({ type: 'integer', minimum: 0, description }) as const
const maybe = (description: string) => ({ type: ['number', 'null'], description }) as const
const spread = {
  medianSeconds: maybe('Median in seconds.'),
  p95Seconds: maybe('95th percentile in seconds.'),
}

const frequency = {
  count: count('Number of successes, later rolled back or not.'),
  perDay: typed('number', 'Successes per calendar day in `timezone`; a partial day counts as a whole one.'),
}
const bucket = named(
  'FrequencyBucket',
  response(
    {
      start: instant('Start of the bucket in `timezone`; may be before `from`.'),
      count: count('Number of successes in the bucket.'),
    },
    ['start', 'count'],
  ),
)
const deploymentFrequency = named('DeploymentFrequency', {
  ...response({ ...frequency, buckets: arrayOf(bucket, 'All buckets of the window, empty ones included.') }, [
    'count',
    'perDay',
    'buckets',
  ]),
  description: 'How often a deployment succeeds.',
})
const failures = {
  rate: maybe('Fraction of `deployments`, from 0 to 1.'),
  failed: count('Number with the status FAILED.'),
  rolledBackReported: count('Number whose rollback was reported.'),
  rolledBackInferred: count('Number whose rollback was inferred.'),
  incidents: count('Number of the others with an incident.'),
}
const ofFailures = ['rate', 'failed', 'rolledBackReported', 'rolledBackInferred', 'incidents'] as const
const changeFailRate = named('ChangeFailRate', {
  ...response(
    {
      ...failures,
      unattributed: count(
        'Number of incidents that started in the window and belong to no deployment: none was active in their application and environment, ' +
          'or the one that they name is unknown or elsewhere. They are in no rate.',
      ),
    },
    [...ofFailures, 'unattributed'],
  ),
  description:
    'Deployments that failed, were rolled back or had an incident, each counted once, at the time of their finish.',
})
const leadTimeForChange = named('LeadTimeForChange', {
  ...response({ ...spread, commits: count('Number of commits.') }, ['medianSeconds', 'p95Seconds', 'commits']),
  description: 'Time from a commit to the finish of the first success with it in this environment.',
})
const failedDeploymentRecoveryTime = named('FailedDeploymentRecoveryTime', {
  ...response(
    {
      medianSeconds: maybe('Median in seconds.'),
      recovered: count('Number that have recovered.'),
      open: count('Number that have not.'),
    },
    ['medianSeconds', 'recovered', 'open'],
  ),
  description:
    'Time from the finish of a failed or rolled back deployment to that of the next success of its application; of one with incidents from the ' +
    'start of the first one to the resolution of the last one, or while one is open, to the finish of the next success.',
})
const reworkRate = named('ReworkRate', {
  ...response(
    { rate: maybe('Fraction of `deployments`, from 0 to 1.'), unplanned: count('Number of unplanned deployments.') },
    ['rate', 'unplanned'],
  ),
  description: 'Deployments that a production incident caused.',
})
const deploymentDuration = named('DeploymentDuration', {
  ...response({ ...spread, count: count('Number of successes.') }, ['medianSeconds', 'p95Seconds', 'count']),
  description: 'Time from start to finish of successes with `completedAt`.',
})
const promotionLeadTime = named('PromotionLeadTime', {
  ...response({ ...spread, tags: count('Number of tags.') }, ['medianSeconds', 'p95Seconds', 'tags']),
  description:
    'Time from the first success of a tag in the first environment of the pipeline to its first success here.',
})
const deployments = count('Number of finished deployments with any status but CANCELLED.')
const cancelled = count('Number of deployments with the status CANCELLED. They are in no other metric.')

/** The metrics of an environment in a window. */
export const metricsSchema = named(
  'Metrics',
  response(
    {
      environment: string('Name of the environment in the pipeline, if it is one.'),
      environments: arrayOf(
        string('Name of the environment in the pipeline.'),
        'The environments, if they are several.',
      ),
      application: string('Name of the application, if the request named one.'),
      applications: arrayOf(string('Name of the application.'), 'The applications, if the request named several.'),
      labels: arrayOf(
        string('A label, as `key=value`.'),
        'The labels of the counted deployments, if the request named any.',
      ),
      from: instant('Start of the window, inclusive.'),
      to: instant('End of the window, exclusive.'),
      timezone: string('Time zone of days and buckets (IANA).'),
      deployments,
      deploymentFrequency,
      cancelled,
      changeFailRate,
      leadTimeForChange,
      failedDeploymentRecoveryTime,
      reworkRate,
      deploymentDuration,
      promotionLeadTime,
    },
    ['from', 'to', 'timezone', ...metrics],
  ),
)
export type MetricsResponse = FromSchema<typeof metricsSchema>

/** The value of any metric, without buckets. */
export const metricValueSchema = named('MetricValue', {
  description:
    'Value of the metric in the form of the metrics response, without `buckets` and `unattributed`; of `deployments` and `cancelled` a number.',
  oneOf: [
    deployments,
    named('DeploymentFrequencyValue', response(frequency, ['count', 'perDay'])),
    named('ChangeFailRateValue', response(failures, ofFailures)),
    leadTimeForChange,
    failedDeploymentRecoveryTime,
    reworkRate,
    deploymentDuration,
    promotionLeadTime,
  ],
})

export const metricsExample: MetricsResponse = {
  environment: 'production',
  from: '2026-02-11T00:00:00Z',
  to: '2026-02-13T00:00:00Z',
  timezone: 'UTC',
  deployments: 4,
  deploymentFrequency: {
    count: 3,
    perDay: 1.5,
    buckets: [
      { start: '2026-02-11T00:00:00Z', count: 1 },
      { start: '2026-02-12T00:00:00Z', count: 2 },
    ],
  },
  cancelled: 1,
  changeFailRate: {
    rate: 0.5,
    failed: 1,
    rolledBackReported: 0,
    rolledBackInferred: 0,
    incidents: 1,
    unattributed: 0,
  },
  leadTimeForChange: { medianSeconds: 5400, p95Seconds: 9000, commits: 5 },
  failedDeploymentRecoveryTime: { medianSeconds: 3270, recovered: 2, open: 0 },
  reworkRate: { rate: 0.25, unplanned: 1 },
  deploymentDuration: { medianSeconds: 300, p95Seconds: 462, count: 3 },
  promotionLeadTime: { medianSeconds: 86_400, p95Seconds: 86_400, tags: 1 },
}
