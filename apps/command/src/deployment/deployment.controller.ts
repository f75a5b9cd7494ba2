import { Controller, Post } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { v7 as uuidv7 } from 'uuid'
import {
  completeDeploymentSchema,
  correctDeploymentSchema,
  type DeploymentCommand,
  environmentKey,
  recordDeploymentSchema,
  rollBackDeploymentSchema,
  rollBackTagSchema,
  voidDeploymentSchema,
} from '#libs/contracts'
import { deployment, type Deployment, readsOfCorrecting, readsOfRecording } from '#libs/domain'
import { Endpoint, HttpProblem, JsonBody, StrictQuery, TextPath, UuidPath, Write, type WriteRequest } from '#libs/http'
import { type CommandRequest, Ledger } from '#libs/ledger'
import { executeCommand } from '../commands/execute-command.js'
import { deploymentResponse } from './deployment-response.js'
import {
  completeDeployment,
  type CompleteDeploymentBody,
  correctDeployment,
  type CorrectDeploymentBody,
  withFreeze,
  deploymentTarget,
  receiptOf,
  recordDeployment,
  type RecordDeploymentBody,
  type RollBackDeploymentBody,
  voidDeployment,
  type VoidDeploymentBody,
} from './deployment-commands.js'
import { accepted, changed, created, examples, problems, voided } from './deployment-openapi.js'
import { findById, findTagged } from './find-rollback.js'
import { RollbackFilter } from './deployment-params.js'
import { FreezeCache } from '../pipeline/freeze-cache.js'

type Target = CommandRequest<Deployment, DeploymentCommand, never>['target']

interface RollBackTagBody extends RollBackDeploymentBody, RollbackFilter {}

@ApiTags('deployments')
@Controller('api/v1/platform/deployments')
export class DeploymentController {
  constructor(
    private readonly ledger: Ledger,
    private readonly freezes: FreezeCache,
  ) {}

  @Post()
  @Endpoint({
    operationId: 'recordDeployment',
    summary: 'Record a deployment',
    description:
      'Idempotent: a request with the same `id` or `Idempotency-Key` and the same body returns 200 and the same deployment. ' +
      'Defaults: `application` `platform`, `status` `DEPLOYED`, `deployedAt` now.',
    permission: 'deployments:record',
    body: { schema: recordDeploymentSchema, examples: examples.record },
    responses: created,
    accepted,
    errors: problems.record,
  })
  async recordDeployment(
    @Write() write: WriteRequest,
    @JsonBody() body: RecordDeploymentBody,
  ): Promise<object | undefined> {
    const id = body.id?.toLowerCase() ?? uuidv7()
    const command = withFreeze(recordDeployment(id, body, receiptOf(write)), this.freezes.freezeAt)
    const target = { ...deploymentTarget(write.principal.tenant, command), reads: readsOfRecording(command) }
    const outcome = await executeCommand(this.ledger, write, { decider: deployment, target, sent: body, creates: true })
    return deploymentResponse(write, outcome, { creates: true })
  }

  @Post(':id/complete')
  @Endpoint({
    operationId: 'completeDeployment',
    summary: 'Complete a pending deployment',
    description:
      'Sets the status and the finish of a deployment with the status `PENDING`. Default: `completedAt` now.',
    permission: 'deployments:record',
    body: { schema: completeDeploymentSchema, examples: examples.complete },
    responses: changed('The completed deployment.'),
    accepted,
    errors: problems.change,
  })
  async completeDeployment(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the deployment.') id: string,
    @JsonBody() body: CompleteDeploymentBody,
  ): Promise<object | undefined> {
    const command = completeDeployment(id, body, receiptOf(write))
    return this.execute(write, deploymentTarget(write.principal.tenant, command), body)
  }

  @Post(':id/correct')
  @Endpoint({
    operationId: 'correctDeployment',
    summary: 'Correct a deployment',
    description:
      'Replaces recorded facts: all responses are then as if the deployment had been recorded with the new ones. The event trail, and ' +
      'reads with `knownAt`, keep the old values; `null` removes a value. `rollbackOf` is checked as when it is recorded.',
    permission: 'deployments:correct',
    body: { schema: correctDeploymentSchema, examples: examples.correct },
    responses: changed('The corrected deployment.'),
    accepted,
    errors: problems.change,
  })
  async correctDeployment(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the deployment.') id: string,
    @JsonBody() body: CorrectDeploymentBody,
  ): Promise<object | undefined> {
    const command = correctDeployment(id, body, receiptOf(write))
    const target = { ...deploymentTarget(write.principal.tenant, command), reads: readsOfCorrecting(command) }
    return this.execute(write, target, body)
  }

