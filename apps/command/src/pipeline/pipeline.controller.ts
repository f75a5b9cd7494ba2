import { Controller, Delete, HttpCode, Put, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
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
} from '#libs/contracts'
import {
  affectedConfigurations,
  configuration,
  configurationsHeld,
  pipeline,
  type PromotionRules,
  rulesStream,
} from '#libs/domain'
import {
  BooleanParameter,
  type Caller,
  entityTag,
  IdempotencyKey,
  IfMatch,
  JsonBody,
  NamePath,
  Problems,
  StrictQuery,
  WriteCaller,
} from '#libs/http'
import { type CommandRequest, Ledger, type Outcome } from '#libs/ledger'
import { answerCommand, idempotencyOf, type Origin, receivedFrom } from '../command-answer.js'
import { TenantChecks } from './tenant-checks.js'
import { examples, NoMoreRules, problems, RulesAnswer, schemaProblems } from './pipeline-documentation.js'
import { refuseUnusableSchema } from './schema-check.js'
import { TenantRules } from './tenant-rules.js'

type Rules = Pick<PromotionRules, 'pipeline' | 'freezes' | 'revision'>
type RulesTarget = CommandRequest<PromotionRules, PipelineCommand, PipelineEvent>['target']

/** How freezes are taken. */
class ForceQuery {
  @BooleanParameter({
    default: false,
    description: 'Takes freezes for environments that the pipeline does not have, too.',
  })
  force = false
}

@ApiTags('promotions')
@Controller('api/v1/config')
export class PipelineController {
  constructor(
    private readonly ledger: Ledger,
    private readonly rules: TenantRules,
    private readonly checks: TenantChecks,
  ) {}

  @Put('pipeline')
  @ApiOperation({
    summary: 'Set the pipeline: its environments in order, and who must approve',
    description:
      'An environment that holds configuration, or that a freeze is for, keeps its name, at least as an alias: else 409. Its ' +
      'configuration is then found under all of its names.',
  })
  @RulesAnswer('The pipeline.', examples.pipeline)
  @Problems(problems)
  async putPipeline(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @JsonBody(putPipelineSchema, { examples: { 'three environments': examples.pipeline } }) body: Pipeline,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const { tenant } = caller
    const command = { type: 'ChangePipeline', ...receivedFrom(caller), pipeline: body, ...matching(ifMatch) } as const
    const target: RulesTarget = {
      find: async index => {
        const rules = (await index.state<PromotionRules>(rulesStream(tenant))) ?? pipeline.initial
        const names = affectedConfigurations(rules, body)
        const streamOf = (name: string) => streamIdOf(configuration.category, tenant, name)
        const held = new Set(await index.having(configurationsHeld, names.map(streamOf)))
        const holding = names.filter(name => held.has(streamOf(name)))
        return { streamId: rulesStream(tenant), command: { ...command, holding } }
      },
    }
    const outcome = await this.decide({ request, caller, key }, target, body)
    return answer(reply, caller, outcome, ({ pipeline }) => pipeline)
  }

  @Put('pipeline/freezes')
  @ApiOperation({
    summary: 'Set the freezes: all times in which nothing is promoted',
    description:
      '`from` and `to`, or `cron` and `duration`, whose days are calendar days in `timezone`. Deployments are facts: one in a ' +
      'freeze is marked with it. An environment that the pipeline does not have is refused: mostly it is misspelt.',
  })
  @RulesAnswer('The freezes, environments by the pipeline’s names.', examples.freezes)
  @Problems(problems)
  async putFreezes(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @JsonBody(putFreezesSchema, { examples: { 'one that recurs': examples.freezes } }) body: Freeze[],
    @StrictQuery() { force }: ForceQuery,
    @IfMatch() ifMatch: WantedRevision | undefined,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const freezes = body.map(({ from, to, ...freeze }) => ({
      ...freeze,
      ...(from !== undefined && { from: normalizeInstant(from) }),
      ...(to !== undefined && { to: normalizeInstant(to) }),
    }))
    const command = { type: 'ChangeFreezes', ...receivedFrom(caller), freezes, force, ...matching(ifMatch) } as const
    const sent = force ? { body, query: { force } } : body
    return answer(reply, caller, await this.execute({ request, caller, key }, command, sent), ({ freezes }) => freezes)
  }

  @Put('schemas/:keyPattern')
  @ApiOperation({
    summary: 'Set the JSON Schema that the values of some keys must fit',
    description: `Promotions are held against it when they are validated. JSON Schema 2020-12, up to 64 KiB, without references to
elsewhere, and without \`$dynamicRef\`. Unknown keywords and \`format\` are notes; keywords that begin with \`$\` must be the
standard's. Patterns are matched in linear time: without look-around and back-references. At most 100 schemas, of 512 KiB in all.`,
  })
  @RulesAnswer('The schema.', { keyPattern: 'query.*', schema: examples.schema })
  @Problems(schemaProblems)
  async putKeySchema(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @KeyPatternPath() keyPattern: string,
    @JsonBody(putKeySchemaSchema, { examples: { 'a duration': examples.schema } }) schema: Json,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    await refuseUnusableSchema(this.checks, caller.tenant, schema)
    const command = { type: 'ChangeKeySchema', ...receivedFrom(caller), keyPattern, schema } as const
    const outcome = await this.execute({ request, caller, key }, command, schema)
    return answer(reply, caller, outcome, () => ({ keyPattern, schema }))
  }

  @Delete('schemas/:keyPattern')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take the JSON Schema of some keys away' })
  @NoMoreRules('There is none.')
  @Problems(problems)
  async deleteKeySchema(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @KeyPatternPath() keyPattern: string,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<object | undefined> {
    const command = { type: 'ChangeKeySchema', ...receivedFrom(caller), keyPattern } as const
    const outcome = await this.execute({ request, caller, key }, command, null)
    return answer(reply, caller, outcome, () => {
      reply.code(204)
      return undefined
    })
  }

  private execute(origin: Origin, command: PipelineCommand, sent: unknown): Promise<Outcome<Rules>> {
    return this.decide(origin, { streamId: rulesStream(origin.caller.tenant), command }, sent)
  }

  private async decide(origin: Origin, target: RulesTarget, sent: unknown): Promise<Outcome<Rules>> {
    const outcome = await this.ledger.execute({
      decider: pipeline,
      target,
      context: origin.caller,
      bodyHash: hashJson(sent),
      ...idempotencyOf(origin),
    })
    // Whoever got the answer finds the deployments after it marked.
    await this.rules.refresh()
    return outcome
  }
}

function matching(ifMatch: WantedRevision | undefined): { ifMatch?: WantedRevision } {
  return ifMatch === undefined ? {} : { ifMatch }
}

function KeyPatternPath(): ParameterDecorator {
  return NamePath('keyPattern', 'Glob of the keys; `/` in it is `%2F`.', keyPatternName)
}

function answer(
  reply: FastifyReply,
  { tenant }: Caller,
  outcome: Outcome<Rules>,
  show: (rules: Rules) => object | undefined,
): object | undefined {
  return answerCommand(reply, outcome, {
    naming: () => ({}),
    present: ({ state }) => {
      reply.header('ETag', entityTag(tenant, state.revision))
      return show(state)
    },
  })
}
