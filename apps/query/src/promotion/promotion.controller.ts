import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions, CommandContext } from '#libs/contracts'
import { entityTag, MinPosition, Problems, ReadCaller, StrictQuery, UuidPath } from '#libs/http'
import {
  configurationDiff,
  configurationDrift,
  findPromotion,
  findPromotionEvents,
  promotionsPage,
} from '#libs/read-models'
import { found, sendJson, sendPage, sendTagged } from '../reads/responses.js'
import { eventsSchema, listProblems, ReadResponse } from '../reads/read-openapi.js'
import { ReadGateway } from '../reads/read-gateway.js'
import { unknownEnvironments } from '../reads/unknown-environments.js'
import { examples, problems, schemas } from './promotion-openapi.js'
import { DiffQuery, DriftQuery, PromotionsQuery } from './promotion-params.js'

@ApiTags('promotions')
@Controller('api/v1/config/promotions')
export class PromotionController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get()
  @ApiOperation({
    summary: 'List promotions',
    description: 'Newest first by creation. An unknown environment has an empty list.',
  })
  @ReadResponse('A page of promotions.', schemas.promotions, examples.promotions, { paged: true })
  @Problems(listProblems)
  async listPromotions(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @StrictQuery() { limit, cursor, ...filters }: PromotionsQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const response = await this.gateway.read(minimum, query =>
      promotionsPage(query, { tenant, filters, limit, cursor }),
    )
    return sendPage(request, reply, response)
  }

  @Get('diff')
  @ApiOperation({
    summary: 'Compare the configuration of two environments',
    description:
      'The changes that a full promotion from `source` to `target` would make, sorted by key (code points), not paged. Values are compared by their ' +
      'canonical JSON (RFC 8785); both values are masked if either is a secret. An unknown environment is a 404.',
  })
  @ReadResponse('The difference.', schemas.diff, examples.diff)
  @Problems(problems.drift)
  async compareConfigurations(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @StrictQuery() parameters: DiffQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const { source, target } = parameters
    const environments = { source, target }
    const selection = { tenant, ...parameters }
    const { body, positions } = await this.gateway.read(minimum, query => configurationDiff(query, selection))
    const { json, unknown } = body
    if (unknown.length > 0)
      throw await unknownEnvironments(this.gateway, reply, { tenant, minimum, environments, unknown }, [
        'configurations',
      ])
    return sendJson(reply, { body: json, positions })
  }

  @Get('drift')
  @ApiOperation({
    summary: 'List configuration drift',
    description:
      'The keys that differ between two environments, since when they differ without a break, and the change that began the difference. ' +
      'An unknown environment is a 404.',
  })
  @ReadResponse('A page of differing keys.', schemas.drift, examples.drift, { paged: true })
  @Problems(problems.drift)
  async listConfigurationDrift(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @StrictQuery() parameters: DriftQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const { source, target } = parameters
    const environments = { source, target }
    const selection = { tenant, ...parameters }
    const { body, positions } = await this.gateway.read(minimum, query => configurationDrift(query, selection))
    const { unknown, rows, ...head } = body
    if (unknown.length > 0)
      throw await unknownEnvironments(this.gateway, reply, { tenant, minimum, environments, unknown }, [
        'configurations',
      ])
    const json = `${JSON.stringify(head).slice(0, -1)},"rows":${rows.json}}`
    return sendPage(request, reply, { body: { ...rows, json }, positions })
  }

  @Get(':id')
  @ApiOperation({
    summary: 'Get a promotion',
    description: 'Its state, content hash, approvals, findings, and the actions that its state allows.',
  })
  @ReadResponse('The promotion.', schemas.promotion, examples.promotion, { tagged: true })
  @Problems(problems.one)
  async getPromotion(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @MinPosition() minimum?: Positions,
  ): Promise<string | undefined> {
    const response = await this.gateway.read(minimum, query => findPromotion(query, tenant, id))
    const { body, positions } = found(reply, response, missing(id))
    return sendTagged(request, reply, { body: body.json, positions }, entityTag(tenant, body.version, body.json))
  }

  @Get(':id/events')
  @ApiOperation({
    summary: 'List the events of a promotion',
    description:
      'All events in the order of the log, with actor and data. Values that are secrets, or became secrets later, are masked.',
  })
  @ReadResponse('The events.', eventsSchema, examples.events)
  @Problems(problems.one)
  async listPromotionEvents(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @UuidPath('id', 'Id of the promotion.') id: string,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const response = await this.gateway.read(minimum, query => findPromotionEvents(query, tenant, id))
    return sendJson(reply, found(reply, response, missing(id)))
  }
}

const missing = (id: string) => `Promotion ${id} does not exist.`
