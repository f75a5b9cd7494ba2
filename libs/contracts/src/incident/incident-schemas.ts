import { deploymentFields } from '../deployment/fields.js'
import { data, instant, name, object, uuid } from '../schema/schema-parts.js'

// JSON Schemas (2020-12) of the requests about an incident, and of its events.

/** An id of an incident: 1 to 128 characters without control characters. */
export const incidentIdSchema = name(128, {
  description: 'Id of the incident: 1 to 128 printable characters.',
  examples: ['INC-4711'],
})

const { application, environment } = deploymentFields
const startedAt = instant(
  'Start of the incident: from 1970 to 24 h in the future. Default: now.',
  '2026-02-12T10:30:00Z',
)
const resolvedAt = instant('Time at which the incident was resolved. Default: now.', '2026-02-12T11:15:00Z')
const title = name(512, { description: 'What happened, in a few words.', examples: ['Checkout answers 500'] })
const url = name(2048, {
  description: 'Where the incident is described.',
  examples: ['https://incidents.acme.example/INC-4711'],
})

/** Body of `POST /incidents`. */
export const openIncidentSchema = object({
  id: {
    ...incidentIdSchema,
    description: 'Id of the incident. Default: a new UUID. A request with the same id and the same body is a repeat.',
  },
  application: {
    ...application.schema,
    description: 'Name of the application. Default: that of `deploymentId`, else `platform`.',
  },
  environment: {
    ...environment.schema,
    description: `${environment.schema.description} Required without \`deploymentId\`.`,
  },
  deploymentId: uuid(
    'Id of the deployment that caused the incident; it need not be recorded yet. Default: the deployment that was active in the ' +
      'application and environment at `startedAt`.',
  ),
  startedAt,
  title,
  url,
})

/** Body of `POST /incidents/{id}/resolve`. */
export const resolveIncidentSchema = object({ resolvedAt })

const incidentId = incidentIdSchema
export const incidentOpenedSchema = data(
  {
    incidentId,
    deploymentId: uuid('Id of the deployment that caused the incident.'),
    application: application.schema,
    environment: environment.schema,
    startedAt,
    title,
    url,
  },
  ['incidentId', 'startedAt'],
)
export const incidentResolvedSchema = data({ incidentId, resolvedAt }, ['incidentId', 'resolvedAt'])
