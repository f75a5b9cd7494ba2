import { Controller, Get } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { freezesSchema, keySchemasSchema, pipelineExamples as examples, pipelineSchema } from '#libs/api'
import { Endpoint, entityTag, Read, type ReadRequest } from '#libs/http'
import { findKeySchemas, findPipelineSettings } from '#libs/read-models'
import { sendJson, sendTagged } from '../reads/responses.js'
import { ReadGateway } from '../reads/read-gateway.js'

@ApiTags('promotions')
@Controller('api/v1/config')
export class PipelineController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get('pipeline')
  @Endpoint({
    operationId: 'getPipeline',
    summary: 'Get the pipeline',
    description:
      'The environments in the order of promotion, with aliases and required approvals. Until it is set: dev, staging, production.',
    permission: 'policy:read',
    tagged: true,
    responses: { 200: { description: 'The pipeline.', schema: pipelineSchema, example: examples.pipeline } },
  })
  async getPipeline(@Read() read: ReadRequest): Promise<string | undefined> {
    const { tenant } = read.principal
    const { body, positions } = await this.gateway.read(read, query => findPipelineSettings(query, tenant))
    const json = JSON.stringify(body.pipeline)
    return sendTagged(read, { body: json, positions }, entityTag(tenant, body.revision, json))
  }

  @Get('pipeline/freezes')
  @Endpoint({
    operationId: 'listFreezes',
    summary: 'List the freezes',
    description: 'The periods in which promotions are not executed. Empty until they are set.',
    permission: 'policy:read',
    tagged: true,
    responses: { 200: { description: 'The freezes.', schema: freezesSchema, example: examples.freezes } },
  })
  async listFreezes(@Read() read: ReadRequest): Promise<string | undefined> {
    const { tenant } = read.principal
    const { body, positions } = await this.gateway.read(read, query => findPipelineSettings(query, tenant))
    const json = JSON.stringify(body.freezes)
    return sendTagged(read, { body: json, positions }, entityTag(tenant, body.revision, json))
  }

  @Get('schemas')
  @Endpoint({
    operationId: 'listKeySchemas',
    summary: 'List the key schemas',
    description:
      'The JSON Schemas that configuration values must match, by pattern of their keys. Empty until one is set.',
    permission: 'policy:read',
    responses: { 200: { description: 'The key schemas.', schema: keySchemasSchema, example: examples.keySchemas } },
  })
  async listKeySchemas(@Read() read: ReadRequest): Promise<string> {
    const { tenant } = read.principal
    return sendJson(read, await this.gateway.read(read, query => findKeySchemas(query, tenant)))
  }
}
