import { eventTypes } from '#libs/contracts'
import { metrics, parts } from '#libs/read-models'

export const explainText =
  'Covers the deployments that finished in [`from`, `to`), by `completedAt`, or by `deployedAt` if it is missing. Times are in seconds. Rates, ' +
  'medians and percentiles without data are `null`. An unknown environment or application has zeros. Without `asOf` and `knownAt` the ' +
  'response comes from precomputed counters; with them it is computed on demand.\n\n' +
  '`explain` names a metric. The response is then a paged list of the deployments (for `leadTimeForChange`: commits) that contribute to it. ' +
  '`part` is what an entry contributes. Entries that make up the metric (`failed`, `open`, `unplanned`, ...) come first, those that are only ' +
  '`counted` last; each group newest first. `because` lists the events behind the entry: those of the deployment, then those of the ' +
  'deployments that rolled it back, recovered from it or first brought its tag. `GET .../deployments/{id}/events` returns their data.'

export const changesText =
  'Lists the past periods in which a metric differs from its value as known at `since` (or at the end of the period, if that is later), earliest ' +
  'first. `from` and `to` are the old and the current value, in the form of the metrics response without buckets; for `deployments` a number. ' +
  '`events` are the events recorded since then that changed the value, in the order of their recording, each with the value before and after it. ' +
  'Events that did not change the value are omitted, as are those of applications whose contribution to the period is unchanged. A page has at ' +
  'most `limit` events and may end within a period, with which the next page then begins; it may also be shorter or empty: only the header ' +
  '`Link` tells whether another page follows. The values are recomputed on demand with the current pipeline; more than 200,000 versions of ' +
  'deployments in one environment and application are refused with 503. An unknown environment or application has an empty list.'

const number = { type: 'number' }
const count = { type: 'integer', minimum: 0 }
const maybe = (description: string) => ({ type: ['number', 'null'], description })
const spread = (of: string, name: string, counted: string) => ({
  type: 'object',
  required: ['medianSeconds', 'p95Seconds', name],
  description: of,
  properties: {
    medianSeconds: maybe('Median in seconds.'),
    p95Seconds: maybe('95th percentile in seconds.'),
    [name]: { ...count, description: counted },
  },
})
const instant = (description: string) => ({ type: 'string', format: 'instant', description })

const metricSchemas = {
  deployments: { ...count, description: 'Number of finished deployments with any status.' },
  deploymentFrequency: {
    type: 'object',
    required: ['count', 'perDay', 'buckets'],
    properties: {
      count: { ...count, description: 'Number of successes, later rolled back or not.' },
      perDay: {
        ...number,
        description: 'Successes per calendar day in `timezone`; a partial day counts as a whole one.',
      },
      buckets: {
        type: 'array',
        description: 'All buckets of the window, empty ones included.',
        items: {
          type: 'object',
          required: ['start', 'count'],
          properties: { start: instant('Start of the bucket in `timezone`; may be before `from`.'), count },
        },
      },
    },
  },
  changeFailRate: {
    type: 'object',
    description: 'Deployments that failed or were rolled back, each counted once, at the time of their finish.',
    required: ['rate', 'failed', 'rolledBackReported', 'rolledBackInferred'],
    properties: {
      rate: maybe('Fraction of `deployments`, from 0 to 1.'),
      failed: { ...count, description: 'Number with the status FAILED.' },
      rolledBackReported: { ...count, description: 'Number whose rollback was reported.' },
      rolledBackInferred: { ...count, description: 'Number whose rollback was inferred.' },
    },
  },
  leadTimeForChange: spread(
    'Time from a commit to the finish of the first success with it in this environment.',
    'commits',
    'Number of commits.',
  ),
  failedDeploymentRecoveryTime: {
    type: 'object',
    required: ['medianSeconds', 'recovered', 'open'],
    properties: {
      medianSeconds: maybe(
        'Median seconds from the finish of a failed or rolled back deployment to that of the next success of its application.',
      ),
      recovered: { ...count, description: 'Number followed by a success.' },
      open: { ...count, description: 'Number without a later success.' },
    },
  },
  reworkRate: {
    type: 'object',
    required: ['rate', 'unplanned'],
    properties: {
      rate: maybe('Fraction of `deployments`, from 0 to 1.'),
      unplanned: { ...count, description: 'Number of unplanned deployments.' },
    },
  },
  deploymentDuration: spread(
    'Time from start to finish of successes with `completedAt`.',
    'count',
    'Number of successes.',
  ),
  promotionLeadTime: spread(
    'Time from the first success of a tag in the first environment of the pipeline to its first success here.',
    'tags',
    'Number of tags.',
  ),
}

