import { Controller, Get } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { addVary, Endpoint, Read, type ReadRequest, StrictQuery } from '#libs/http'
import { EnvironmentPath, environmentsPath, examples, listContent, schemas } from './configuration-openapi.js'
import { ConfigurationsQuery } from './configuration-params.js'
import { acceptedForm } from './environment-file.js'
import { keyController } from './key.controller.js'

const kind = 'configuration'
const permission = 'config:read'

@ApiTags('configuration')
@Controller(`${environmentsPath}/configurations`)
export class ConfigurationController extends keyController({
  kind,
  permission,
  one: {
    operationId: 'getConfiguration',
    summary: 'Get a configuration',
    description: 'The value of one key, masked if it is a secret. 404 for an unknown key or environment.',
    response: { description: 'The configuration.', schema: schemas.configuration, example: examples.configuration },
  },
  history: {
    operationId: 'listConfigurationHistory',
    summary: 'List the history of a configuration',
    description:
      'All changes of one key, newest first, deletions included. Secrets are masked. 404 if the environment never had the key.',
    response: { description: 'A page of changes.', schema: schemas.history, example: examples.history },
  },
}) {
  @Get()
  @Endpoint({
    operationId: 'listConfigurations',
    summary: 'List the configurations of an environment',
    description:
      'Sorted by key. `Accept: application/yaml`, `Accept: text/x-java-properties` or `export=true` (JSON) returns all of them as one file in ' +
      'the format of `PUT .../configurations`, without paging. Secrets are masked. An unknown environment has an empty list.',
    permission,
    paged: true,
    responses: {
      200: {
        description: 'A page of configurations, or the file.',
        content: listContent,
      },
    },
  })
  async listConfigurations(
    @Read() read: ReadRequest,
    @EnvironmentPath() environment: string,
    @StrictQuery() { export: whole = false, ...parameters }: ConfigurationsQuery,
  ): Promise<string> {
    const { form, type } = acceptedForm(read.request.headers.accept)
    addVary(read.reply, 'Accept')
    if (whole || form !== 'json') return this.reads.file({ ...read, environment }, form, type, parameters)
    return this.reads.list({ ...read, environment }, kind, parameters)
  }
}
