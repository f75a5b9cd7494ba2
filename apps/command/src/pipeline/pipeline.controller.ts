import { Controller, Delete, Put } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { freezesSchema, keySchemaSchema, pipelineExamples as examples, pipelineSchema } from '#libs/api'
import {
  type Freeze,
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
  Endpoint,
  entityTag,
  IfMatch,
  JsonBody,
  NamePath,
  StrictQuery,
  Write,
  type WriteRequest,
} from '#libs/http'
import { type CommandRequest, Ledger, type CommandResult } from '#libs/ledger'
import { commandResponse } from '../commands/command-response.js'
import { executeCommand, receivedFrom } from '../commands/execute-command.js'
import { TenantChecks } from './tenant-checks.js'
import { problems, schemaProblems } from './pipeline-openapi.js'
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
  @Endpoint({
    operationId: 'setPipeline',
    summary: 'Set the pipeline',
    description:
      'Sets the environments in the order of promotion, their aliases, and the number of approvals. A pipeline must keep the name of ' +
      'each environment that has configuration or a freeze, as its name or as an alias: else 409. The configuration of an environment ' +
      'is found under its name and all of its aliases. Default: dev, staging (1 approval), production (2 approvals).',
    permission: 'policy:write',
    body: { schema: putPipelineSchema, examples: { 'three environments': examples.pipeline } },
    tagged: true,
    responses: { 200: { description: 'The pipeline.', schema: pipelineSchema, example: examples.pipeline } },
    errors: problems,
  })
  async setPipeline(
    @Write() write: WriteRequest,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @JsonBody() body: Pipeline,
  ): Promise<object | undefined> {
    const { tenant } = write.principal
    const command = { type: 'ChangePipeline', ...receivedFrom(write), pipeline: body, ...matching(ifMatch) } as const
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
    const outcome = await this.decide(write, target, body)
    return respond(write, outcome, ({ pipeline }) => pipeline)
  }

  @Put('pipeline/freezes')
  @Endpoint({
    operationId: 'setFreezes',
    summary: 'Set the freezes',
    description:
      'Replaces all freezes: periods in which no promotion is executed. A freeze has `from` and `to`, or `cron` and `duration`; days of ' +
      'a duration are calendar days in `timezone`. Deployments are not rejected during a freeze: they get `duringFreeze`. A freeze of ' +
      'an environment that is not in the pipeline is rejected unless `force=true`.',
    permission: 'policy:write',
    body: { schema: putFreezesSchema, examples: { 'once, and recurring': examples.freezes } },
    tagged: true,
    responses: {
      200: {
        description: 'The freezes, with the environment names of the pipeline.',
        schema: freezesSchema,
        example: examples.freezes,
      },
    },
    errors: problems,
  })
  async setFreezes(
    @Write() write: WriteRequest,
    @StrictQuery() { force }: ForceQuery,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @JsonBody() body: Freeze[],
  ): Promise<object | undefined> {
    const freezes = body.map(({ from, to, ...freeze }) => ({
      ...freeze,
      ...(from !== undefined && { from: normalizeInstant(from) }),
      ...(to !== undefined && { to: normalizeInstant(to) }),
    }))
    const command = { type: 'ChangeFreezes', ...receivedFrom(write), freezes, force, ...matching(ifMatch) } as const
    const sent = force ? { body, query: { force } } : body
    return respond(write, await this.execute(write, command, sent), ({ freezes }) => freezes)
  }

  @Put('schemas/:keyPattern')
  @Endpoint({
    operationId: 'setKeySchema',
    summary: 'Set the JSON Schema of configuration keys',
    description: `Values of keys that match the glob are checked against the schema when a promotion is validated. JSON Schema 2020-12,
up to 64 KiB, without external references and without \`$dynamicRef\`. Unknown keywords and \`format\` are ignored; keywords that begin
with \`$\` must be defined by the standard. Patterns are matched in linear time: no look-around, no back-references. Limits of a
tenant: 100 schemas, 512 KiB in total.`,
    permission: 'policy:write',
    body: { schema: putKeySchemaSchema, examples: { 'a duration': examples.schema } },
    tagged: true,
    responses: { 200: { description: 'The schema.', schema: keySchemaSchema, example: examples.keySchema } },
    errors: schemaProblems,
  })
  async setKeySchema(
    @Write() write: WriteRequest,
    @KeyPatternPath() keyPattern: string,
    @JsonBody() schema: Json,
  ): Promise<object | undefined> {
    await refuseUnusableSchema(this.checks, write.principal.tenant, schema)
    const command = { type: 'ChangeKeySchema', ...receivedFrom(write), keyPattern, schema } as const
    const outcome = await this.execute(write, command, schema)
    return respond(write, outcome, () => ({ keyPattern, schema }))
  }

  @Delete('schemas/:keyPattern')
  @Endpoint({
    operationId: 'deleteKeySchema',
    summary: 'Delete the JSON Schema of configuration keys',
    description: 'Idempotent: 204 if the schema does not exist.',
    permission: 'policy:write',
    responses: { 204: { description: 'The schema does not exist any more.' } },
    errors: problems,
  })
  async deleteKeySchema(
    @Write() write: WriteRequest,
    @KeyPatternPath() keyPattern: string,
  ): Promise<object | undefined> {
    const command = { type: 'ChangeKeySchema', ...receivedFrom(write), keyPattern } as const
    const outcome = await this.execute(write, command, null)
    return respond(write, outcome, () => {
      write.reply.code(204)
      return undefined
    })
  }

  private execute(write: WriteRequest, command: PipelineCommand, sent: unknown): Promise<CommandResult<SettingsReply>> {
    return this.decide(write, { streamId: pipelineStream(write.principal.tenant), command }, sent)
  }

  private async decide(
    write: WriteRequest,
    target: PipelineTarget,
    sent: unknown,
  ): Promise<CommandResult<SettingsReply>> {
    const outcome = await executeCommand(this.ledger, write, { decider: pipeline, target, sent })
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
  write: WriteRequest,
  outcome: CommandResult<SettingsReply>,
  show: (settings: SettingsReply) => object | undefined,
): object | undefined {
  return commandResponse(write, outcome, {
    subject: () => ({}),
    present: ({ state }) => {
      write.reply.header('ETag', entityTag(write.principal.tenant, state.revision))
      return show(state)
    },
  })
}
