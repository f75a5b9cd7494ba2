import { named } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { arrayOf, enumOf, instant, positionOf, response, string, typed, uuid } from '../schema/parts.js'

/** What an entry contributes to a metric, in the order of responses. */
export const parts = [
  'failed',
  'rolledBackReported',
  'rolledBackInferred',
  'incidents',
  'recovered',
  'open',
  'unplanned',
  'counted',
] as const

const commit = named('ContributedCommit', {
  ...response(
    { sha: string('Hash of the commit.'), committedAt: instant('Time of the commit: start of the lead time.') },
    ['sha', 'committedAt'],
  ),
  description: 'The commit whose lead time the entry is; only for `leadTimeForChange`.',
})
const event = named(
  'EventReference',
  response(
    {
      deploymentId: uuid('Id of the deployment that the event is about, or to which its incident belongs.'),
      incidentId: string('Id of the incident that the event is about, if it is about one.'),
      type: string('Type of the CloudEvent.'),
      position: positionOf('Log position of the event.'),
      eventId: uuid('Id of the CloudEvent.'),
    },
    ['deploymentId', 'type', 'position', 'eventId'],
  ),
)
const contributionSchema = named(
  'MetricContribution',
  response(
    {
      deploymentId: uuid('Id of the deployment.'),
      application: string('Name of the application.'),
      environment: string('Name of the environment in the pipeline.'),
      imageTag: string('Image tag of the deployment.'),
      finishedAt: instant('Finish of the deployment, within the window.'),
      part: enumOf(parts, 'What the entry contributes to the metric.'),
      seconds: typed('number', 'Contributed time in seconds, for metrics of times.'),
      commit,
      because: arrayOf(event, 'The events behind the entry.'),
    },
    ['deploymentId', 'application', 'environment', 'imageTag', 'finishedAt', 'part', 'because'],
  ),
)
export const contributionsSchema = named(
  'MetricContributions',
  arrayOf(contributionSchema, 'A page of the deployments, or commits, that contribute to the metric in `explain`.'),
)

export const contributionsExample: FromSchema<typeof contributionsSchema> = [
  {
    deploymentId: '0198c0de-0000-7000-8000-000000000003',
    application: 'checkout',
    environment: 'production',
    imageTag: 'v2.0.5-0a1b2c3',
    finishedAt: '2026-02-12T09:00:00Z',
    part: 'failed',
    because: [
      {
        deploymentId: '0198c0de-0000-7000-8000-000000000003',
        type: 'io.shiplog.deployment.recorded.v1',
        position: '3:15',
        eventId: '0198c0de-0000-7000-8000-000000000015',
      },
    ],
  },
]
