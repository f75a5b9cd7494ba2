import { Controller, Get } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { recordedEventsSchema } from '#libs/api'
import { Endpoint, entityTag, Read, type ReadRequest, StrictQuery, UuidPath } from '#libs/http'
import {
  configurationDiff,
  configurationDrift,
  findPromotion,
  findPromotionEvents,
  promotionsPage,
} from '#libs/read-models'
import { found, sendJson, sendPage, sendTagged } from '../reads/responses.js'
import { ReadGateway } from '../reads/read-gateway.js'
import { unknownEnvironments } from '../reads/unknown-environments.js'
import { examples, problems, schemas } from './promotion-openapi.js'
import { DiffQuery, DriftQuery, PromotionsQuery } from './promotion-params.js'

@ApiTags('promotions')
@Controller('api/v1/config/promotions')
export class PromotionController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get()
  @Endpoint({
    operationId: 'listPromotions',
    summary: 'List promotions',
    description: 'Newest first by creation. An unknown environment has an empty list.',
    permission: 'promotions:read',
    paged: true,
    responses: {
      200: { description: 'A page of promotions.', schema: schemas.promotions, example: examples.promotions },
    },
  })
  async listPromotions(
    @Read() read: ReadRequest,
    @StrictQuery() { limit, cursor, ...filters }: PromotionsQuery,
  ): Promise<string> {
    const { tenant } = read.principal
    const response = await this.gateway.read(read, query => promotionsPage(query, { tenant, filters, limit, cursor }))
    return sendPage(read, response)
  }

  @Get('diff')
  @Endpoint({
    operationId: 'compareConfigurations',
    summary: 'Compare the configuration of two environments',
    description:
      'The changes that a full promotion from `source` to `target` would make, sorted by key (code points), not paged. Values are compared by their ' +
      'canonical JSON (RFC 8785); both values are masked if either is a secret. An unknown environment is a 404.',
    permission: { allOf: ['config:read', 'flags:read'] },
    responses: { 200: { description: 'The difference.', schema: schemas.diff, example: examples.diff } },
    errors: problems.drift,
  })
  async compareConfigurations(@Read() read: ReadRequest, @StrictQuery() parameters: DiffQuery): Promise<string> {
    const { tenant } = read.principal
    const { source, target } = parameters
    const environments = { source, target }
    const selection = { tenant, ...parameters }
    const { body, positions } = await this.gateway.read(read, query => configurationDiff(query, selection))
    const { json, unknown } = body
    if (unknown.length > 0)
      throw await unknownEnvironments(this.gateway, read, { environments, unknown }, ['configurations'])
    return sendJson(read, { body: json, positions })
  }

  @Get('drift')
  @Endpoint({
    operationId: 'listConfigurationDrift',
    summary: 'List configuration drift',
    description:
      'The keys that differ between two environments, since when they differ without a break, and the change that began the difference. ' +
      'An unknown environment is a 404.',
    permission: { allOf: ['config:read', 'flags:read'] },
    paged: true,
    responses: { 200: { description: 'A page of differing keys.', schema: schemas.drift, example: examples.drift } },
    errors: problems.drift,
  })
  async listConfigurationDrift(@Read() read: ReadRequest, @StrictQuery() parameters: DriftQuery): Promise<string> {
    const { tenant } = read.principal
    const { source, target } = parameters
    const environments = { source, target }
    const selection = { tenant, ...parameters }
    const { body, positions } = await this.gateway.read(read, query => configurationDrift(query, selection))
    const { unknown, rows, ...head } = body
    if (unknown.length > 0)
      throw await unknownEnvironments(this.gateway, read, { environments, unknown }, ['configurations'])
    const json = `${JSON.stringify(head).slice(0, -1)},"rows":${rows.json}}`
    return sendPage(read, { body: { ...rows, json }, positions })
  }

  @Get(':id')
  @Endpoint({
    operationId: 'getPromotion',
    summary: 'Get a promotion',
    description: 'Its state, content hash, approvals, findings, and the actions that its state allows.',
    permission: 'promotions:read',
    tagged: true,
    responses: { 200: { description: 'The promotion.', schema: schemas.promotion, example: examples.promotion } },
    errors: problems.one,
  })
  async getPromotion(
    @Read() read: ReadRequest,
    @UuidPath('id', 'Id of the promotion.') id: string,
  ): Promise<string | undefined> {
    const { tenant } = read.principal
    const response = await this.gateway.read(read, query => findPromotion(query, tenant, id))
    const { body, positions } = found(read, response, missing(id))
    return sendTagged(read, { body: body.json, positions }, entityTag(tenant, body.version, body.json))
  }

  @Get(':id/events')
  @Endpoint({
    operationId: 'listPromotionEvents',
    summary: 'List the events of a promotion',
    description:
      'All events in the order of the log, with actor and data. Values that are secrets, or became secrets later, are masked.',
    permission: 'promotions:read',
    responses: { 200: { description: 'The events.', schema: recordedEventsSchema, example: examples.events } },
    errors: problems.one,
  })
  async listPromotionEvents(
    @Read() read: ReadRequest,
    @UuidPath('id', 'Id of the promotion.') id: string,
  ): Promise<string> {
    const { tenant } = read.principal
    const response = await this.gateway.read(read, query => findPromotionEvents(query, tenant, id))
    return sendJson(read, found(read, response, missing(id)))
  }
}

const missing = (id: string) => `Promotion ${id} does not exist.`
