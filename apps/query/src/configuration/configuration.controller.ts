import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions } from '#libs/contracts'
import { addVary, type Caller, MinPosition, Problems, ReadCaller, StrictQuery } from '#libs/http'
import { ReadAnswer } from '../deployment-documentation.js'
import {
  EnvironmentPath,
  environmentsPath,
  examples,
  KeyPath,
  problems,
  schemas,
} from './configuration-documentation.js'
import { AsOfQuery } from '../as-of-question.js'
import { ConfigurationsQuery, KeyHistoryQuery } from './configuration-questions.js'
import { acceptedForm } from './environment-file.js'
import { KeyReads } from './key-reads.js'

const kind = 'configuration'

@ApiTags('configuration')
@Controller(`${environmentsPath}/configurations`)
export class ConfigurationController {
  constructor(private readonly reads: KeyReads) {}

  @Get()
  @ApiOperation({
    summary: 'What an environment holds, by key',
    description:
      'With `Accept: application/yaml` or `text/x-java-properties`, or `export=true` for JSON, all of it at once as a file, as a PUT ' +
      'of the whole takes it; `limit` and `cursor` say nothing then. Secrets are masked.',
  })
  @ApiProduces('application/json', 'application/yaml', 'text/x-java-properties')
  @ReadAnswer('The configurations.', schemas.configurations, examples.configurations, { paged: true })
  @Problems(problems.list)
  async configurations(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @EnvironmentPath() environment: string,
    @StrictQuery() { export: whole = false, ...question }: ConfigurationsQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const read = { request, reply, tenant, environment, minimum }
    const { form, type } = acceptedForm(request.headers.accept)
    addVary(reply, 'Accept')
    if (whole || form !== 'json') return this.reads.file(read, form, type, question)
    return this.reads.list(read, kind, question)
  }

  @Get(':key')
  @ApiOperation({ summary: 'One configuration' })
  @ReadAnswer('The configuration.', schemas.configuration, examples.configuration, { tagged: true })
  @Problems(problems.one)
  async configuration(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @EnvironmentPath() environment: string,
    @KeyPath() key: string,
    @StrictQuery() question: AsOfQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string | undefined> {
    return this.reads.one({ request, reply, tenant, environment, minimum }, kind, key, question)
  }

  @Get(':key/history')
  @ApiOperation({
    summary: 'What was changed under one key, newest first',
    description: '`deleted`: nothing stood there.',
  })
  @ReadAnswer('The changes.', schemas.history, examples.history, { paged: true })
  @Problems(problems.one)
  async configurationHistory(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @EnvironmentPath() environment: string,
    @KeyPath() key: string,
    @StrictQuery() question: KeyHistoryQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    return this.reads.history({ request, reply, tenant, environment, minimum }, kind, key, question)
  }
}
