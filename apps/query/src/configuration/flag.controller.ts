import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions, CommandContext } from '#libs/contracts'
import { MinPosition, Problems, ReadCaller, StrictQuery } from '#libs/http'
import { listProblems, ReadResponse } from '../reads/read-openapi.js'
import { EnvironmentPath, environmentsPath, examples, KeyPath, problems, schemas } from './configuration-openapi.js'
import { AsOfQuery } from '../reads/as-of-params.js'
import { FlagsQuery, KeyHistoryQuery } from './configuration-params.js'
import { KeyReads } from './key-reads.js'

const kind = 'flag'

@ApiTags('configuration')
@Controller(`${environmentsPath}/flags`)
export class FlagController {
  constructor(private readonly reads: KeyReads) {}

  @Get()
  @ApiOperation({
    summary: 'List the feature flags of an environment',
    description: 'Sorted by key. An unknown environment has an empty list.',
  })
  @ReadResponse('A page of feature flags.', schemas.flags, examples.flags, { paged: true })
  @Problems(listProblems)
  async listFlags(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @EnvironmentPath() environment: string,
    @StrictQuery() parameters: FlagsQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    return this.reads.list({ request, reply, tenant, environment, minimum }, kind, parameters)
  }

  @Get(':key')
  @ApiOperation({ summary: 'Get a feature flag', description: '404 for an unknown key or environment.' })
  @ReadResponse('The feature flag.', schemas.flag, examples.flag, { tagged: true })
  @Problems(problems.one)
  async getFlag(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @EnvironmentPath() environment: string,
    @KeyPath() key: string,
    @StrictQuery() parameters: AsOfQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string | undefined> {
    return this.reads.one({ request, reply, tenant, environment, minimum }, kind, key, parameters)
  }

  @Get(':key/history')
  @ApiOperation({
    summary: 'List the history of a feature flag',
    description:
      'All changes of one flag, newest first, deletions included. 404 if the environment never had the flag.',
  })
  @ReadResponse('A page of changes.', schemas.flagHistory, examples.flagHistory, { paged: true })
  @Problems(problems.one)
  async listFlagHistory(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @EnvironmentPath() environment: string,
    @KeyPath() key: string,
    @StrictQuery() parameters: KeyHistoryQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    return this.reads.history({ request, reply, tenant, environment, minimum }, kind, key, parameters)
  }
}
