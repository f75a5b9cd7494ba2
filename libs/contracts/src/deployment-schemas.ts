import { deploymentStatuses } from './deployment.js'
import { data, instant, name, nullable, object, text, uuid } from './schema-parts.js'

/** JSON Schemas (2020-12) of what is written to the log about deployments: for requests, events and the OpenAPI document. */
const facts = {
  application: name(128, { description: 'The deployable; `platform` where left out.', examples: ['checkout'] }),
  environment: name(64, {
    description: 'Where to. Aliases of the pipeline resolve; case and spaces at the ends make no difference.',
    examples: ['dev'],
  }),
  // Real pipelines have reported an empty tag. It is what happened, so it is kept: see docs/adr/0009.
  imageTag: name(256, { minLength: 0, description: 'What was deployed.', examples: ['v2.1.0-abc1234'] }),
  image: name(512, { description: 'Repository of the image.', examples: ['registry.example.com/acme/checkout'] }),
  gitCommit: name(256, { examples: ['abc1234'] }),
  gitBranch: name(512, { examples: ['main'] }),
  status: { enum: [...deploymentStatuses], type: 'string', description: 'How the attempt ended.' },
  deployedAt: instant('The start of the deployment, from 1970 to 24 h ahead; now where left out.'),
  completedAt: instant('The finish of the deployment.', '2026-02-12T10:05:00Z'),
  rolledBackAt: instant('When it was rolled back.', '2026-02-12T11:00:00Z'),
  rollbackReason: text(4096),
  rollbackOf: uuid('The deployment that this one undoes.'),
  failureReason: text(4096, { description: 'Why it failed; only with the status FAILED.' }),
  actor: name(256, { description: 'Who or what deployed.', examples: ['dev@acme.example'] }),
  pipeline: object({ name: name(256), runId: name(256), url: name(2048) }),
  commits: {
    type: 'array',
    maxItems: 1000,
    items: object(
      { sha: name(256), committedAt: instant('When it was committed, from 1970 to 24 h ahead.'), author: name(256) },
      ['sha', 'committedAt'],
    ),
  },
  notes: text(16_384, { description: 'Deployment notes, steps to take care of.' }),
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
  unplanned: { type: 'boolean', description: 'Whether a production incident caused it.' },
  labels: {
    type: 'object',
    maxProperties: 64,
    propertyNames: name(128),
    additionalProperties: { type: 'string', maxLength: 1024 },
    examples: [{ team: 'payments' }],
  },
}

const deploymentId = uuid('The deployment.')
const correctionValue = { type: ['string', 'boolean'] }

/** Body of `POST /deployments`, and of one line of an import. */
export const recordDeploymentSchema = object({ id: uuid('Yours, or made here. Sent again, it repeats.'), ...facts }, [
  'environment',
  'imageTag',
])

/** Body of `POST /deployments/{id}/complete`. */
export const completeDeploymentSchema = object(
  {
    status: { type: 'string', enum: ['DEPLOYED', 'FAILED'] },
    completedAt: facts.completedAt,
    reason: text(4096, { description: 'Of a failure: `failureReason` of the record.' }),
  },
  ['status'],
)

/** Body of `POST /deployments/{id}/correct`: at least one fact beside the reason; `null` takes a value away. */
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
      reason: text(4096, { description: 'Why the recorded facts were wrong.' }),
    },
    ['reason'],
  ),
  minProperties: 2,
}

/** Body of both rollback calls; `application` and `environment` narrow a tag. */
export const rollBackDeploymentSchema = object({
  rolledBackAt: facts.rolledBackAt,
  reason: text(4096, { description: 'Why it was rolled back.' }),
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
