import { Controller, Get } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { Endpoint, Read, type ReadRequest, StrictQuery } from '#libs/http'
import { EnvironmentPath, environmentsPath, examples, schemas } from './configuration-openapi.js'
import { FlagsQuery } from './configuration-params.js'
import { keyController } from './key.controller.js'

const kind = 'flag'
const permission = 'flags:read'

@ApiTags('configuration')
@Controller(`${environmentsPath}/flags`)
export class FlagController extends keyController({
  kind,
  permission,
  one: {
    operationId: 'getFlag',
    summary: 'Get a feature flag',
    description: '404 for an unknown key or environment.',
    response: { description: 'The feature flag.', schema: schemas.flag, example: examples.flag },
  },
  history: {
    operationId: 'listFlagHistory',
    summary: 'List the history of a feature flag',
    description:
      'All changes of one flag, newest first, deletions included. 404 if the environment never had the flag.',
    response: { description: 'A page of changes.', schema: schemas.flagHistory, example: examples.flagHistory },
  },
}) {
  @Get()
  @Endpoint({
    operationId: 'listFlags',
    summary: 'List the feature flags of an environment',
    description: 'Sorted by key. An unknown environment has an empty list.',
    permission,
    paged: true,
    responses: { 200: { description: 'A page of feature flags.', schema: schemas.flags, example: examples.flags } },
  })
  async listFlags(
    @Read() read: ReadRequest,
    @EnvironmentPath() environment: string,
    @StrictQuery() parameters: FlagsQuery,
  ): Promise<string> {
    return this.reads.list({ ...read, environment }, kind, parameters)
  }
}
