import { type DeploymentField, deploymentResponseSchema, type FieldValues, named } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { arrayOf, instant, integer, response, string, typed } from '../schema/parts.js'

/** A deployment: the response of every operation on one, and an item of lists. */
export const deploymentSchema = named('Deployment', deploymentResponseSchema)
export type DeploymentResponse = FieldValues<DeploymentField>
export const deploymentsSchema = arrayOf(deploymentSchema, 'A page of deployments.')

/** An active deployment, as an item of the list of those. */
const currentDeploymentSchema = named('CurrentDeployment', {
  ...deploymentResponseSchema,
  properties: {
    ...deploymentResponseSchema.properties,
    runningSince: instant(
      'When its tag became active in the environment and has been since without a break, over deployments of the same tag: the finish of ' +
        'the first of them, or the rollback that made the tag active again.',
    ),
  },
  required: [...deploymentResponseSchema.required, 'runningSince'],
})
export const currentDeploymentsSchema = arrayOf(currentDeploymentSchema, 'A page of active deployments.')

/** Whether a tag was recorded. */
export const tagExistenceSchema = named(
  'TagExistence',
  response(
    {
      imageTag: string('The image tag.'),
      exists: typed('boolean', 'Whether a deployment has the tag, with any status.'),
      deployments: integer('Number of deployments with the tag.'),
    },
    ['imageTag', 'exists', 'deployments'],
  ),
)
export type TagExistence = FromSchema<typeof tagExistenceSchema>

const older: DeploymentResponse = {
  id: '0198c0de-0000-7000-8000-000000000001',
  application: 'platform',
  environment: 'prod',
  imageTag: 'v2.0.0-def5678',
  gitCommit: 'def5678',
  gitBranch: 'main',
  status: 'DEPLOYED',
  active: false,
  deployedAt: '2026-02-11T14:00:00Z',
  completedAt: '2026-02-11T14:08:00Z',
  durationSeconds: 480,
  recordedAt: '2026-02-11T14:08:01.301Z',
  position: '3:12',
  version: 1,
}
const newer: DeploymentResponse = {
  ...older,
  id: '0198c0de-0000-7000-8000-000000000002',
  imageTag: 'v2.1.0-abc1234',
  gitCommit: 'abc1234',
  active: true,
  deployedAt: '2026-02-12T10:00:00Z',
  completedAt: '2026-02-12T10:05:00Z',
  durationSeconds: 300,
  notes: 'Drain the queue before the schema changes.',
  migrations: [{ id: '0042-add-column', reversible: true, backwardCompatible: true }],
  recordedAt: '2026-02-12T10:05:01.217Z',
  position: '3:17',
}
const failed: DeploymentResponse = {
  id: '0198c0de-0000-7000-8000-000000000003',
  application: 'platform',
  environment: 'prod',
  imageTag: 'v2.0.5-0a1b2c3',
  status: 'FAILED',
  active: false,
  deployedAt: '2026-02-12T09:00:00Z',
  recordedAt: '2026-02-12T09:01:00.420Z',
  position: '3:15',
  version: 1,
}
const recorded: DeploymentResponse = {
  id: '0198c0de-0000-7000-8000-000000000001',
  application: 'platform',
  environment: 'dev',
  imageTag: 'v2.1.0-abc1234',
  gitCommit: 'abc1234',
  gitBranch: 'main',
  status: 'DEPLOYED',
  deployedAt: '2026-02-12T10:00:00Z',
  completedAt: '2026-02-12T10:05:00Z',
  durationSeconds: 300,
  recordedAt: '2026-02-12T10:05:01.217Z',
  position: '3:17',
  version: 1,
}

/** Examples of responses: of reads (`older`, `newer`, `failed`) and of writes, which have no `active`. */
export const deploymentExamples = {
  older,
  newer,
  current: { ...newer, runningSince: '2026-02-12T10:05:00Z' },
  failed,
  recorded,
  rolledBack: {
    ...recorded,
    status: 'ROLLED_BACK',
    rolledBackAt: '2026-02-12T11:00:00Z',
    rollbackReason: 'error rate after the release',
    position: '3:18',
    version: 2,
  } satisfies DeploymentResponse,
  voided: {
    ...recorded,
    voidedAt: '2026-02-12T12:00:00.125Z',
    position: '3:18',
    version: 2,
  } satisfies DeploymentResponse,
  removed: {
    ...recorded,
    removedAt: '2026-03-01T09:00:00Z',
    position: '3:18',
    version: 2,
  } satisfies DeploymentResponse,
  existence: { imageTag: 'v2.1.0-abc1234', exists: true, deployments: 3 } satisfies TagExistence,
}
