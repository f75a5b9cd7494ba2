import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions, CommandContext } from '#libs/contracts'
import { addVary, MinPosition, Problems, ReadCaller, StrictQuery } from '#libs/http'
import { listProblems, ReadResponse } from '../reads/read-openapi.js'
import { EnvironmentPath, environmentsPath, examples, KeyPath, problems, schemas } from './configuration-openapi.js'
import { AsOfQuery } from '../reads/as-of-params.js'
import { ConfigurationsQuery, KeyHistoryQuery } from './configuration-params.js'
import { acceptedForm } from './environment-file.js'
import { KeyReads } from './key-reads.js'

const kind = 'configuration'

@ApiTags('configuration')
@Controller(`${environmentsPath}/configurations`)
export class ConfigurationController {
  constructor(private readonly reads: KeyReads) {}

  @Get()
  @ApiOperation({
    summary: 'List the configurations of an environment',
    description:
      'Sorted by key. `Accept: application/yaml`, `Accept: text/x-java-properties` or `export=true` (JSON) returns all of them as one file in ' +
      'the format of `PUT .../configurations`, without paging. Secrets are masked. An unknown environment has an empty list.',
  })
  @ApiProduces('application/json', 'application/yaml', 'text/x-java-properties')
  @ReadResponse('A page of configurations, or the file.', schemas.configurations, examples.configurations, {
    paged: true,
    others: { 'with export=true': examples.file },
  })
  @Problems(listProblems)
  async listConfigurations(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @EnvironmentPath() environment: string,
    @StrictQuery() { export: whole = false, ...parameters }: ConfigurationsQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const read = { request, reply, tenant, environment, minimum }
    const { form, type } = acceptedForm(request.headers.accept)
    addVary(reply, 'Accept')
    if (whole || form !== 'json') return this.reads.file(read, form, type, parameters)
    return this.reads.list(read, kind, parameters)
  }

  @Get(':key')
  @ApiOperation({
    summary: 'Get a configuration',
    description: 'The value of one key, masked if it is a secret. 404 for an unknown key or environment.',
  })
  @ReadResponse('The configuration.', schemas.configuration, examples.configuration, { tagged: true })
  @Problems(problems.one)
  async getConfiguration(
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
    summary: 'List the history of a configuration',
    description:
      'All changes of one key, newest first, deletions included. Secrets are masked. 404 if the environment never had the key.',
  })
  @ReadResponse('A page of changes.', schemas.history, examples.history, { paged: true })
  @Problems(problems.one)
  async listConfigurationHistory(
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
