import { deploymentStatuses } from './deployment.js'
import { data, instant, name, nullable, object, text, uuid } from '../schema/schema-parts.js'

/** JSON Schemas (2020-12) for requests, events and the OpenAPI document. */
const facts = {
  application: name(128, { description: 'Name of the application. Default: `platform`.', examples: ['checkout'] }),
  environment: name(64, {
    description: 'Name of the environment, or an alias of the pipeline. Case and surrounding spaces are ignored.',
    examples: ['dev'],
  }),
  // Real pipelines report empty tags, see docs/adr/0009.
  imageTag: name(256, { minLength: 0, description: 'Image tag that was deployed.', examples: ['v2.1.0-abc1234'] }),
  image: name(512, {
    description: 'Repository of the image, with its registry.',
    examples: ['registry.example.com/acme/checkout'],
  }),
  gitCommit: name(256, { description: 'Git commit that was deployed.', examples: ['abc1234'] }),
  gitBranch: name(512, { description: 'Git branch of the commit.', examples: ['main'] }),
  status: {
    enum: [...deploymentStatuses],
    type: 'string',
    description: 'Outcome of the deployment; `PENDING` until it is completed.',
  },
  deployedAt: instant('Start of the deployment: from 1970 to 24 h in the future. Default: now.'),
  completedAt: instant('Finish of the deployment.', '2026-02-12T10:05:00Z'),
  rolledBackAt: instant('Time of the rollback.', '2026-02-12T11:00:00Z'),
  rollbackReason: text(4096, { description: 'Reason of the rollback.' }),
  rollbackOf: uuid('Id of the deployment that this one rolls back. It must have the same application and environment.'),
  failureReason: text(4096, { description: 'Reason of the failure. Only allowed with the status `FAILED`.' }),
  actor: name(256, {
    description: 'Person or system that deployed. Default: the actor of the request.',
    examples: ['dev@acme.example'],
  }),
  pipeline: object({ name: name(256), runId: name(256), url: name(2048) }),
  commits: {
    type: 'array',
    maxItems: 1000,
    items: object(
      {
        sha: name(256),
        committedAt: instant('Time of the commit: from 1970 to 24 h in the future.'),
        author: name(256),
      },
      ['sha', 'committedAt'],
    ),
  },
  notes: text(16_384, { description: 'Deployment notes, such as manual steps.' }),
  migrations: {
    type: 'array',
    maxItems: 1000,
    items: object(
      {
        id: name(256),
        description: text(4096),
        reversible: { type: 'boolean' },
        backwardCompatible: { type: 'boolean' },
      },
      ['id'],
    ),
  },
  unplanned: { type: 'boolean', description: 'Whether a production incident caused the deployment.' },
  labels: {
    type: 'object',
    maxProperties: 64,
    propertyNames: name(128),
    additionalProperties: { type: 'string', maxLength: 1024 },
    examples: [{ team: 'payments' }],
  },
}

const deploymentId = uuid('Id of the deployment.')
const correctionValue = { type: ['string', 'boolean'] }

/** Body of `POST /deployments`, and of one line of an import. */
export const recordDeploymentSchema = object(
  {
    id: uuid('Id of the deployment. Default: a new UUID. A request with the same id and the same body is a repeat.'),
    ...facts,
  },
  ['environment', 'imageTag'],
)

/** Body of `POST /deployments/{id}/complete`. */
export const completeDeploymentSchema = object(
  {
    status: { type: 'string', enum: ['DEPLOYED', 'FAILED'] },
    completedAt: facts.completedAt,
    reason: text(4096, { description: 'Reason of a failure, recorded as `failureReason`.' }),
  },
  ['status'],
)

/** Body of `POST /deployments/{id}/correct`: at least one fact beside the reason; `null` removes a value. */
export const correctDeploymentSchema = {
  ...object(
    {
      deployedAt: facts.deployedAt,
      completedAt: nullable(facts.completedAt),
      rolledBackAt: nullable(facts.rolledBackAt),
      gitCommit: nullable(facts.gitCommit),
      gitBranch: nullable(facts.gitBranch),
      status: facts.status,
      unplanned: nullable(facts.unplanned),
      notes: nullable(facts.notes),
      reason: text(4096, { description: 'Reason of the correction.' }),
    },
    ['reason'],
  ),
  minProperties: 2,
}

/** Bodies of the two rollback endpoints. */
export const rollBackDeploymentSchema = object({
  rolledBackAt: facts.rolledBackAt,
  reason: text(4096, { description: 'Reason of the rollback.' }),
})
export const rollBackTagSchema = object({
  ...rollBackDeploymentSchema.properties,
  application: facts.application,
  environment: facts.environment,
})

export const deploymentRecordedSchema = data({ deploymentId, ...facts, duringFreeze: name(128) }, [
  'deploymentId',
  'application',
  'environment',
  'imageTag',
  'status',
  'deployedAt',
])
export const deploymentCompletedSchema = data(
  {
    deploymentId,
    status: completeDeploymentSchema.properties.status,
    completedAt: facts.completedAt,
    reason: text(4096),
  },
  ['deploymentId', 'status', 'completedAt'],
)
export const deploymentCorrectedSchema = data(
  {
    deploymentId,
    corrections: {
      type: 'array',
      items: data({ field: name(64), before: correctionValue, after: correctionValue }, ['field']),
    },
    reason: text(4096),
  },
  ['deploymentId', 'corrections', 'reason'],
)
export const deploymentRolledBackSchema = data({ deploymentId, rolledBackAt: facts.rolledBackAt, reason: text(4096) }, [
  'deploymentId',
  'rolledBackAt',
])
