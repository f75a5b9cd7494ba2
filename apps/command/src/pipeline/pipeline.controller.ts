import { Controller, Delete, HttpCode, Put, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { freezesSchema, keySchemaSchema, pipelineExamples as examples, pipelineSchema } from '#libs/api'
import {
  type Freeze,
  hashJson,
  type Json,
  keyPatternName,
  normalizeInstant,
  type Pipeline,
  type PipelineCommand,
  type PipelineEvent,
  putFreezesSchema,
  putKeySchemaSchema,
  putPipelineSchema,
  streamIdOf,
  type WantedRevision,
  type CommandContext,
} from '#libs/contracts'
import {
  affectedConfigurations,
  configuration,
  nonEmptyConfigurations,
  pipeline,
  type PipelineSettings,
  pipelineStream,
} from '#libs/domain'
import {
  BooleanParameter,
  entityTag,
  IdempotencyKey,
  IfMatch,
  JsonBody,
  NamePath,
  Problems,
  StrictQuery,
  WriteCaller,
} from '#libs/http'
import { type CommandRequest, Ledger, type CommandResult } from '#libs/ledger'
import { commandResponse, idempotencyOf, type WriteRequest, receivedFrom } from '../commands/command-response.js'
import { TenantChecks } from './tenant-checks.js'
import { SchemaDeleted, problems, PipelineResponse, schemaProblems } from './pipeline-openapi.js'
import { refuseUnusableSchema } from './schema-check.js'
import { FreezeCache } from './freeze-cache.js'

type SettingsReply = Pick<PipelineSettings, 'pipeline' | 'freezes' | 'revision'>
type PipelineTarget = CommandRequest<PipelineSettings, PipelineCommand, PipelineEvent>['target']

class ForceQuery {
  @BooleanParameter({
    default: false,
    description: 'Accept freezes of environments that are not in the pipeline.',
  })
  force = false
}

@ApiTags('promotions')
@Controller('api/v1/config')
export class PipelineController {
  constructor(
    private readonly ledger: Ledger,
    private readonly freezes: FreezeCache,
    private readonly checks: TenantChecks,
  ) {}

  @Put('pipeline')
  @ApiOperation({
    summary: 'Set the pipeline',
    description:
      'Sets the environments in the order of promotion, their aliases, and the number of approvals. A pipeline must keep the name of ' +
      'each environment that has configuration or a freeze, as its name or as an alias: else 409. The configuration of an environment ' +
      'is found under its name and all of its aliases. Default: dev, staging (1 approval), production (2 approvals).',
  })
  @PipelineResponse('The pipeline.', pipelineSchema, examples.pipeline)
  @Problems(problems)
  async setPipeline(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @JsonBody(putPipelineSchema, { examples: { 'three environments': examples.pipeline } }) body: Pipeline,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const { tenant } = caller
    const command = { type: 'ChangePipeline', ...receivedFrom(caller), pipeline: body, ...matching(ifMatch) } as const
    const target: PipelineTarget = {
      find: async index => {
        const settings = (await index.state<PipelineSettings>(pipelineStream(tenant))) ?? pipeline.initial
        const names = affectedConfigurations(settings, body)
        const streamOf = (name: string) => streamIdOf(configuration.category, tenant, name)
        const existing = new Set(await index.having(nonEmptyConfigurations, names.map(streamOf)))
        const holding = names.filter(name => existing.has(streamOf(name)))
        return { streamId: pipelineStream(tenant), command: { ...command, holding } }
      },
    }
    const outcome = await this.decide({ request, caller, key }, target, body)
    return respond(reply, caller, outcome, ({ pipeline }) => pipeline)
  }

  @Put('pipeline/freezes')
  @ApiOperation({
    summary: 'Set the freezes',
    description:
      'Replaces all freezes: periods in which no promotion is executed. A freeze has `from` and `to`, or `cron` and `duration`; days of ' +
      'a duration are calendar days in `timezone`. Deployments are not rejected during a freeze: they get `duringFreeze`. A freeze of ' +
      'an environment that is not in the pipeline is rejected unless `force=true`.',
  })
  @PipelineResponse('The freezes, with the environment names of the pipeline.', freezesSchema, examples.freezes)
  @Problems(problems)
  async setFreezes(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @JsonBody(putFreezesSchema, { examples: { 'once, and recurring': examples.freezes } }) body: Freeze[],
    @StrictQuery() { force }: ForceQuery,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const freezes = body.map(({ from, to, ...freeze }) => ({
      ...freeze,
      ...(from !== undefined && { from: normalizeInstant(from) }),
      ...(to !== undefined && { to: normalizeInstant(to) }),
    }))
    const command = { type: 'ChangeFreezes', ...receivedFrom(caller), freezes, force, ...matching(ifMatch) } as const
    const sent = force ? { body, query: { force } } : body
    return respond(reply, caller, await this.execute({ request, caller, key }, command, sent), ({ freezes }) => freezes)
  }

  @Put('schemas/:keyPattern')
  @ApiOperation({
    summary: 'Set the JSON Schema of configuration keys',
    description: `Values of keys that match the glob are checked against the schema when a promotion is validated. JSON Schema 2020-12,
up to 64 KiB, without external references and without \`$dynamicRef\`. Unknown keywords and \`format\` are ignored; keywords that begin
with \`$\` must be defined by the standard. Patterns are matched in linear time: no look-around, no back-references. Limits of a
tenant: 100 schemas, 512 KiB in total.`,
  })
  @PipelineResponse('The schema.', keySchemaSchema, examples.keySchema)
  @Problems(schemaProblems)
  async setKeySchema(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @KeyPatternPath() keyPattern: string,
    @JsonBody(putKeySchemaSchema, { examples: { 'a duration': examples.schema } }) schema: Json,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    await refuseUnusableSchema(this.checks, caller.tenant, schema)
    const command = { type: 'ChangeKeySchema', ...receivedFrom(caller), keyPattern, schema } as const
    const outcome = await this.execute({ request, caller, key }, command, schema)
    return respond(reply, caller, outcome, () => ({ keyPattern, schema }))
  }

  @Delete('schemas/:keyPattern')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete the JSON Schema of configuration keys',
    description: 'Idempotent: 204 if the schema does not exist.',
  })
  @SchemaDeleted('The schema does not exist any more.')
  @Problems(problems)
  async deleteKeySchema(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @KeyPatternPath() keyPattern: string,
    @WriteCaller() caller: CommandContext,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const command = { type: 'ChangeKeySchema', ...receivedFrom(caller), keyPattern } as const
    const outcome = await this.execute({ request, caller, key }, command, null)
    return respond(reply, caller, outcome, () => {
      reply.code(204)
      return undefined
    })
  }

  private execute(write: WriteRequest, command: PipelineCommand, sent: unknown): Promise<CommandResult<SettingsReply>> {
    return this.decide(write, { streamId: pipelineStream(write.caller.tenant), command }, sent)
  }

  private async decide(
    write: WriteRequest,
    target: PipelineTarget,
    sent: unknown,
  ): Promise<CommandResult<SettingsReply>> {
    const outcome = await this.ledger.execute({
      decider: pipeline,
      target,
      context: write.caller,
      bodyHash: hashJson(sent),
      ...idempotencyOf(write),
    })
    // The response must not precede the cache: later deployments get the new freezes.
    await this.freezes.refresh()
    return outcome
  }
}

function matching(ifMatch: WantedRevision | undefined): { ifMatch?: WantedRevision } {
  return ifMatch === undefined ? {} : { ifMatch }
}

function KeyPatternPath(): ParameterDecorator {
  return NamePath('keyPattern', 'Glob of the keys, percent-encoded (`/` as `%2F`).', keyPatternName)
}

function respond(
  reply: FastifyReply,
  { tenant }: CommandContext,
  outcome: CommandResult<SettingsReply>,
  show: (settings: SettingsReply) => object | undefined,
): object | undefined {
  return commandResponse(reply, outcome, {
    subject: () => ({}),
    present: ({ state }) => {
      reply.header('ETag', entityTag(tenant, state.revision))
      return show(state)
    },
  })
}
