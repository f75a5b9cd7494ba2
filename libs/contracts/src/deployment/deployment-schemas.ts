import {
  correctableFields,
  deploymentFieldNames,
  eventSchemasOf,
  isRequired,
  isRequiredInRequest,
  recordedFields,
  requestSchemasOf,
  responseSchemasOf,
  sentFields,
} from './field-schemas.js'
import { data, name, nullable, object, text, uuid } from '../schema/schema-parts.js'

// JSON Schemas (2020-12) of the requests about a deployment, of its events, and of the deployment itself.

const { id, application, environment, completedAt, rolledBackAt, removedAt } = requestSchemasOf(deploymentFieldNames)

/** Body of `POST /deployments`, and of one line of an import. */
export const recordDeploymentSchema = object(
  {
    id: uuid('Id of the deployment. Default: a new UUID. A request with the same id and the same body is a repeat.'),
    ...requestSchemasOf(sentFields),
  },
  sentFields.filter(isRequiredInRequest),
)

/** Body of `POST /deployments/{id}/complete`. */
export const completeDeploymentSchema = object(
  {
    status: { type: 'string', enum: ['DEPLOYED', 'FAILED', 'CANCELLED'] },
    completedAt,
    reason: text(4096, { description: 'Reason of a failure or cancellation, recorded as `failureReason`.' }),
  },
  ['status'],
)

/** Body of `POST /deployments/{id}/correct`: at least one fact beside the reason; `null` removes a value. */
export const correctDeploymentSchema = {
  ...object(
    {
      ...Object.fromEntries(correctableFields.map(field => [field, correctionOf(field)])),
      reason: text(4096, { description: 'Reason of the correction.' }),
    },
    ['reason'],
  ),
  minProperties: 2,
}

function correctionOf(field: (typeof correctableFields)[number]): object {
  const schema = requestSchemasOf([field])[field]
  return isRequired(field) ? schema : nullable(schema)
}

/** Body of `POST /deployments/{id}/void`. */
export const voidDeploymentSchema = object({ reason: text(4096, { description: 'Why the record was a mistake.' }) }, [
  'reason',
])

/** Bodies of the two rollback endpoints. */
export const rollBackDeploymentSchema = object({
  rolledBackAt,
  reason: text(4096, { description: 'Reason of the rollback.' }),
})
export const rollBackTagSchema = object({ ...rollBackDeploymentSchema.properties, application, environment })

/** Bodies of the two endpoints that remove a deployment. */
export const removeDeploymentSchema = object({
  removedAt: { ...removedAt, description: 'Time of the removal: not before the finish. Default: now.' },
  reason: text(4096, { description: 'Reason of the removal, kept in the event trail.' }),
})
export const removeActiveSchema = object({ ...removeDeploymentSchema.properties, application, environment }, [
  'environment',
])

/** A deployment in a response. Later versions may add members. */
export const deploymentResponseSchema = {
  type: 'object',
  properties: responseSchemasOf(deploymentFieldNames),
  required: deploymentFieldNames.filter(isRequired),
} as const

const { id: _, ...facts } = eventSchemasOf(recordedFields)
const factsOfAll = recordedFields.filter(isRequired).filter(field => field !== 'id')
export const deploymentRecordedSchema = data({ deploymentId: id, ...facts }, ['deploymentId', ...factsOfAll])
export const deploymentCompletedSchema = data(
  {
    deploymentId: id,
    status: completeDeploymentSchema.properties.status,
    completedAt,
    reason: text(4096),
  },
  ['deploymentId', 'status', 'completedAt'],
)
// The list of commits is the only value with items.
const correctionValue = { type: ['string', 'boolean', 'array'], items: facts.commits.items }
export const deploymentCorrectedSchema = data(
  {
    deploymentId: id,
    corrections: {
      type: 'array',
      items: data({ field: name(64), before: correctionValue, after: correctionValue }, ['field']),
    },
    reason: text(4096),
  },
  ['deploymentId', 'corrections', 'reason'],
)
export const deploymentRolledBackSchema = data({ deploymentId: id, rolledBackAt, reason: text(4096) }, [
  'deploymentId',
  'rolledBackAt',
])
export const deploymentRemovedSchema = data({ deploymentId: id, removedAt, reason: text(4096) }, [
  'deploymentId',
  'removedAt',
])
export const deploymentVoidedSchema = data({ deploymentId: id, reason: text(4096) }, ['deploymentId', 'reason'])
