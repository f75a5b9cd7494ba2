import { Controller, Post } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import {
  executePromotionSchema,
  normalizeInstant,
  rollBackPromotionSchema,
  type SchedulePromotion,
  schedulePromotionSchema,
  type WantedRevision,
} from '#libs/contracts'
import { Endpoint, IfMatch, JsonBody, UuidPath, Write, type WriteRequest } from '#libs/http'
import { PromotionCommands, type BodyOf } from './promotion-commands.js'
import { action, examples } from './promotion-openapi.js'

@ApiTags('promotions')
@Controller('api/v1/config/promotions')
export class PromotionExecutionController {
  constructor(private readonly commands: PromotionCommands) {}

  @Post(':id/schedule')
  @Endpoint({
    operationId: 'schedulePromotion',
    summary: 'Schedule the execution of a promotion',
    description:
      'The server executes the promotion at `at`, or marks it as `FAILED` if it cannot before `expiresAfter` has passed. Scheduling again ' +
      'replaces the time.',
    permission: 'promotions:execute',
    body: { schema: schedulePromotionSchema, examples: examples.schedule },
    ...action('The scheduled promotion.'),
  })
  async schedulePromotion(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @JsonBody() body: BodyOf<'SchedulePromotion'>,
  ): Promise<object | undefined> {
    const normalized = { ...body, at: normalizeInstant(body.at) } satisfies Partial<SchedulePromotion>
    return this.commands.perform({ ...write, ifMatch }, id, 'SchedulePromotion', normalized, body)
  }

  @Post(':id/execute')
  @Endpoint({
    operationId: 'executePromotion',
    summary: 'Execute an approved promotion',
    description:
      'Writes the validated content to the target. If a key of it changed there since the validation: 409 with `conflicts`, and the ' +
      'promotion is `VALIDATION_FAILED`. During a freeze: 409, unless `overrideFreeze` has a reason and the person may override it.',
    permission: 'promotions:execute',
    body: { schema: executePromotionSchema, optional: true, examples: examples.execute },
    ...action('The executed promotion.'),
  })
  async executePromotion(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @JsonBody() body: BodyOf<'ExecutePromotion'>,
  ): Promise<object | undefined> {
    return this.commands.perform({ ...write, ifMatch }, id, 'ExecutePromotion', body)
  }

  @Post(':id/rollback')
  @Endpoint({
    operationId: 'rollBackPromotion',
    summary: 'Roll back an executed promotion',
    description:
      'Restores the previous value of each key that the promotion changed. If a key changed since: 409 with `conflicts`, unless `force` is `true`.',
    permission: 'promotions:rollback',
    body: { schema: rollBackPromotionSchema, optional: true, examples: examples.rollBack },
    ...action('The rolled back promotion.'),
  })
  async rollBackPromotion(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @JsonBody() body: BodyOf<'RollBackPromotion'>,
  ): Promise<object | undefined> {
    return this.commands.perform({ ...write, ifMatch }, id, 'RollBackPromotion', body)
  }
}
