import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  executePromotionSchema,
  normalizeInstant,
  type Person,
  rollBackPromotionSchema,
  type SchedulePromotion,
  schedulePromotionSchema,
  type WantedRevision,
  type CommandContext,
} from '#libs/contracts'
import { ActingPerson, IdempotencyKey, IfMatch, JsonBody, Problems, UuidPath, WriteCaller } from '#libs/http'
import { PromotionCommands, type BodyOf } from './promotion-commands.js'
import { examples, problems, PromotionResponse } from './promotion-openapi.js'

@ApiTags('promotions')
@Controller('api/v1/config/promotions')
export class PromotionExecutionController {
  constructor(private readonly commands: PromotionCommands) {}

  @Post(':id/schedule')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Schedule the execution of a promotion',
    description:
      'The server executes the promotion at `at`, or marks it as `FAILED` if it cannot before `expiresAfter` has passed. Scheduling again ' +
      'replaces the time.',
  })
  @PromotionResponse('The scheduled promotion.')
  @Problems(problems.action)
  async schedulePromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @JsonBody(schedulePromotionSchema, { examples: examples.schedule }) body: BodyOf<'SchedulePromotion'>,
    @WriteCaller() caller: CommandContext,
    @ActingPerson() person: Person,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const normalized = { ...body, at: normalizeInstant(body.at) } satisfies Partial<SchedulePromotion>
    return this.commands.perform(
      { request, reply, caller, person, ifMatch, key },
      id,
      'SchedulePromotion',
      normalized,
      body,
    )
  }

  @Post(':id/execute')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Execute an approved promotion',
    description:
      'Writes the validated content to the target. If a key of it changed there since the validation: 409 with `conflicts`, and the ' +
      'promotion is `VALIDATION_FAILED`. During a freeze: 409, unless `overrideFreeze` has a reason and the person may override it.',
  })
  @PromotionResponse('The executed promotion.')
  @Problems(problems.action)
  async executePromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @JsonBody(executePromotionSchema, { optional: true, examples: examples.execute }) body: BodyOf<'ExecutePromotion'>,
    @WriteCaller() caller: CommandContext,
    @ActingPerson() person: Person,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.commands.perform({ request, reply, caller, person, ifMatch, key }, id, 'ExecutePromotion', body)
  }

  @Post(':id/rollback')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Roll back an executed promotion',
    description:
      'Restores the previous value of each key that the promotion changed. If a key changed since: 409 with `conflicts`, unless `force` is `true`.',
  })
  @PromotionResponse('The rolled back promotion.')
  @Problems(problems.action)
  async rollBackPromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @JsonBody(rollBackPromotionSchema, { optional: true, examples: examples.rollBack })
    body: BodyOf<'RollBackPromotion'>,
    @WriteCaller() caller: CommandContext,
    @ActingPerson() person: Person,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.commands.perform({ request, reply, caller, person, ifMatch, key }, id, 'RollBackPromotion', body)
  }
}
