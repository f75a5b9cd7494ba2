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
  type CommandContext,
} from '#libs/contracts'
import {
  ActingPerson,
  bodyProblem,
  IdempotencyKey,
  IfMatch,
  JsonBody,
  Problems,
  UuidPath,
  WriteCaller,
} from '#libs/http'
import { receivedFrom } from '../commands/command-response.js'
import { PromotionCommands, requirePerson, type BodyOf } from './promotion-commands.js'
import { examples, problems, PromotionResponse, PromotionCreated } from './promotion-openapi.js'
import { promotionStream } from './promotion-target.js'

@ApiTags('promotions')
@Controller('api/v1/config/promotions')
export class PromotionController {
  constructor(private readonly commands: PromotionCommands) {}

  @Post()
  @ApiOperation({
    summary: 'Create a promotion',
    description: 'Creates a draft. The target does not change before the promotion is executed.',
  })
  @PromotionCreated()
  @Problems(problems.create)
  async createPromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @JsonBody(createPromotionSchema, { examples: examples.create }) body: PromotionRequest,
    @WriteCaller() caller: CommandContext,
    @ActingPerson() person: Person,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    if (body.deleteRemoved !== undefined && body.promotionType !== 'FULL') {
      throw bodyProblem([{ pointer: '/deleteRemoved', detail: 'is only allowed with the `promotionType` FULL' }])
    }
    requirePerson(person, 'A promotion needs an author, who cannot approve it')
    const { tenant } = caller
    const promotionId = uuidv7()
    const { now } = receivedFrom(caller)
    const command = { type: 'CreatePromotion', promotionId, tenant, now, by: person, request: body } as const
    const target = { streamId: promotionStream(tenant, promotionId), command }
    return this.commands.execute({ request, reply, caller, person, key }, promotionId, target, body, true)
  }

  @Post(':id/validate')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Validate a promotion',
    description:
      'Captures the content that the promotion would write, and checks it against the pipeline and the key schemas. `findings` has the ' +
      'errors and warnings. Approvals of another content are dropped.',
  })
  @PromotionResponse(
    'The promotion: `VALIDATED`, `APPROVED` if it needs no more approvals, or `VALIDATION_FAILED` with `findings`.',
  )
  @Problems(problems.validate)
  async validatePromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @JsonBody(validatePromotionSchema, { optional: true, examples: examples.nothing }) body: object,
    @WriteCaller() caller: CommandContext,
    @ActingPerson() person: Person,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.commands.validate({ request, reply, caller, person, ifMatch, key }, id, body)
  }

  @Post(':id/approve')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Approve a promotion',
    description:
      'The author cannot approve, and a person can approve only once. Two requests are from the same person if they share a user id or an ' +
      'e-mail address, regardless of spelling. Send `contentHash` or `If-Match` to approve exactly the content that was reviewed.',
  })
  @PromotionResponse('The promotion with the approval; `APPROVED` if it has all approvals that it needs.')
  @Problems(problems.action)
  async approvePromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @JsonBody(approvePromotionSchema, { optional: true, examples: examples.approve }) body: BodyOf<'ApprovePromotion'>,
    @WriteCaller() caller: CommandContext,
    @ActingPerson() person: Person,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    requirePerson(person, 'An approval needs a person')
    return this.commands.perform({ request, reply, caller, person, ifMatch, key }, id, 'ApprovePromotion', body)
  }

  @Post(':id/reject')
  @HttpCode(200)
  @ApiOperation({ summary: 'Reject a promotion', description: 'Final: a rejected promotion allows no more actions.' })
  @PromotionResponse('The rejected promotion.')
  @Problems(problems.action)
  async rejectPromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @JsonBody(rejectPromotionSchema, { optional: true, examples: examples.reason }) body: BodyOf<'RejectPromotion'>,
    @WriteCaller() caller: CommandContext,
    @ActingPerson() person: Person,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.commands.perform({ request, reply, caller, person, ifMatch, key }, id, 'RejectPromotion', body)
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Cancel a promotion',
    description: 'Final: a cancelled promotion allows no more actions. Also cancels a scheduled execution.',
  })
  @PromotionResponse('The cancelled promotion.')
  @Problems(problems.action)
  async cancelPromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @JsonBody(cancelPromotionSchema, { optional: true, examples: examples.reason }) body: BodyOf<'CancelPromotion'>,
    @WriteCaller() caller: CommandContext,
    @ActingPerson() person: Person,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.commands.perform({ request, reply, caller, person, ifMatch, key }, id, 'CancelPromotion', body)
  }
}
