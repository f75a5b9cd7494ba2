import { type IncidentRecord, incidentIdSchema, named, openIncidentSchema } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { arrayOf, instant, integer, positionOf, response, uuid } from './schema/parts.js'

const { application, environment, title, url } = openIncidentSchema.properties

/** An incident: the response of every operation on one, and an item of their list. */
export const incidentSchema = named(
  'Incident',
  response(
    {
      id: incidentIdSchema,
      application: { ...application, description: 'Name of the application.' },
      environment: {
        ...environment,
        description: 'Name of the environment as it was sent; it may be an alias of the pipeline.',
      },
      deploymentId: uuid(
        'Id of the deployment to which the incident belongs: the named one, else the one that was active at `startedAt`. Absent if ' +
          'there is none. The response to a write has it only if it was sent.',
      ),
      startedAt: instant('Start of the incident.'),
      resolvedAt: instant('Time at which the incident was resolved. Absent while it is open.'),
      title,
      url,
      recordedAt: instant('Time at which Shiplog first recorded the incident.'),
      position: positionOf('Log position of the last event of the incident.'),
      version: integer('Number of events of the incident.'),
    },
    ['id', 'startedAt', 'recordedAt', 'position', 'version'],
  ),
)
export type IncidentResponse = FromSchema<typeof incidentSchema>
export const incidentsSchema = arrayOf(incidentSchema, 'A page of incidents.')

const opened: IncidentResponse = {
  id: 'INC-4711',
  application: 'checkout',
  environment: 'prod',
  deploymentId: '0198c0de-0000-7000-8000-000000000002',
  startedAt: '2026-02-12T10:30:00Z',
  title: 'Checkout answers 500',
  recordedAt: '2026-02-12T10:31:00.218Z',
  position: '3:21',
  version: 1,
}

/** Examples of responses. */
export const incidentExamples = {
  opened,
  resolved: {
    ...opened,
    resolvedAt: '2026-02-12T11:15:00Z',
    position: '3:24',
    version: 2,
  } satisfies IncidentResponse,
}

/** An incident as a response body. JSON.stringify omits undefined members. */
export function presentIncident(
  { id, application, environment, deploymentId, startedAt, resolvedAt, title, url }: IncidentRecord,
  metadata: Pick<IncidentResponse, 'recordedAt' | 'position' | 'version'>,
): object {
  return { id, application, environment, deploymentId, startedAt, resolvedAt, title, url, ...metadata }
}
