import { Controller, Delete, HttpCode, Patch, Put, Req, Res } from '@nestjs/common'
import { RouteConfig } from '@nestjs/platform-fastify'
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { configurationChangeExamples, configurationExamples, configurationSchema, fileResultSchema } from '#libs/api'
import {
  manyKeysBounds,
  patchConfigurationsSchema,
  putConfigurationSchema,
  type WantedRevision,
  wholeConfigurationSchema,
  type CommandContext,
} from '#libs/contracts'
import {
  type BodyRouteConfig,
  IdempotencyKey,
  IfMatch,
  JsonBody,
  mediaTypeOf,
  openApiSchema,
  Problems,
  StrictQuery,
  WriteCaller,
} from '#libs/http'
import { deletedResponse, keyResponse, bulkResponse, previewResponse } from './configuration-response.js'
import { checkKeys, type PatchConfigurationsBody, type PutConfigurationBody } from './configuration-bodies.js'
import { BulkResponse, Deleted, examples, KeyResponse, problems } from './configuration-openapi.js'
import { fileTypes, readConfigurationFile } from './file/configuration-file.js'
import { EnvironmentPath, environmentsPath, FileQuery, KeyPath } from './configuration-params.js'
import { type RequestedChange, ConfigurationCommands } from './configuration-commands.js'

const kind = 'configuration'
/** Limit of a body with many keys, in bytes. */
const LARGEST = 4 * 1024 * 1024

@ApiTags('configuration')
@Controller(`${environmentsPath}/configurations`)
export class ConfigurationController {
  constructor(private readonly commands: ConfigurationCommands) {}

  @Put(':key')
  @ApiOperation({
    summary: 'Set a configuration value',
    description:
      'Secrets are stored encrypted and never returned. A key stays a secret until a request sets `secret` to `false`. When a key becomes ' +
      'a secret, its earlier values are masked in every response, but the log still has them in plain text: `warnings` says so, and the ' +
      'secret should be rotated.',
  })
  @KeyResponse(configurationSchema, configurationExamples.configuration)
  @Problems(problems.key)
  async setConfiguration(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @EnvironmentPath() environment: string,
    @KeyPath() key: string,
    @JsonBody(putConfigurationSchema, { examples: examples.put }) body: PutConfigurationBody,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() idempotencyKey?: string,
  ): Promise<object | undefined> {
    const write = { request, caller, key: idempotencyKey }
    const requested: RequestedChange = {
      environment,
      kind,
      set: [{ key, ...body }],
      ...(ifMatch !== undefined && { ifMatch }),
    }
    return keyResponse(reply, write, kind, key, await this.commands.execute(write, requested, body))
  }

  @Delete(':key')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a configuration key', description: 'Idempotent: 204 if the key does not exist.' })
  @Deleted()
  @Problems(problems.key)
  async deleteConfiguration(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @EnvironmentPath() environment: string,
    @KeyPath() key: string,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() idempotencyKey?: string,
  ): Promise<object | undefined> {
    const requested: RequestedChange = { environment, kind, delete: [key], ...(ifMatch !== undefined && { ifMatch }) }
    const outcome = await this.commands.execute({ request, caller, key: idempotencyKey }, requested, null)
    return deletedResponse(reply, key, outcome)
  }

  @Patch()
  @RouteConfig({ largest: LARGEST, bounds: manyKeysBounds } satisfies BodyRouteConfig)
  @ApiOperation({
    summary: 'Change many configuration keys in one transaction',
    description:
      'All changes are made, or none, and recorded as one event. Limits: 10,000 keys and 4 MiB. Setting an equal value changes nothing. ' +
      '`If-Match` compares the revision of the environment.',
  })
  @BulkResponse()
  @Problems(problems.many)
  async updateConfigurations(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @EnvironmentPath() environment: string,
    @JsonBody(patchConfigurationsSchema, { examples: examples.patch }) body: PatchConfigurationsBody,
    @IfMatch() ifRevision: WantedRevision | undefined,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    checkKeys(body)
    const secrets = new Set(body.secrets)
    const set = Object.entries(body.set ?? {}).map(([key, value]) => {
      return { key, value, ...(secrets.has(key) && { secret: true }) }
    })
    const requested: RequestedChange = {
      environment,
      kind,
      set,
      delete: body.delete ?? [],
      ...(ifRevision !== undefined && { ifRevision }),
    }
    const write = { request, caller, key }
    return bulkResponse(reply, write, set.length, await this.commands.execute(write, requested, body))
  }

  @Put()
  @RouteConfig({ largest: LARGEST, consumes: fileTypes, jsonAsText: true } satisfies BodyRouteConfig)
  @ApiOperation({
    summary: 'Replace the configuration of an environment by a file',
    description:
      'Sets the keys of the file and deletes all others. An empty file is rejected; `{}` deletes all keys. JSON and YAML: an object of ' +
      'values by key. A nested map is a value, unless `flatten` joins the names of nested maps with dots. YAML uses the YAML 1.2 core ' +
      'schema, up to 1 MiB, without anchors, aliases, merge keys and other tags. `.properties`: all values are strings, and a backslash ' +
      'before a letter or digit must begin an escape sequence. Names must be unique in their map, and numbers must be exact as a double. ' +
      'A secret stays a secret; its mask `"********"` keeps its value. `dryRun=true` returns the changes and the revision of the ' +
      'environment that they apply to: send that revision as `If-Match` to make exactly these changes.',
  })
  @ApiConsumes(...fileTypes)
  @ApiBody({
    schema: openApiSchema(wholeConfigurationSchema),
    examples: Object.fromEntries(Object.entries(examples.whole).map(([name, value]) => [name, { value }])),
  })
  @BulkResponse(fileResultSchema, {
    changed: configurationChangeExamples.bulkChange,
    'dry run': configurationChangeExamples.fileChanges,
  })
  @Problems(problems.many)
  async replaceConfigurations(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @EnvironmentPath() environment: string,
    @StrictQuery() { dryRun, flatten }: FileQuery,
    @IfMatch() ifRevision: WantedRevision | undefined,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const values = readConfigurationFile(request.body, mediaTypeOf(request), { flatten })
    const set = Object.entries(values).map(([key, value]) => ({ key, value }))
    const write = { request, caller, key }
    const requested: RequestedChange = {
      environment,
      kind,
      set,
      replace: true,
      ...(ifRevision !== undefined && { ifRevision }),
    }
    if (dryRun) return previewResponse(reply, write, await this.commands.preview(write, requested))
    return bulkResponse(reply, write, set.length, await this.commands.execute(write, requested, values))
  }
}
