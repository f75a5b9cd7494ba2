import { Controller, Put } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { configurationChangeExamples, configurationExamples, configurationSchema, fileResultSchema } from '#libs/api'
import {
  patchConfigurationsSchema,
  putConfigurationSchema,
  type WantedRevision,
  wholeConfigurationSchema,
} from '#libs/contracts'
import { Endpoint, IfMatch, mediaTypeOf, StrictQuery, Write, type WriteRequest } from '#libs/http'
import { checkKeys, type PatchConfigurationsBody, type PutConfigurationBody } from './configuration-bodies.js'
import { ConfigurationCommands } from './configuration-commands.js'
import { bulk, examples, LARGEST } from './configuration-openapi.js'
import { EnvironmentPath, environmentsPath, FileQuery } from './configuration-params.js'
import { bulkResponse, previewResponse } from './configuration-response.js'
import { fileTypes } from './file/configuration-file.js'
import { ConfigurationFiles } from './file/configuration-files.js'
import { keyController } from './key.controller.js'

const kind = 'configuration'
const permission = 'config:write'

@ApiTags('configuration')
@Controller(`${environmentsPath}/configurations`)
export class ConfigurationController extends keyController({
  kind,
  permission,
  set: {
    operationId: 'setConfiguration',
    summary: 'Set a configuration value',
    description:
      'Secrets are stored encrypted and never returned. A key stays a secret until a request sets `secret` to `false`. When a key becomes ' +
      'a secret, its earlier values are masked in every response, but the log still has them in plain text: `warnings` says so, and the ' +
      'secret should be rotated.',
    body: { schema: putConfigurationSchema, examples: examples.put },
    response: { schema: configurationSchema, example: configurationExamples.configuration },
    settingOf: (key, body: PutConfigurationBody) => ({ key, ...body }),
  },
  remove: {
    operationId: 'deleteConfiguration',
    summary: 'Delete a configuration key',
    description: 'Idempotent: 204 if the key does not exist.',
  },
  update: {
    operationId: 'updateConfigurations',
    summary: 'Change many configuration keys in one transaction',
    description:
      'All changes are made, or none, and recorded as one event. Limits: 10,000 keys and 4 MiB. Setting an equal value changes nothing. ' +
      '`If-Match` compares the revision of the environment.',
    body: { schema: patchConfigurationsSchema, examples: examples.patch },
    changeOf(body: PatchConfigurationsBody) {
      checkKeys(body)
      const secrets = new Set(body.secrets)
      const set = Object.entries(body.set ?? {}).map(([key, value]) => {
        return { key, value, ...(secrets.has(key) && { secret: true }) }
      })
      return { set, delete: body.delete ?? [] }
    },
  },
}) {
  constructor(
    commands: ConfigurationCommands,
    private readonly files: ConfigurationFiles,
  ) {
    super(commands)
  }

  @Put()
  @Endpoint({
    operationId: 'replaceConfigurations',
    summary: 'Replace the configuration of an environment by a file',
    description:
      'Sets the keys of the file and deletes all others. An empty file is rejected; `{}` deletes all keys. JSON and YAML: an object of ' +
      'values by key. A nested map is a value, unless `flatten` joins the names of nested maps with dots. YAML uses the YAML 1.2 core ' +
      'schema, up to 1 MiB, without anchors, aliases, merge keys and other tags. `.properties`: all values are strings, and a backslash ' +
      'before a letter or digit must begin an escape sequence. Names must be unique in their map, and numbers must be exact as a double. ' +
      'A secret stays a secret; its mask `"********"` keeps its value. `dryRun=true` returns the changes and the revision of the ' +
      'environment that they apply to: send that revision as `If-Match` to make exactly these changes.',
    permission,
    body: {
      schema: wholeConfigurationSchema,
      examples: examples.whole,
      largest: LARGEST,
      consumes: fileTypes,
      jsonAsText: true,
    },
    ...bulk(fileResultSchema, {
      changed: configurationChangeExamples.bulkChange,
      'dry run': configurationChangeExamples.fileChanges,
    }),
  })
  async replaceConfigurations(
    @Write() write: WriteRequest,
    @EnvironmentPath() environment: string,
    @StrictQuery() { dryRun, flatten }: FileQuery,
    @IfMatch() ifRevision: WantedRevision | undefined,
  ): Promise<object | undefined> {
    const { request } = write
    const task = { body: request.body, mediaType: mediaTypeOf(request), flatten }
    const { values, canonical } = await this.files.read(write.principal.tenant, task)
    const set = Object.entries(values).map(([key, value]) => ({ key, value }))
    const requested = {
      environment,
      kind,
      set,
      replace: true,
      ...(ifRevision !== undefined && { ifRevision }),
    } as const
    if (dryRun) return previewResponse(write, await this.commands.preview(write, requested))
    return bulkResponse(write, set.length, await this.commands.execute(write, requested, canonical))
  }
}
