import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions } from '#libs/contracts'
import { type Caller, HttpProblem, MinPosition, Problems, ReadCaller, StrictQuery, UuidPath } from '#libs/http'
import {
  configurationDiff,
  configurationDrift,
  findPromotion,
  findPromotionEvents,
  promotionsPage,
} from '#libs/read-models'
import { found, sendJson, sendPage, sendTagged, tellPositions } from '../answers.js'
import { ReadAnswer } from '../deployment-documentation.js'
import { ReadSide } from '../read-side.js'
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
  @Problems(problems.list)
  async diff(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @StrictQuery() question: DiffQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const asked = { tenant, ...question, ...bothOf(question) }
    return sendJson(reply, await this.readSide.ask(minimum, query => configurationDiff(query, asked)))
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
    const asked = { tenant, ...question, ...bothOf(question) }
    const { body, positions } = await this.readSide.ask(minimum, query => configurationDrift(query, asked))
    const { unknown, rows, ...head } = body
    if (unknown.length > 0) {
      tellPositions(reply, positions)
      const names = unknown.join(' and ')
      throw new HttpProblem(
        404,
        `There is no environment ${names}: the pipeline has none such, nor was it ever configured.`,
      )
    }
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
    return sendTagged({ request, reply, tenant }, found(reply, answer, missing(id)))
  }

  @Get(':id/events')
  @ApiOperation({
    summary: 'Who did what to a promotion, in order, and what that changed',
    description: '`data` is as it stands in the log, but for secrets: they are masked.',
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
