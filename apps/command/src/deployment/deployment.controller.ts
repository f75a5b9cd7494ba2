import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import {
  completeDeploymentSchema,
  correctDeploymentSchema,
  type DeploymentCommand,
  environmentKey,
  formatInstant,
  hashJson,
  recordDeploymentSchema,
  rollBackDeploymentSchema,
  rollBackTagSchema,
  streamIdOf,
  type CommandContext,
} from '#libs/contracts'
import { deployment, type Deployment, readsOfRecording } from '#libs/domain'
import {
  HttpProblem,
  IdempotencyKey,
  JsonBody,
  Problems,
  StrictQuery,
  TextPath,
  UuidPath,
  WriteCaller,
} from '#libs/http'
import { type CommandRequest, Ledger, type CommandResult } from '#libs/ledger'
import type { WriteRequest } from '../commands/command-response.js'
import { deploymentResponse } from './deployment-response.js'
import {
  completeDeployment,
  type CompleteDeploymentBody,
  correctDeployment,
  type CorrectDeploymentBody,
  withFreeze,
  type Receipt,
  recordDeployment,
  type RecordDeploymentBody,
  type RollBackDeploymentBody,
} from './deployment-commands.js'
import { examples, problems, DeploymentResponse, DeploymentCreated } from './deployment-openapi.js'
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
  @ApiOperation({
    summary: 'Record a deployment',
    description:
      'Idempotent: a request with the same `id` or `Idempotency-Key` and the same body returns 200 and the same deployment. ' +
      'Defaults: `application` `platform`, `status` `DEPLOYED`, `deployedAt` now.',
  })
  @DeploymentCreated()
  @Problems(problems.record)
  async recordDeployment(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @JsonBody(recordDeploymentSchema, { examples: examples.record }) body: RecordDeploymentBody,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object> {
    const id = body.id?.toLowerCase() ?? uuidv7()
    const command = withFreeze(recordDeployment(id, body, receiptOf(caller)), this.freezes.freezeAt)
    const target: Target = { ...this.of(caller, command), reads: readsOfRecording(command) }
    const outcome = await this.execute({ request, caller, key }, target, body, { creates: true })
    return deploymentResponse(reply, outcome, { creates: true })
  }

  @Post(':id/complete')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Complete a pending deployment',
    description:
      'Sets the status and the finish of a deployment with the status `PENDING`. Default: `completedAt` now.',
  })
  @DeploymentResponse('The completed deployment.')
  @Problems(problems.change)
  async completeDeployment(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'Id of the deployment.') id: string,
    @JsonBody(completeDeploymentSchema, { examples: examples.complete }) body: CompleteDeploymentBody,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object> {
    const target = this.of(caller, completeDeployment(id, body, receiptOf(caller)))
    return deploymentResponse(reply, await this.execute({ request, caller, key }, target, body))
  }

  @Post(':id/correct')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Correct a deployment',
    description: 'Replaces recorded facts. The event trail keeps the old values; `null` removes a value.',
  })
  @DeploymentResponse('The corrected deployment.')
  @Problems(problems.change)
  async correctDeployment(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'Id of the deployment.') id: string,
    @JsonBody(correctDeploymentSchema, { examples: examples.correct }) body: CorrectDeploymentBody,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object> {
    const target = this.of(caller, correctDeployment(id, body, receiptOf(caller)))
    return deploymentResponse(reply, await this.execute({ request, caller, key }, target, body))
  }

  @Post(':id/rollback')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Mark a deployment as rolled back',
    description:
      'If the deployment is active, the same decision also marks the preceding successful deployments of the same image tag, up ' +
      'to the first one of another tag, so that the tag is no longer active in that environment.',
  })
  @DeploymentResponse('The deployment, marked as rolled back.')
  @Problems(problems.change)
  async rollBackDeployment(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'Id of the deployment.') id: string,
    @JsonBody(rollBackDeploymentSchema, { optional: true, examples: examples.rollBack }) body: RollBackDeploymentBody,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object> {
    const rollback = { body, receipt: receiptOf(caller) }
    const target: Target = { find: index => findById(index, id, rollback) }
    return deploymentResponse(reply, await this.execute({ request, caller, key }, target, body))
  }

  @Post('tag/:imageTag/rollback')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Mark a deployment as rolled back by image tag',
    description:
      'The candidates are the active deployments of the tag. If the tag is active nowhere, they are its latest successful ' +
      'deployment in each application and environment, or 409 if one of these is already rolled back. Several candidates: 409 ' +
      'with `candidates`; restrict the request with `application` and `environment`, in the query or in the body. The same decision ' +
      'marks the preceding successful deployments of the tag, up to the first one of another tag; the response is the latest one.',
  })
  @DeploymentResponse('The deployment, marked as rolled back.')
  @Problems(problems.rollBackTag)
  async rollBackDeploymentByTag(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @TextPath('imageTag', 'Image tag, percent-encoded (`/` as `%2F`).') imageTag: string,
    @StrictQuery() query: RollbackFilter,
    @JsonBody(rollBackTagSchema, { optional: true, examples: examples.rollBackTag }) body: RollBackTagBody,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object> {
    const selection = { imageTag, ...filterOf('application', query, body), ...filterOf('environment', query, body) }
    const rollback = { body, receipt: receiptOf(caller) }
    const target: Target = { find: index => findTagged(index, selection, rollback) }
    // The query restricts the selection as the body does, so a repeat must have the same one.
    const sent =
      query.application === undefined && query.environment === undefined ? body : { body, query: { ...query } }
    return deploymentResponse(reply, await this.execute({ request, caller, key }, target, sent))
  }

  private of({ tenant }: CommandContext, command: DeploymentCommand): { streamId: string; command: DeploymentCommand } {
    return { streamId: streamIdOf(deployment.category, tenant, command.deploymentId), command }
  }

  private execute(
    { request, caller, key }: WriteRequest,
    target: Target,
    sent: object,
    { creates = false } = {},
  ): Promise<CommandResult<Deployment>> {
    const scope = `${request.method} ${request.url.split('?', 1)[0]}`
    return this.ledger.execute({
      decider: deployment,
      target,
      context: caller,
      bodyHash: hashJson(sent),
      creates,
      ...(key !== undefined && { idempotency: { scope, key } }),
    })
  }
}

function receiptOf({ tenant, actor }: CommandContext): Receipt {
  return { tenant, now: formatInstant(new Date()), ...(actor !== undefined && { actor }) }
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
