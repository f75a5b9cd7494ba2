import { eventTypes } from '#libs/contracts'
import { metrics, parts } from '#libs/read-models'

export const explainText =
  'Of the deployments that finished in [`from`, `to`): `completedAt`, or `deployedAt` without it. Rates, medians and percentiles of nothing are ' +
  '`null`; an environment, or an application, without deployments has zeroes. Without `asOf` and `knownAt` the projector has done the sums ' +
  'already; with them all is judged anew among the facts that are seen.\n\n' +
  '`explain` names a metric: the answer is then the list of what is behind its number, paged. An entry a deployment (of `leadTimeForChange`: ' +
  'a commit) with `part`, which part of the number it is: counted again they give the figure. First come those that make it what it is (`failed`, ' +
  '`open`, `unplanned`...), then what is only `counted`; each newest first. `because` names the events that say so: of the deployment, ' +
  'then of those that undid it, with which it recovered, or where its tag came from; `/{id}/events` has their content.'

export const changesText =
  'The past periods whose figure is another one than was known at `since`, the earliest first; of a period that was not past by then: than was known ' +
  'at its end. `from` and `to` are the figure as it was and as it is, in the form that the metrics have (without buckets; of `deployments` the number). ' +
  '`events` are those that were recorded since and moved the figure, in the order in which they became known (within one millisecond in that of the ' +
  'log), each with the figure just before and just after. An event that left the figure as it was is not listed, nor are the events of an application ' +
  'that adds the same to the period as it was known to add. A page has `limit` events at most and may end within a period: the next page then begins ' +
  'with the same period and its further events. It may be shorter, even empty: `Link` tells whether another one follows. All is judged anew for this, ' +
  'by the pipeline as it is now, event by event; an environment and application with more than 200,000 versions of deployments is refused with 503.'

const number = { type: 'number' }
const count = { type: 'integer', minimum: 0 }
const maybe = (description: string) => ({ type: ['number', 'null'], description })
const spread = (of: string, name: string) => ({
  type: 'object',
  required: ['medianSeconds', 'p95Seconds', name],
  properties: { medianSeconds: maybe(of), p95Seconds: maybe('The 95th percentile.'), [name]: count },
})
const instant = (description: string) => ({ type: 'string', format: 'instant', description })

const figures = {
  deployments: { ...count, description: 'Finished, however.' },
  deploymentFrequency: {
    type: 'object',
    required: ['count', 'perDay', 'buckets'],
    properties: {
      count: { ...count, description: 'Successes, rolled back since or not.' },
      perDay: { ...number, description: 'By calendar day in the time zone, a day begun counting whole.' },
      buckets: {
        type: 'array',
        description: 'The empty ones too.',
        items: {
          type: 'object',
          required: ['start', 'count'],
          properties: { start: instant('The local start, also where it lies before `from`.'), count },
        },
      },
    },
  },
  changeFailRate: {
    type: 'object',
    description: 'Deployments that failed or were undone, each once, where they finished.',
    required: ['rate', 'failed', 'rolledBackReported', 'rolledBackInferred'],
    properties: { rate: maybe('0 to 1.'), failed: count, rolledBackReported: count, rolledBackInferred: count },
  },
  leadTimeForChange: spread('From the commit to the finish of the first success that brought it here.', 'commits'),
  failedDeploymentRecoveryTime: {
    type: 'object',
    required: ['medianSeconds', 'recovered', 'open'],
    properties: {
      medianSeconds: maybe('From the finish of what failed, or was undone, to that of the next success in its place.'),
      recovered: count,
      open: { ...count, description: 'Without a later success.' },
    },
  },
  reworkRate: {
    type: 'object',
    required: ['rate', 'unplanned'],
    properties: { rate: maybe('0 to 1.'), unplanned: count },
  },
  deploymentDuration: spread('Of successes with `completedAt`.', 'count'),
  promotionLeadTime: spread('Of a tag: from its first success where the pipeline begins to its first here.', 'tags'),
}

const metricsSchema = {
  type: 'object',
  required: ['environment', 'from', 'to', 'timezone', ...metrics],
  properties: {
    environment: { type: 'string', description: 'By the name of the pipeline.' },
    application: { type: 'string' },
    from: instant('Included.'),
    to: instant('Excluded.'),
    timezone: { type: 'string' },
    ...figures,
  },
}

const behind = {
  type: 'array',
  items: {
    type: 'object',
    required: ['deploymentId', 'application', 'environment', 'imageTag', 'finishedAt', 'part', 'because'],
    properties: {
      deploymentId: { type: 'string', format: 'uuid' },
      application: { type: 'string' },
      environment: { type: 'string' },
      imageTag: { type: 'string' },
      finishedAt: instant('Which puts it into the window.'),
      part: { type: 'string', enum: [...parts] },
      seconds: { type: 'number', description: 'Where the figure is made of times.' },
      commit: {
        type: 'object',
        required: ['sha', 'committedAt'],
        properties: { sha: { type: 'string' }, committedAt: instant('Where the lead time begins.') },
      },
      because: {
        type: 'array',
        items: {
          type: 'object',
          required: ['deploymentId', 'type', 'position', 'eventId'],
          properties: {
            deploymentId: { type: 'string', format: 'uuid' },
            type: { type: 'string', description: '`type` of the CloudEvent.' },
            position: { type: 'string', description: 'In the log: `<partition>:<seq>`.' },
            eventId: { type: 'string', format: 'uuid', description: '`id` of the CloudEvent.' },
          },
        },
      },
    },
  },
}

const figure = { description: 'The metric as the metrics have it, without buckets.', type: ['object', 'integer'] }

const changes = {
  type: 'array',
  items: {
    type: 'object',
    required: ['start', 'end', 'from', 'to', 'events'],
    properties: {
      start: instant('Included.'),
      end: instant('Excluded.'),
      from: figure,
      to: figure,
      events: {
        type: 'array',
        items: {
          type: 'object',
          required: ['position', 'eventId', 'type', 'deploymentId', 'application', 'time', 'recordedAt', 'from', 'to'],
          properties: {
            position: { type: 'string', description: 'In the log: `<partition>:<seq>`.' },
            eventId: { type: 'string', format: 'uuid', description: '`id` of the CloudEvent.' },
            type: { type: 'string', description: '`type` of the CloudEvent.' },
            deploymentId: { type: 'string', format: 'uuid' },
            application: { type: 'string' },
            time: instant('When it happened.'),
            recordedAt: instant('When we learned of it.'),
            from: figure,
            to: figure,
          },
        },
      },
    },
  },
}

/** What the answers consist of. */
export const schemas = { metricsOrBehind: { oneOf: [metricsSchema, behind] }, changes }

/** Answers as they look. */
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
