import { Controller, Delete, HttpCode, Patch, Put, Req, Res } from '@nestjs/common'
import { RouteConfig } from '@nestjs/platform-fastify'
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  manyKeysBounds,
  patchConfigurationsSchema,
  putConfigurationSchema,
  type WantedRevision,
  wholeConfigurationSchema,
} from '#libs/contracts'
import {
  type BodyRouteConfig,
  type Caller,
  IdempotencyKey,
  IfMatch,
  JsonBody,
  mediaTypeOf,
  openApiSchema,
  Problems,
  StrictQuery,
  WriteCaller,
} from '#libs/http'
import { answerDeleted, answerKey, answerMany, answerPreview } from './configuration-answer.js'
import { checkKeys, type PatchConfigurationsBody, type PutConfigurationBody } from './configuration-bodies.js'
import { BulkAnswer, Deleted, examples, KeyAnswer, problems } from './configuration-documentation.js'
import { fileTypes, readConfigurationFile } from './file/configuration-file.js'
import { EnvironmentPath, environmentsPath, FileQuery, KeyPath } from './configuration-parameters.js'
import { type AskedChange, ConfigurationWrites } from './configuration-writes.js'

const kind = 'configuration'
/** Bytes of a body with many keys. */
const LARGEST = 4 * 1024 * 1024

@ApiTags('configuration')
@Controller(`${environmentsPath}/configurations`)
export class ConfigurationController {
  constructor(private readonly writes: ConfigurationWrites) {}

  @Put(':key')
  @ApiOperation({
    summary: 'Set a configuration',
    description:
      'A secret is kept sealed and never shown; it stays one until `secret` is false. What it was in clear before is masked from then on, ' +
      'in all of its past; the log keeps it, and `warnings` says so: rotate it.',
  })
  @KeyAnswer(examples.configuration)
  @Problems(problems.key)
  async putConfiguration(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @EnvironmentPath() environment: string,
    @KeyPath() key: string,
    @JsonBody(putConfigurationSchema, { examples: examples.put }) body: PutConfigurationBody,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() idempotencyKey?: string,
  ): Promise<object | undefined> {
    const origin = { request, caller, key: idempotencyKey }
    const asked: AskedChange = { environment, kind, set: [{ key, ...body }], ...(ifMatch !== undefined && { ifMatch }) }
    return answerKey(reply, origin, kind, key, await this.writes.execute(origin, asked, body))
  }

  @Delete(':key')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a configuration', description: 'One that is not there is nothing: 204 too.' })
  @Deleted()
  @Problems(problems.key)
  async deleteConfiguration(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @EnvironmentPath() environment: string,
    @KeyPath() key: string,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() idempotencyKey?: string,
  ): Promise<object | undefined> {
    const asked: AskedChange = { environment, kind, delete: [key], ...(ifMatch !== undefined && { ifMatch }) }
    const outcome = await this.writes.execute({ request, caller, key: idempotencyKey }, asked, null)
    return answerDeleted(reply, key, outcome)
  }

  @Patch()
  @RouteConfig({ largest: LARGEST, bounds: manyKeysBounds } satisfies BodyRouteConfig)
  @ApiOperation({
    summary: 'Change many configurations: all of them, or none',
    description:
      'One decision and one event. Up to 10,000 keys and 4 MiB; an equal value is no change. `If-Match` is for the revision of the ' +
      'environment.',
  })
  @BulkAnswer()
  @Problems(problems.many)
  async patchConfigurations(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @EnvironmentPath() environment: string,
    @JsonBody(patchConfigurationsSchema, { examples: examples.patch }) body: PatchConfigurationsBody,
    @IfMatch() ifRevision: WantedRevision | undefined,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    checkKeys(body)
    const secrets = new Set(body.secrets)
    const set = Object.entries(body.set ?? {}).map(([key, value]) => {
      return { key, value, ...(secrets.has(key) && { secret: true }) }
    })
    const asked: AskedChange = {
      environment,
      kind,
      set,
      delete: body.delete ?? [],
      ...(ifRevision !== undefined && { ifRevision }),
    }
    const origin = { request, caller, key }
    return answerMany(reply, origin, set.length, await this.writes.execute(origin, asked, body))
  }

  @Put()
  @RouteConfig({ largest: LARGEST, consumes: fileTypes, jsonAsText: true } satisfies BodyRouteConfig)
  @ApiOperation({
    summary: 'Replace all configurations of an environment by a file',
    description:
      'Keys that the file does not have are deleted; a file that holds nothing is refused, and `{}` deletes all. JSON and YAML: values by ' +
      'key, a map is a value, unless `flatten` joins nested maps with dots. YAML is read by the core schema of YAML 1.2, up to 1 MiB, ' +
      'without anchors, aliases, merge keys and other tags. `.properties`: all values are strings, and a backslash before a letter ' +
      'must be an escape. A name may occur once in its map, and a number must survive exactly in a double. A secret stays ' +
      'one; its mask `"********"` leaves it as it is. `dryRun=true` answers what it would change, and the revision of the ' +
      'environment that this is true of: `If-Match` holds it to that.',
  })
  @ApiConsumes(...fileTypes)
  @ApiBody({
    schema: openApiSchema(wholeConfigurationSchema),
    examples: Object.fromEntries(Object.entries(examples.whole).map(([name, value]) => [name, { value }])),
  })
  @BulkAnswer()
  @Problems(problems.many)
  async replaceConfigurations(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @EnvironmentPath() environment: string,
    @StrictQuery() { dryRun, flatten }: FileQuery,
    @IfMatch() ifRevision: WantedRevision | undefined,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const values = readConfigurationFile(request.body, mediaTypeOf(request), { flatten })
    const set = Object.entries(values).map(([key, value]) => ({ key, value }))
    const origin = { request, caller, key }
    const asked: AskedChange = {
      environment,
      kind,
      set,
      replace: true,
      ...(ifRevision !== undefined && { ifRevision }),
    }
    if (dryRun) return answerPreview(reply, origin, await this.writes.preview(origin, asked))
    return answerMany(reply, origin, set.length, await this.writes.execute(origin, asked, values))
  }
}
