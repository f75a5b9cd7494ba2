import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions } from '#libs/contracts'
import { type Caller, entityTag, MinPosition, Problems, ReadCaller, StrictQuery, UuidPath } from '#libs/http'
import {
  configurationDiff,
  configurationDrift,
  findPromotion,
  findPromotionEvents,
  promotionsPage,
} from '#libs/read-models'
import { found, sendJson, sendPage, sendTagged } from '../answers.js'
import { ReadAnswer } from '../deployment-documentation.js'
import { ReadSide } from '../read-side.js'
import { unknownEnvironments } from '../unknown-environments.js'
import { examples, problems, schemas } from './promotion-documentation.js'
import { bothOf, DiffQuery, DriftQuery, PromotionsQuery } from './promotion-questions.js'

@ApiTags('promotions')
@Controller('api/v1/config/promotions')
export class PromotionController {
  constructor(private readonly readSide: ReadSide) {}

  @Get()
  @ApiOperation({ summary: 'Promotions, newest first' })
  @ReadAnswer('The promotions.', schemas.promotions, examples.promotions, { paged: true })
  @Problems(problems.list)
  async promotions(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @StrictQuery() { limit, cursor, ...filters }: PromotionsQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const answer = await this.readSide.ask(minimum, query => promotionsPage(query, { tenant, filters, limit, cursor }))
    return sendPage(request, reply, answer)
  }

  @Get('diff')
  @ApiOperation({
    summary: 'What promoting everything would change',
    description:
      '`added`: in the source alone; `modified`: in both, with other values; `removed`: in the target alone; sorted by code ' +
      'point. Values are compared by their canonical JSON; both sides are masked where either is a secret.',
  })
  @ReadAnswer('The difference.', schemas.diff, examples.diff)
  @Problems(problems.drift)
  async diff(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @StrictQuery() question: DiffQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const named = bothOf(question)
    const asked = { tenant, ...question, ...named }
    const { body, positions } = await this.readSide.ask(minimum, query => configurationDiff(query, asked))
    const { json, unknown } = body
    if (unknown.length > 0)
      throw await unknownEnvironments(this.readSide, reply, { tenant, minimum, named, unknown }, ['configurations'])
    return sendJson(reply, { body: json, positions })
  }

  @Get('drift')
  @ApiOperation({
    summary: 'Since when keys differ between two environments, and what began it',
    description: '`since` is the start of the unbroken stretch in which a key differs.',
  })
  @ReadAnswer('The keys that differ.', schemas.drift, examples.drift, { paged: true })
  @Problems(problems.drift)
  async drift(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @StrictQuery() question: DriftQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const named = bothOf(question)
    const asked = { tenant, ...question, ...named }
    const { body, positions } = await this.readSide.ask(minimum, query => configurationDrift(query, asked))
    const { unknown, rows, ...head } = body
    if (unknown.length > 0)
      throw await unknownEnvironments(this.readSide, reply, { tenant, minimum, named, unknown }, ['configurations'])
    const json = `${JSON.stringify(head).slice(0, -1)},"rows":${rows.json}}`
    return sendPage(request, reply, { body: { ...rows, json }, positions })
  }

  @Get(':id')
  @ApiOperation({ summary: 'One promotion' })
  @ReadAnswer('The promotion.', schemas.promotion, examples.promotion, { tagged: true })
  @Problems(problems.one)
  async findPromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @UuidPath('id', 'The promotion.') id: string,
    @MinPosition() minimum?: Positions,
  ): Promise<string | undefined> {
    const answer = await this.readSide.ask(minimum, query => findPromotion(query, tenant, id))
    const { body, positions } = found(reply, answer, missing(id))
    return sendTagged(request, reply, { body: body.json, positions }, entityTag(tenant, body.version, body.json))
  }

  @Get(':id/events')
  @ApiOperation({
    summary: 'Who did what to a promotion, in order, and what that changed',
    description: '`data` is as it stands in the log, but for what is a secret, or became one later: it is masked.',
  })
  @ReadAnswer('The events.', schemas.events, examples.events)
  @Problems(problems.one)
  async findPromotionEvents(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @UuidPath('id', 'The promotion.') id: string,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const answer = await this.readSide.ask(minimum, query => findPromotionEvents(query, tenant, id))
    return sendJson(reply, found(reply, answer, missing(id)))
  }
}

const missing = (id: string) => `There is no promotion ${id}.`
