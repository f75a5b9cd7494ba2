import { Controller, Delete, HttpCode, Patch, Put, Req, Res } from '@nestjs/common'
import { RouteConfig } from '@nestjs/platform-fastify'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { configurationExamples, flagSchema } from '#libs/api'
import {
  manyKeysBounds,
  patchFlagsSchema,
  putFlagSchema,
  type WantedRevision,
  type CommandContext,
} from '#libs/contracts'
import { type BodyRouteConfig, IdempotencyKey, IfMatch, JsonBody, Problems, WriteCaller } from '#libs/http'
import { deletedResponse, keyResponse, bulkResponse } from './configuration-response.js'
import { checkKeys, type PatchFlagsBody, type PutFlagBody } from './configuration-bodies.js'
import { BulkResponse, Deleted, examples, KeyResponse, problems } from './configuration-openapi.js'
import { EnvironmentPath, environmentsPath, KeyPath } from './configuration-params.js'
import { type RequestedChange, type RequestedSetting, ConfigurationCommands } from './configuration-commands.js'

const kind = 'flag'

@ApiTags('configuration')
@Controller(`${environmentsPath}/flags`)
export class FlagController {
  constructor(private readonly commands: ConfigurationCommands) {}

  @Put(':key')
  @ApiOperation({
    summary: 'Set a feature flag',
    description: 'Creates or replaces the flag. Without `description` the existing one is kept.',
  })
  @KeyResponse(flagSchema, configurationExamples.flag)
  @Problems(problems.key)
  async setFlag(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @EnvironmentPath() environment: string,
    @KeyPath() key: string,
    @JsonBody(putFlagSchema, { examples: examples.putFlag }) body: PutFlagBody,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() idempotencyKey?: string,
  ): Promise<object | undefined> {
    const write = { request, caller, key: idempotencyKey }
    const set = [settingOf(key, body)]
    const requested: RequestedChange = { environment, kind, set, ...(ifMatch !== undefined && { ifMatch }) }
    return keyResponse(reply, write, kind, key, await this.commands.execute(write, requested, body))
  }

  @Delete(':key')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a feature flag', description: 'Idempotent: 204 if the flag does not exist.' })
  @Deleted()
  @Problems(problems.key)
  async deleteFlag(
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
  @RouteConfig({ largest: 4 * 1024 * 1024, bounds: manyKeysBounds } satisfies BodyRouteConfig)
  @ApiOperation({
    summary: 'Change many feature flags in one transaction',
    description:
      'All changes are made, or none, and recorded as one event. Limits: 10,000 keys and 4 MiB. Setting an equal flag changes nothing. ' +
      '`If-Match` compares the revision of the environment.',
  })
  @BulkResponse()
  @Problems(problems.many)
  async updateFlags(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @EnvironmentPath() environment: string,
    @JsonBody(patchFlagsSchema, { examples: examples.patchFlags }) body: PatchFlagsBody,
    @IfMatch() ifRevision: WantedRevision | undefined,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    checkKeys(body)
    const set = Object.entries(body.set ?? {}).map(([key, flag]) => settingOf(key, flag))
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
}

function settingOf(key: string, { description, ...value }: PutFlagBody): RequestedSetting {
  return { key, value, ...(description !== undefined && { description }) }
}
