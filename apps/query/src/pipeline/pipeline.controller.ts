import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CommandContext, Positions } from '#libs/contracts'
import { entityTag, MinPosition, Problems, ReadCaller } from '#libs/http'
import { findKeySchemas, findPipelineSettings } from '#libs/read-models'
import { sendJson, sendTagged } from '../reads/responses.js'
import { listProblems, ReadResponse } from '../reads/read-openapi.js'
import { ReadGateway } from '../reads/read-gateway.js'
import { examples, schemas } from './pipeline-openapi.js'

@ApiTags('promotions')
@Controller('api/v1/config')
export class RulesController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get('pipeline')
  @ApiOperation({
    summary: 'Get the pipeline',
    description:
      'The environments in the order of promotion, with aliases and required approvals. Until it is set: dev, staging, production.',
  })
  @ReadResponse('The pipeline.', schemas.pipeline, examples.pipeline, { tagged: true })
  @Problems(listProblems)
  async getPipeline(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @MinPosition() minimum?: Positions,
  ): Promise<string | undefined> {
    const { body, positions } = await this.gateway.read(minimum, query => findPipelineSettings(query, tenant))
    const json = JSON.stringify(body.pipeline)
    return sendTagged(request, reply, { body: json, positions }, entityTag(tenant, body.revision, json))
  }

  @Get('pipeline/freezes')
  @ApiOperation({
    summary: 'List the freezes',
    description: 'The periods in which promotions are not executed. Empty until they are set.',
  })
  @ReadResponse('The freezes.', schemas.freezes, examples.freezes, { tagged: true })
  @Problems(listProblems)
  async listFreezes(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @MinPosition() minimum?: Positions,
  ): Promise<string | undefined> {
    const { body, positions } = await this.gateway.read(minimum, query => findPipelineSettings(query, tenant))
    const json = JSON.stringify(body.freezes)
    return sendTagged(request, reply, { body: json, positions }, entityTag(tenant, body.revision, json))
  }

  @Get('schemas')
  @ApiOperation({
    summary: 'List the key schemas',
    description:
      'The JSON Schemas that configuration values must match, by pattern of their keys. Empty until one is set.',
  })
  @ReadResponse('The key schemas.', schemas.keySchemas, examples.keySchemas)
  @Problems(listProblems)
  async listKeySchemas(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    return sendJson(reply, await this.gateway.read(minimum, query => findKeySchemas(query, tenant)))
  }
}
