import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { putFreezesSchema, putPipelineSchema, type Positions } from '#libs/contracts'
import { type Caller, entityTag, MinPosition, Problems, ReadCaller } from '#libs/http'
import { findKeySchemas, findRules } from '#libs/read-models'
import { sendJson, sendTagged } from '../answers.js'
import { ReadAnswer } from '../deployment-documentation.js'
import { ReadSide } from '../read-side.js'
import { examples, problems } from './promotion-documentation.js'

const keySchemas = {
  type: 'array',
  items: {
    type: 'object',
    required: ['keyPattern', 'schema', 'updatedAt'],
    properties: {
      keyPattern: { type: 'string' },
      schema: { description: 'A JSON Schema (2020-12).' },
      updatedAt: { type: 'string', format: 'instant' },
      updatedBy: { type: 'string' },
    },
  },
}

/** Shows what a tenant promotes by. */
@ApiTags('promotions')
@Controller('api/v1/config')
export class RulesController {
  constructor(private readonly readSide: ReadSide) {}

  @Get('pipeline')
  @ApiOperation({
    summary: 'The environments in the order of promotion',
    description: 'The default one until one is put.',
  })
  @ReadAnswer('The pipeline.', putPipelineSchema, examples.pipeline, { tagged: true })
  @Problems(problems.list)
  async pipeline(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @MinPosition() minimum?: Positions,
  ): Promise<string | undefined> {
    const { body, positions } = await this.readSide.ask(minimum, query => findRules(query, tenant))
    const json = JSON.stringify(body.pipeline)
    return sendTagged(request, reply, { body: json, positions }, entityTag(tenant, body.revision, json))
  }

  @Get('pipeline/freezes')
  @ApiOperation({ summary: 'When nothing is promoted' })
  @ReadAnswer('The freezes.', putFreezesSchema, examples.freezes, { tagged: true })
  @Problems(problems.list)
  async freezes(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @MinPosition() minimum?: Positions,
  ): Promise<string | undefined> {
    const { body, positions } = await this.readSide.ask(minimum, query => findRules(query, tenant))
    const json = JSON.stringify(body.freezes)
    return sendTagged(request, reply, { body: json, positions }, entityTag(tenant, body.revision, json))
  }

  @Get('schemas')
  @ApiOperation({ summary: 'The JSON Schemas that values are to fit, by the pattern of their keys' })
  @ReadAnswer('The schemas.', keySchemas, examples.keySchemas)
  @Problems(problems.list)
  async keySchemas(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    return sendJson(reply, await this.readSide.ask(minimum, query => findKeySchemas(query, tenant)))
  }
}
