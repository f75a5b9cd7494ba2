import { Controller, Delete, Post } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { v7 as uuidv7 } from 'uuid'
import { personOf } from '#libs/auth'
import {
  approvePromotionSchema,
  cancelPromotionSchema,
  createPromotionSchema,
  type PromotionRequest,
  rejectPromotionSchema,
  validatePromotionSchema,
  type WantedRevision,
} from '#libs/contracts'
import { bodyProblem, Endpoint, IfMatch, JsonBody, UuidPath, Write, type WriteRequest } from '#libs/http'
import { receivedFrom } from '../commands/execute-command.js'
import { PromotionCommands, requirePerson, type BodyOf } from './promotion-commands.js'
import { action, creation, examples, validationErrors } from './promotion-openapi.js'
import { promotionStream } from './promotion-target.js'

@ApiTags('promotions')
@Controller('api/v1/config/promotions')
export class PromotionController {
  constructor(private readonly commands: PromotionCommands) {}

  @Post()
  @Endpoint({
    operationId: 'createPromotion',
    summary: 'Create a promotion',
    description: 'Creates a draft. The target does not change before the promotion is executed.',
    permission: 'promotions:draft',
    body: { schema: createPromotionSchema, examples: examples.create },
    ...creation,
  })
  async createPromotion(@Write() write: WriteRequest, @JsonBody() body: PromotionRequest): Promise<object | undefined> {
    if (body.deleteRemoved !== undefined && body.promotionType !== 'FULL') {
      throw bodyProblem([{ pointer: '/deleteRemoved', detail: 'is only allowed with the `promotionType` FULL' }])
    }
    requirePerson(write.principal, 'A promotion needs an author, who cannot approve it')
    const { principal } = write
    const { tenant } = principal
    const promotionId = uuidv7()
    const { now } = receivedFrom(write)
    const by = personOf(principal)
    const command = { type: 'CreatePromotion', promotionId, tenant, now, by, request: body } as const
    const target = { streamId: promotionStream(tenant, promotionId), command }
    return this.commands.execute(write, promotionId, target, body, true)
  }

  @Post(':id/validate')
  @Endpoint({
    operationId: 'validatePromotion',
    summary: 'Validate a promotion',
    description:
      'Captures the content that the promotion would write, and checks it against the pipeline and the key schemas. `findings` has the ' +
      'errors and warnings. Approvals of another content are dropped.',
    permission: { anyOf: ['promotions:draft', 'promotions:approve'] },
    body: { schema: validatePromotionSchema, optional: true, examples: examples.nothing },
    ...action(
      'The promotion: `VALIDATED`, `APPROVED` if it needs no more approvals, or `VALIDATION_FAILED` with `findings`.',
    ),
    errors: validationErrors,
  })
  async validatePromotion(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @JsonBody() body: object,
  ): Promise<object | undefined> {
    return this.commands.validate({ ...write, ifMatch }, id, body)
  }

  @Post(':id/approve')
  @Endpoint({
    operationId: 'approvePromotion',
    summary: 'Approve a promotion',
    description:
      'The author cannot approve, and a person can approve only once. Two requests are from the same person if they share a user id or an ' +
      'e-mail address, regardless of spelling. Send `contentHash` or `If-Match` to approve exactly the content that was reviewed.',
    permission: 'promotions:approve',
    body: { schema: approvePromotionSchema, optional: true, examples: examples.approve },
    ...action('The promotion with the approval; `APPROVED` if it has all approvals that it needs.'),
  })
  async approvePromotion(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @JsonBody() body: BodyOf<'ApprovePromotion'>,
  ): Promise<object | undefined> {
    requirePerson(write.principal, 'An approval needs a person')
    return this.commands.perform({ ...write, ifMatch }, id, 'ApprovePromotion', body)
  }

  @Post(':id/reject')
  @Endpoint({
    operationId: 'rejectPromotion',
    summary: 'Reject a promotion',
    description: 'Final: a rejected promotion allows no more actions.',
    permission: 'promotions:approve',
    body: { schema: rejectPromotionSchema, optional: true, examples: examples.reason },
    ...action('The rejected promotion.'),
  })
  async rejectPromotion(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @JsonBody() body: BodyOf<'RejectPromotion'>,
  ): Promise<object | undefined> {
    return this.commands.perform({ ...write, ifMatch }, id, 'RejectPromotion', body)
  }

  @Delete(':id')
  @Endpoint({
    operationId: 'cancelPromotion',
    summary: 'Cancel a promotion',
    description: 'Final: a cancelled promotion allows no more actions. Also cancels a scheduled execution.',
    permission: { anyOf: ['promotions:execute', 'promotions:draft'] },
    body: { schema: cancelPromotionSchema, optional: true, examples: examples.reason },
    ...action('The cancelled promotion.'),
  })
  async cancelPromotion(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @JsonBody() body: BodyOf<'CancelPromotion'>,
  ): Promise<object | undefined> {
    return this.commands.perform({ ...write, ifMatch }, id, 'CancelPromotion', body)
  }
}
