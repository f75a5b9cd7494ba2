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
} from '#libs/contracts'
import { deployment, type Deployment, readsOfRecording } from '#libs/domain'
import {
  type Caller,
  HttpProblem,
  IdempotencyKey,
  JsonBody,
  Problems,
  StrictQuery,
  TextPath,
  UuidPath,
  WriteCaller,
} from '#libs/http'
import { type CommandRequest, Ledger, type Outcome } from '#libs/ledger'
import { answerOutcome } from './deployment-answer.js'
import {
  completeDeployment,
  type CompleteDeploymentBody,
  correctDeployment,
  type CorrectDeploymentBody,
  marked,
  type Receipt,
  recordDeployment,
  type RecordDeploymentBody,
  type RollBackDeploymentBody,
} from './deployment-commands.js'
import { examples, problems, RecordAnswer, RecordCreated } from './deployment-documentation.js'
import { findById, findTagged } from './find-rollback.js'
import { NarrowingQuery } from './narrowing-query.js'
import { TenantRules } from './pipeline/tenant-rules.js'

type Target = CommandRequest<Deployment, DeploymentCommand, never>['target']

/** Where a request came from, and under which key. */
interface Origin {
  request: FastifyRequest
  caller: Caller
  key: string | undefined
}

interface RollBackTagBody extends RollBackDeploymentBody, NarrowingQuery {}

@ApiTags('deployments')
@Controller('api/v1/platform/deployments')
export class DeploymentController {
  constructor(
    private readonly ledger: Ledger,
    private readonly rules: TenantRules,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Record a deployment',
    description:
      'Sent again with the same `id` or `Idempotency-Key` and the same body, it answers 200 and the same record.',
  })
  @RecordCreated()
  @Problems(problems.record)
  async recordDeployment(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @JsonBody(recordDeploymentSchema, { examples: examples.record }) body: RecordDeploymentBody,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<object> {
    const id = body.id?.toLowerCase() ?? uuidv7()
    const command = marked(recordDeployment(id, body, receiptOf(caller)), this.rules.freezeAt)
    const target: Target = { ...this.of(caller, command), reads: readsOfRecording(command) }
    const outcome = await this.execute({ request, caller, key }, target, body, { creates: true })
    return answerOutcome(reply, outcome, { creates: true })
  }

  @Post(':id/complete')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say how a pending deployment ended' })
  @RecordAnswer('The deployment, completed.')
  @Problems(problems.change)
  async completeDeployment(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'The deployment.') id: string,
    @JsonBody(completeDeploymentSchema, { examples: examples.complete }) body: CompleteDeploymentBody,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<object> {
    const target = this.of(caller, completeDeployment(id, body, receiptOf(caller)))
    return answerOutcome(reply, await this.execute({ request, caller, key }, target, body))
  }

  @Post(':id/correct')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Correct recorded facts',
    description: 'The old values stay in the event trail; `null` takes a value away.',
  })
  @RecordAnswer('The deployment, corrected.')
  @Problems(problems.change)
  async correctDeployment(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'The deployment.') id: string,
    @JsonBody(correctDeploymentSchema, { examples: examples.correct }) body: CorrectDeploymentBody,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<object> {
    const target = this.of(caller, correctDeployment(id, body, receiptOf(caller)))
    return answerOutcome(reply, await this.execute({ request, caller, key }, target, body))
  }

  @Post(':id/rollback')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Mark a deployment as rolled back',
    description:
      'Where it is what runs, the other successes that deployed its tag in a row before it are marked in the same decision: its ' +
      'tag runs there no longer.',
  })
  @RecordAnswer('The deployment, rolled back.')
  @Problems(problems.change)
  async rollBackDeployment(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'The deployment.') id: string,
    @JsonBody(rollBackDeploymentSchema, { optional: true, examples: examples.rollBack }) body: RollBackDeploymentBody,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<object> {
    const asked = { body, receipt: receiptOf(caller) }
    const target: Target = { find: index => findById(index, id, asked) }
    return answerOutcome(reply, await this.execute({ request, caller, key }, target, body))
  }

  @Post('tag/:imageTag/rollback')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Mark a deployment as rolled back by its image tag',
    description:
      'Marks what runs: candidates are the deployments of the tag that run now in their application and environment; where it ' +
      'runs nowhere, its latest success in each, but 409 where one of these is rolled back already. More than one: 409 with ' +
      '`candidates`; narrow by `application` and `environment`, in the query or in the body. All successes that deployed the tag in a ' +
      'row are marked in one decision; the answer is the latest one.',
  })
  @RecordAnswer('The deployment, rolled back.')
  @Problems(problems.rollBackTag)
  async rollBackTag(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @TextPath('imageTag', 'The tag; `/` in it is `%2F`.') imageTag: string,
    @StrictQuery() query: NarrowingQuery,
    @JsonBody(rollBackTagSchema, { optional: true, examples: examples.rollBackTag }) body: RollBackTagBody,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<object> {
    const selection = { imageTag, ...narrowed('application', query, body), ...narrowed('environment', query, body) }
    const asked = { body, receipt: receiptOf(caller) }
    const target: Target = { find: index => findTagged(index, selection, asked) }
    // The query narrows as the body does, so it belongs to what a repeat is compared by.
    const sent =
      query.application === undefined && query.environment === undefined ? body : { body, query: { ...query } }
    return answerOutcome(reply, await this.execute({ request, caller, key }, target, sent))
  }

  private of({ tenant }: Caller, command: DeploymentCommand): { streamId: string; command: DeploymentCommand } {
    return { streamId: streamIdOf(deployment.category, tenant, command.deploymentId), command }
  }

  private execute(
    { request, caller, key }: Origin,
    target: Target,
    sent: object,
    { creates = false } = {},
  ): Promise<Outcome<Deployment>> {
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

function receiptOf({ tenant, actor }: Caller): Receipt {
  return { tenant, now: formatInstant(new Date()), ...(actor !== undefined && { actor }) }
}

function narrowed(
  field: 'application' | 'environment',
  query: NarrowingQuery,
  body: NarrowingQuery,
): { [field]?: string } {
  const [asked, said] = [query[field], body[field]]
  const same = field === 'environment' ? environmentKey : (name: string) => name
  if (asked !== undefined && said !== undefined && same(asked) !== same(said)) {
    throw new HttpProblem(400, `${field} is ${asked} in the query and ${said} in the body: name it once.`, {
      errors: [{ parameter: field, detail: `differs from /${field} of the body` }],
    })
  }
  const value = asked ?? said
  return value === undefined ? {} : { [field]: value }
}
