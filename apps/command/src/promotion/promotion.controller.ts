import { Controller, Delete, HttpCode, Post, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import {
  approvePromotionSchema,
  cancelPromotionSchema,
  createPromotionSchema,
  executePromotionSchema,
  hashJson,
  normalizeInstant,
  type Person,
  type PromotionCommand,
  type PromotionRequest,
  rejectPromotionSchema,
  rollBackPromotionSchema,
  type SchedulePromotion,
  schedulePromotionSchema,
  validatePromotionSchema,
} from '#libs/contracts'
import { promotion } from '#libs/domain'
import {
  ActingPerson,
  bodyProblem,
  type Caller,
  HttpProblem,
  IdempotencyKey,
  JsonBody,
  Problems,
  UuidPath,
  WriteCaller,
} from '#libs/http'
import { type CommandRequest, Ledger } from '#libs/ledger'
import { idempotencyOf, receivedFrom } from '../command-answer.js'
import { TenantChecks } from '../pipeline/tenant-checks.js'
import { answerPromotion } from './promotion-answer.js'
import { examples, problems, PromotionAnswer, PromotionCreated } from './promotion-documentation.js'
import { promotionStream, promotionTarget } from './promotion-target.js'
import { validationTarget } from './promotion-validation.js'

/** Who acts on which promotion, and where the request came from. */
interface Act {
  request: FastifyRequest
  reply: FastifyReply
  caller: Caller
  person: Person
  key: string | undefined
}

type LaterCommand = Exclude<PromotionCommand, { type: 'CreatePromotion' | 'ValidatePromotion' }>
/** What a body says of a command. */
type Said<T extends LaterCommand['type']> = Omit<
  Extract<LaterCommand, { type: T }>,
  'type' | 'promotionId' | 'now' | 'by'
>

@ApiTags('promotions')
@Controller('api/v1/config/promotions')
export class PromotionController {
  constructor(
    private readonly ledger: Ledger,
    private readonly checks: TenantChecks,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Draft a promotion', description: 'It changes nothing until it is executed.' })
  @PromotionCreated()
  @Problems(problems.create)
  async createPromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @JsonBody(createPromotionSchema, { examples: examples.create }) body: PromotionRequest,
    @WriteCaller() caller: Caller,
    @ActingPerson() person: Person,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    if (body.deleteRemoved !== undefined && body.promotionType !== 'FULL') {
      throw bodyProblem([{ pointer: '/deleteRemoved', detail: 'is for FULL promotions only' }])
    }
    const { tenant } = caller
    const promotionId = uuidv7()
    const { now } = receivedFrom(caller)
    const command = { type: 'CreatePromotion', promotionId, tenant, now, by: person, request: body } as const
    const target = { streamId: promotionStream(tenant, promotionId), command }
    return this.execute({ request, reply, caller, person, key }, promotionId, target, body, true)
  }

  @Post(':id/validate')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Validate a promotion',
    description:
      'Captures what it would write, and holds it against the rules: `findings` says what speaks against it.',
  })
  @PromotionAnswer('Validated, or VALIDATION_FAILED with its findings.')
  @Problems(problems.validate)
  async validatePromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'The promotion.') id: string,
    @JsonBody(validatePromotionSchema, { optional: true, examples: examples.nothing }) body: object,
    @WriteCaller() caller: Caller,
    @ActingPerson() person: Person,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const { now } = receivedFrom(caller)
    const command = { type: 'ValidatePromotion', promotionId: id, now, by: person } as const
    const target = validationTarget(caller.tenant, command, this.checks)
    return this.execute({ request, reply, caller, person, key }, id, target, body)
  }

  @Post(':id/approve')
  @HttpCode(200)
  @ApiOperation({ summary: 'Approve what was validated', description: 'By somebody else than its author, once each.' })
  @PromotionAnswer('With the approval; APPROVED once there are enough.')
  @Problems(problems.act)
  async approvePromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'The promotion.') id: string,
    @JsonBody(approvePromotionSchema, { optional: true, examples: examples.approve }) body: Said<'ApprovePromotion'>,
    @WriteCaller() caller: Caller,
    @ActingPerson() person: Person,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    if (person.userId === undefined && person.userEmail === undefined) {
      throw new HttpProblem(400, 'An approval is a person’s: say who approves in X-User-ID or X-User-Email.', {
        errors: [{ header: 'X-User-ID', detail: 'is missing' }],
      })
    }
    return this.act({ request, reply, caller, person, key }, id, 'ApprovePromotion', body)
  }

  @Post(':id/reject')
  @HttpCode(200)
  @ApiOperation({ summary: 'Reject what was validated' })
  @PromotionAnswer('Rejected, for good.')
  @Problems(problems.act)
  async rejectPromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'The promotion.') id: string,
    @JsonBody(rejectPromotionSchema, { optional: true, examples: examples.reason }) body: Said<'RejectPromotion'>,
    @WriteCaller() caller: Caller,
    @ActingPerson() person: Person,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.act({ request, reply, caller, person, key }, id, 'RejectPromotion', body)
  }

  @Post(':id/schedule')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let it execute by itself, later', description: 'Again: another time takes its place.' })
  @PromotionAnswer('Scheduled.')
  @Problems(problems.act)
  async schedulePromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'The promotion.') id: string,
    @JsonBody(schedulePromotionSchema, { examples: examples.schedule }) body: Said<'SchedulePromotion'>,
    @WriteCaller() caller: Caller,
    @ActingPerson() person: Person,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const said = { ...body, at: normalizeInstant(body.at) } satisfies Partial<SchedulePromotion>
    return this.act({ request, reply, caller, person, key }, id, 'SchedulePromotion', said, body)
  }

  @Post(':id/execute')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Execute an approved promotion',
    description:
      'Writes what was validated, if no key of it changed in the target since; else 409 with the `conflicts`.',
  })
  @PromotionAnswer('Executed.')
  @Problems(problems.act)
  async executePromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'The promotion.') id: string,
    @JsonBody(executePromotionSchema, { optional: true, examples: examples.execute }) body: Said<'ExecutePromotion'>,
    @WriteCaller() caller: Caller,
    @ActingPerson() person: Person,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.act({ request, reply, caller, person, key }, id, 'ExecutePromotion', body)
  }

  @Post(':id/rollback')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Restore what the target held before, key by key',
    description: 'Keys that somebody changed since are named in a 409, unless `force`.',
  })
  @PromotionAnswer('Rolled back.')
  @Problems(problems.act)
  async rollBackPromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'The promotion.') id: string,
    @JsonBody(rollBackPromotionSchema, { optional: true, examples: examples.rollBack }) body: Said<'RollBackPromotion'>,
    @WriteCaller() caller: Caller,
    @ActingPerson() person: Person,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.act({ request, reply, caller, person, key }, id, 'RollBackPromotion', body)
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Cancel a promotion' })
  @PromotionAnswer('Cancelled, for good.')
  @Problems(problems.act)
  async cancelPromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'The promotion.') id: string,
    @JsonBody(cancelPromotionSchema, { optional: true, examples: examples.reason }) body: Said<'CancelPromotion'>,
    @WriteCaller() caller: Caller,
    @ActingPerson() person: Person,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.act({ request, reply, caller, person, key }, id, 'CancelPromotion', body)
  }

  private act<T extends LaterCommand['type']>(
    act: Act,
    promotionId: string,
    type: T,
    said: Said<T>,
    sent: object = said,
  ): Promise<object | undefined> {
    const { now } = receivedFrom(act.caller)
    const command = { ...said, type, promotionId, now, by: act.person } as LaterCommand
    return this.execute(act, promotionId, promotionTarget(act.caller.tenant, command), sent)
  }

  private async execute(
    { request, reply, caller, key }: Act,
    promotionId: string,
    target: CommandRequest<never, PromotionCommand, never>['target'],
    sent: object,
    creates = false,
  ): Promise<object | undefined> {
    const outcome = await this.ledger.execute({
      decider: promotion,
      target,
      // Everything that belongs to a promotion is found by its id.
      caller: { ...caller, correlationId: promotionId },
      bodyHash: hashJson(sent),
      ...idempotencyOf({ request, caller, key }),
    })
    return answerPromotion(reply, outcome, { creates })
  }
}