const metricsSchema = {
  type: 'object',
  required: ['environment', 'from', 'to', 'timezone', ...metrics],
  properties: {
    environment: { type: 'string', description: 'Name of the environment in the pipeline.' },
    application: { type: 'string' },
    from: instant('Start of the window, inclusive.'),
    to: instant('End of the window, exclusive.'),
    timezone: { type: 'string' },
    ...metricSchemas,
  },
}

const contributions = {
  type: 'array',
  items: {
    type: 'object',
    required: ['deploymentId', 'application', 'environment', 'imageTag', 'finishedAt', 'part', 'because'],
    properties: {
      deploymentId: { type: 'string', format: 'uuid' },
      application: { type: 'string' },
      environment: { type: 'string' },
      imageTag: { type: 'string' },
      finishedAt: instant('Finish of the deployment, within the window.'),
      part: { type: 'string', enum: [...parts], description: 'What the entry contributes to the metric.' },
      seconds: { type: 'number', description: 'Contributed time in seconds, for metrics of times.' },
      commit: {
        type: 'object',
        required: ['sha', 'committedAt'],
        properties: { sha: { type: 'string' }, committedAt: instant('Time of the commit: start of the lead time.') },
      },
      because: {
        type: 'array',
        items: {
          type: 'object',
          required: ['deploymentId', 'type', 'position', 'eventId'],
          properties: {
            deploymentId: { type: 'string', format: 'uuid' },
            type: { type: 'string', description: 'Type of the CloudEvent.' },
            position: { type: 'string', description: 'Position of the event in the log. Opaque.' },
            eventId: { type: 'string', format: 'uuid', description: 'Id of the CloudEvent.' },
          },
        },
      },
    },
  },
}

const metricValue = {
  description: 'Value of the metric in the form of the metrics response, without buckets.',
  type: ['object', 'integer'],
}

const changes = {
  type: 'array',
  items: {
    type: 'object',
    required: ['start', 'end', 'from', 'to', 'events'],
    properties: {
      start: instant('Start of the period, inclusive.'),
      end: instant('End of the period, exclusive.'),
      from: metricValue,
      to: metricValue,
      events: {
        type: 'array',
        items: {
          type: 'object',
          required: ['position', 'eventId', 'type', 'deploymentId', 'application', 'time', 'recordedAt', 'from', 'to'],
          properties: {
            position: { type: 'string', description: 'Position of the event in the log. Opaque.' },
            eventId: { type: 'string', format: 'uuid', description: 'Id of the CloudEvent.' },
            type: { type: 'string', description: 'Type of the CloudEvent.' },
            deploymentId: { type: 'string', format: 'uuid' },
            application: { type: 'string' },
            time: instant('Time at which it happened.'),
            recordedAt: instant('Time at which Shiplog recorded the event.'),
            from: metricValue,
            to: metricValue,
          },
        },
      },
    },
  },
}

/** Schemas of the responses. */
export const schemas = { metricsOrContributions: { oneOf: [metricsSchema, contributions] }, changes }

/** Example responses. */
export const examples = {
  metrics: {
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
    changeFailRate: { rate: 0.25, failed: 1, rolledBackReported: 0, rolledBackInferred: 0 },
    leadTimeForChange: { medianSeconds: 5400, p95Seconds: 9000, commits: 5 },
    failedDeploymentRecoveryTime: { medianSeconds: 3840, recovered: 1, open: 0 },
    reworkRate: { rate: 0.25, unplanned: 1 },
    deploymentDuration: { medianSeconds: 300, p95Seconds: 462, count: 3 },
    promotionLeadTime: { medianSeconds: 86_400, p95Seconds: 86_400, tags: 1 },
  },
  changes: [
    {
      start: '2026-01-01T00:00:00Z',
      end: '2026-02-01T00:00:00Z',
      from: { rate: 0, failed: 0, rolledBackReported: 0, rolledBackInferred: 0 },
      to: { rate: 0.05, failed: 1, rolledBackReported: 0, rolledBackInferred: 0 },
      events: [
        {
          position: '3:52',
          eventId: '0198c0de-0000-7000-8000-000000000052',
          type: eventTypes.DeploymentRecorded.ceType,
          deploymentId: '0198c0de-0000-7000-8000-000000000003',
          application: 'platform',
          time: '2026-01-17T09:00:00Z',
          recordedAt: '2026-02-12T09:01:00.42Z',
          from: { rate: 0, failed: 0, rolledBackReported: 0, rolledBackInferred: 0 },
          to: { rate: 0.05, failed: 1, rolledBackReported: 0, rolledBackInferred: 0 },
        },
      ],
    },
  ],
}
