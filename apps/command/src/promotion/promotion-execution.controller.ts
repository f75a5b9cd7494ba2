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
} from '#libs/contracts'
import {
  ActingPerson,
  type Caller,
  IdempotencyKey,
  IfMatch,
  JsonBody,
  Problems,
  UuidPath,
  WriteCaller,
} from '#libs/http'
import { PromotionActs, type Said } from './promotion-acts.js'
import { examples, problems, PromotionAnswer } from './promotion-documentation.js'

@ApiTags('promotions')
@Controller('api/v1/config/promotions')
export class PromotionExecutionController {
  constructor(private readonly acts: PromotionActs) {}

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
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const said = { ...body, at: normalizeInstant(body.at) } satisfies Partial<SchedulePromotion>
    return this.acts.act({ request, reply, caller, person, ifMatch, key }, id, 'SchedulePromotion', said, body)
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
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.acts.act({ request, reply, caller, person, ifMatch, key }, id, 'ExecutePromotion', body)
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
    @IfMatch() ifMatch: WantedRevision | undefined,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    return this.acts.act({ request, reply, caller, person, ifMatch, key }, id, 'RollBackPromotion', body)
  }
}