  @Post(':id/void')
  @Endpoint({
    operationId: 'voidDeployment',
    summary: 'Void a deployment that was recorded by mistake',
    description:
      'No response about the present or the past has the deployment any more, except `GET` of it and of its events, the history with ' +
      '`includeVoided=true`, and reads with a `knownAt` before. What it undid, overtook or followed is as if it had never been recorded. A ' +
      'voided deployment cannot be changed, and its id cannot be used again.',
    permission: 'deployments:void',
    body: { schema: voidDeploymentSchema, examples: examples.void },
    responses: voided,
    accepted,
    errors: problems.void,
  })
  async voidDeployment(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the deployment.') id: string,
    @JsonBody() body: VoidDeploymentBody,
  ): Promise<object | undefined> {
    const command = voidDeployment(id, body, receiptOf(write))
    return this.execute(write, deploymentTarget(write.principal.tenant, command), body)
  }

  @Post(':id/rollback')
  @Endpoint({
    operationId: 'rollBackDeployment',
    summary: 'Mark a deployment as rolled back',
    description:
      'If the deployment is active, the same decision also marks the preceding successful deployments of the same image tag, up ' +
      'to the first one of another tag, so that the tag is no longer active in that environment.',
    permission: 'deployments:rollback',
    body: { schema: rollBackDeploymentSchema, examples: examples.rollBack, optional: true },
    responses: changed('The deployment, marked as rolled back.'),
    accepted,
    errors: problems.change,
  })
  async rollBackDeployment(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the deployment.') id: string,
    @JsonBody() body: RollBackDeploymentBody,
  ): Promise<object | undefined> {
    const rollback = { body, receipt: receiptOf(write) }
    const target: Target = { find: index => findById(index, id, rollback) }
    return this.execute(write, target, body)
  }

  @Post('tag/:imageTag/rollback')
  @Endpoint({
    operationId: 'rollBackDeploymentByTag',
    summary: 'Mark a deployment as rolled back by image tag',
    description:
      'The candidates are the active deployments of the tag. If the tag is active nowhere, they are its latest successful ' +
      'deployment in each application and environment, or 409 if one of these is already rolled back. Several candidates: 409 ' +
      'with `candidates`; restrict the request with `application` and `environment`, in the query or in the body. The same decision ' +
      'marks the preceding successful deployments of the tag, up to the first one of another tag; the response is the latest one.',
    permission: 'deployments:rollback',
    body: { schema: rollBackTagSchema, examples: examples.rollBackTag, optional: true },
    responses: changed('The deployment, marked as rolled back.'),
    accepted,
    errors: problems.rollBackTag,
  })
  async rollBackDeploymentByTag(
    @Write() write: WriteRequest,
    @TextPath('imageTag', 'Image tag, percent-encoded (`/` as `%2F`).') imageTag: string,
    @StrictQuery() query: RollbackFilter,
    @JsonBody() body: RollBackTagBody,
  ): Promise<object | undefined> {
    const selection = { imageTag, ...filterOf('application', query, body), ...filterOf('environment', query, body) }
    const rollback = { body, receipt: receiptOf(write) }
    const target: Target = { find: index => findTagged(index, selection, rollback) }
    // The query restricts the selection as the body does, so a repeat must have the same one.
    const sent =
      query.application === undefined && query.environment === undefined ? body : { body, query: { ...query } }
    return this.execute(write, target, sent)
  }

  private async execute(write: WriteRequest, target: Target, sent: object): Promise<object | undefined> {
    return deploymentResponse(write, await executeCommand(this.ledger, write, { decider: deployment, target, sent }))
  }
}

function filterOf(
  field: 'application' | 'environment',
  query: RollbackFilter,
  body: RollbackFilter,
): { [field]?: string } {
  const [inQuery, inBody] = [query[field], body[field]]
  const same = field === 'environment' ? environmentKey : (name: string) => name
  if (inQuery !== undefined && inBody !== undefined && same(inQuery) !== same(inBody)) {
    throw new HttpProblem(
      400,
      `\`${field}\` is ${inQuery} in the query and ${inBody} in the body. Send it in one of the two.`,
      {
        errors: [{ parameter: field, detail: `differs from \`/${field}\` in the body` }],
      },
    )
  }
  const value = inQuery ?? inBody
  return value === undefined ? {} : { [field]: value }
}
