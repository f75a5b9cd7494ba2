import { Controller, Delete, HttpCode, Post, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import {
  approvePromotionSchema,
  cancelPromotionSchema,
  createPromotionSchema,
  type Person,
  type PromotionRequest,
  rejectPromotionSchema,
  validatePromotionSchema,
  type WantedRevision,
} from '#libs/contracts'
import {
  ActingPerson,
  bodyProblem,
  type Caller,
  IdempotencyKey,
  IfMatch,
  JsonBody,
  Problems,
  UuidPath,
  WriteCaller,
} from '#libs/http'
import { receivedFrom } from '../command-answer.js'
import { PromotionActs, requirePerson, type Said } from './promotion-acts.js'
import { examples, problems, PromotionAnswer, PromotionCreated } from './promotion-documentation.js'
import { promotionStream } from './promotion-target.js'

@ApiTags('promotions')
@Controller('api/v1/config/promotions')
export class PromotionController {
  constructor(private readonly acts: PromotionActs) {}

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
    requirePerson(person, 'A promotion has an author, who cannot approve it')
    const { tenant } = caller
    const promotionId = uuidv7()
    const { now } = receivedFrom(caller)
    const command = { type: 'CreatePromotion', promotionId, tenant, now, by: person, request: body } as const
    const target = { streamId: promotionStream(tenant, promotionId), command }
    return this.acts.execute({ request, reply, caller, person, key }, promotionId, target, body, true)
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
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.acts.validate({ request, reply, caller, person, ifMatch, key }, id, body)
  }

  @Post(':id/approve')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Approve what was validated',
    description:
      'By somebody else than its author, once each: who shares an id or an address with somebody, in any spelling, is that person. ' +
      '`contentHash` and `If-Match` hold it to what was looked at.',
  })
  @PromotionAnswer('With the approval; APPROVED once there are enough.')
  @Problems(problems.act)
  async approvePromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'The promotion.') id: string,
    @JsonBody(approvePromotionSchema, { optional: true, examples: examples.approve }) body: Said<'ApprovePromotion'>,
    @WriteCaller() caller: Caller,
    @ActingPerson() person: Person,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    requirePerson(person, 'An approval is a person’s')
    return this.acts.act({ request, reply, caller, person, ifMatch, key }, id, 'ApprovePromotion', body)
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
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.acts.act({ request, reply, caller, person, ifMatch, key }, id, 'RejectPromotion', body)
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
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.acts.act({ request, reply, caller, person, ifMatch, key }, id, 'CancelPromotion', body)
  }
}
