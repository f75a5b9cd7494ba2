import { deploymentExamples, type DeploymentResponse, deploymentSchema } from '#libs/api'

const { recorded, rolledBack } = deploymentExamples

/** Request bodies. */
export const examples = {
  record: {
    'all common fields': {
      imageTag: 'v2.1.0-abc1234',
      gitCommit: 'abc1234',
      gitBranch: 'main',
      environment: 'dev',
      status: 'DEPLOYED',
      deployedAt: '2026-02-12T10:00:00Z',
      completedAt: '2026-02-12T10:05:00Z',
    },
    'required fields only': { environment: 'dev', imageTag: 'v2.1.0-abc1234' },
  },
  complete: { succeeded: { status: 'DEPLOYED', completedAt: '2026-02-12T10:05:00Z' } },
  correct: {
    'wrong finish': { completedAt: '2026-02-12T10:07:00Z', reason: 'the clock of the runner was wrong' },
    'wrong version': {
      imageTag: 'v2.1.1-def5678',
      gitCommit: 'def5678',
      commits: [{ sha: 'def5678', committedAt: '2026-02-12T09:00:00Z' }],
      reason: 'the pipeline reported the tag of the previous build',
    },
    'not a rollback': { rollbackOf: null, reason: 'it does not undo that deployment' },
  },
  void: { 'with the reason': { reason: 'the pipeline ran against the wrong tenant' } },
  rollBack: { 'with a reason': { reason: 'error rate after the release' } },
  remove: { 'with a reason': { reason: 'moved to another cluster' } },
  removeActive: { 'in one environment': { application: 'checkout', environment: 'staging' } },
  rollBackTag: { 'in one environment': { environment: 'prod', reason: 'error rate after the release' } },
}

/** Descriptions of the problem responses, by status. */
export const problems = {
  record: {
    413: 'The body is larger than 1 MiB.',
    415: 'The Content-Type is not `application/json`.',
    422: 'A rule rejects the facts, or the `id` or `Idempotency-Key` was used before with a different body.',
  },
  change: {
    404: 'The deployment does not exist.',
    409: 'The status of the deployment does not allow this (`deploymentStatus` has the status), or the deployment is voided.',
    415: 'The Content-Type is not `application/json`.',
    422: 'A rule rejects the facts, or the `Idempotency-Key` was used before with a different body or by another actor.',
  },
  void: {
    404: 'The deployment does not exist.',
    409: 'The deployment is voided already.',
    415: 'The Content-Type is not `application/json`.',
    422: 'The `Idempotency-Key` was used before with a different body or by another actor.',
  },
  rollBackTag: {
    404: 'No deployment has this image tag.',
    409: 'The deployment is already rolled back, it never succeeded, or several deployments match (`candidates` lists them).',
    415: 'The Content-Type is not `application/json`.',
    422: 'A rule rejects the facts, or the `Idempotency-Key` was used before with a different body or by another actor.',
  },
}

/** Descriptions of the problem responses of removals. */
export const removalProblems = {
  remove: {
    ...problems.change,
    409: 'The deployment was removed before, or its status is not `DEPLOYED`. `deploymentStatus` has the status.',
  },
  removeActive: {
    ...problems.change,
    404: 'No deployment of the application is active in the environment.',
    409: 'The deployment that was active last was removed before, or is rolled back by now.',
  },
}

/** Members of a 202 that identify the deployment. */
export const accepted = { deploymentId: { type: 'string', format: 'uuid', example: recorded.id } }

/** Responses of the command that records a deployment. */
export const created = {
  201: { description: 'The deployment was recorded.', schema: deploymentSchema, example: recorded },
  200: {
    description: 'The request repeats an earlier one: the same deployment.',
    schema: deploymentSchema,
    example: recorded,
  },
}

/** Response of the command that voids a deployment. */
export const voided = {
  200: {
    description: 'The deployment, with `voidedAt`.',
    schema: deploymentSchema,
    example: deploymentExamples.voided,
  },
}

/** Response of a command that changes a deployment. */
export const changed = (description: string, example: DeploymentResponse = rolledBack) => ({
  200: { description, schema: deploymentSchema, example },
})

export const removed = changed('The removed deployment.', deploymentExamples.removed)
