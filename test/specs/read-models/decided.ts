import { randomUUID } from 'node:crypto'
import {
  eventsOf,
  isRejection,
  streamIdOf,
  type CheckedContent,
  type ConfigurationKind,
  type ConfigurationSetting,
  type Decider,
  type DomainEvent,
  type Freeze,
  type Json,
  type Pipeline,
  type PromotionCommand,
  type PromotionRequest,
} from '#libs/contracts'
import {
  affectedConfigurations,
  configuration,
  configurationName,
  type Configuration,
  contentOf,
  deciders,
  globSelection,
  pipeline,
  promotion,
  promotionStreams,
  pipelineStream,
  type PipelineSettings,
} from '#libs/domain'
import type { GivenOfTenant } from './given-log.js'

type AnyDecider = (typeof deciders)[number]
type PromotionWords = { [C in PromotionCommand as C['type']]: Omit<C, 'type' | 'promotionId' | 'now' | 'by'> }

/** What the deciders make of the commands of one tenant: the events, for a log to be given. Time stands still unless it is set. */
export class Decided {
  now = '2026-02-12T10:00:00Z'
  /** When it is recorded; `now` where left out. */
  recordedTime?: string
  by = 'ann'
  private readonly states = new Map<string, unknown>()

  constructor(readonly tenant: string) {}

  set(environment: string, values: Record<string, Json>, kind: ConfigurationKind = 'configuration'): GivenOfTenant[] {
    const set = Object.entries(values).map(([key, value]) => ({ key, value }))
    return this.change(environment, { set }, kind)
  }

  /** A secret, as if it were sealed: equal for equal values. */
  keepSecret(environment: string, key: string, value: string): GivenOfTenant[] {
    const sealed = { keyId: '0011', ciphertext: `sealed ${randomUUID()}`, hash: `keyed hash of ${value}` }
    return this.change(environment, { set: [{ key, value: '', sealed, secret: true }] })
  }

  change(
    environment: string,
    {
      set = [],
      delete: gone = [],
      replace = false,
    }: { set?: ConfigurationSetting[]; delete?: string[]; replace?: boolean },
    kind: ConfigurationKind = 'configuration',
  ): GivenOfTenant[] {
    const { now, by } = this
    const name = configurationName(this.rules, environment)
    return this.decide(configuration, streamIdOf('configuration', this.tenant, name), {
      type: 'ChangeConfiguration',
      environment: name,
      kind,
      now,
      by,
      set,
      delete: gone,
      replace,
    })
  }

  putPipeline(to: Pipeline): GivenOfTenant[] {
    const holding = affectedConfigurations(this.rules, to).filter(name => {
      const held = this.states.get(streamIdOf('configuration', this.tenant, name))
      return held !== undefined && configuration.indexEntries(held as never).length > 0
    })
    const command = { type: 'ChangePipeline', ...this.words, pipeline: to, holding }
    return this.decide(pipeline, pipelineStream(this.tenant), command)
  }

  putFreezes(freezes: Freeze[]): GivenOfTenant[] {
    return this.decide(pipeline, pipelineStream(this.tenant), { type: 'ChangeFreezes', ...this.words, freezes })
  }

  putSchema(keyPattern: string, schema?: Json): GivenOfTenant[] {
    const command = { type: 'ChangeKeySchema', ...this.words, keyPattern, ...(schema !== undefined && { schema }) }
    return this.decide(pipeline, pipelineStream(this.tenant), command)
  }

  /** Creates a promotion: its id, and the events. */
  promote(request: Partial<PromotionRequest> = {}): { id: string; events: GivenOfTenant[] } {
    const id = randomUUID()
    const whole = { sourceEnvironment: 'staging', targetEnvironment: 'production', promotionType: 'FULL', ...request }
    return { id, events: this.act(id, 'CreatePromotion', { tenant: this.tenant, request: whole as PromotionRequest }) }
  }

  /** Something that is done to a promotion. */
  act<Type extends PromotionCommand['type']>(id: string, type: Type, words: PromotionWords[Type]): GivenOfTenant[] {
    const streamId = streamIdOf('promotion', this.tenant, id)
    const known = (this.states.get(streamId) ?? words) as { request: PromotionRequest }
    const { rules } = this
    const contextStreams = new Map(
      Object.values(promotionStreams(this.tenant, known, rules)).flatMap(stream =>
        this.states.has(stream) ? [[stream, this.states.get(stream)]] : [],
      ),
    )
    const checked = type === 'ValidatePromotion' && { checked: this.checked(known.request, rules) }
    const command = { type, promotionId: id, now: this.now, by: { userId: this.by }, ...words, ...checked }
    return this.decide(promotion, streamId, command, contextStreams)
  }

  private get rules(): PipelineSettings {
    return (this.states.get(pipelineStream(this.tenant)) ?? pipeline.initial) as PipelineSettings
  }

  /** What is checked before a validation is decided; of globs those without a sign alone. */
  private checked(request: PromotionRequest, rules: PipelineSettings): CheckedContent {
    const { source, target } = promotionStreams(this.tenant, { request }, rules)
    const held = (streamId: string) => (this.states.get(streamId) ?? configuration.initial) as Configuration
    const ground = { tenant: this.tenant, source: held(source), target: held(target), settings: rules }
    const { globs, keys } = globSelection(request, ground)
    const matched = keys.flatMap((key, index) => (globs.includes(key) ? [index] : []))
    return contentOf(request, ground, { keys: matched, unmatched: [] })
  }

  private get words() {
    return { now: this.now, by: this.by }
  }

  private decide(
    decider: AnyDecider,
    streamId: string,
    command: object,
    contextStreams?: ReadonlyMap<string, unknown>,
  ) {
    const decision = decider.decide(command, this.states.get(streamId) ?? decider.initial, contextStreams)
    if (isRejection(decision)) throw new Error(decision.reason)
    const otherStreams = Array.isArray(decision) ? [] : (decision.otherStreams ?? [])
    return [{ streamId, events: eventsOf(decision) as object[] }, ...otherStreams].flatMap(part => this.happened(part))
  }

  private happened({ streamId, events }: { streamId: string; events: object[] }): GivenOfTenant[] {
    const decider: Decider<unknown, unknown, unknown> = deciders.find(({ category }) => streamId.startsWith(category))!
    return (events as DomainEvent[]).map(event => {
      this.states.set(streamId, decider.evolve(this.states.get(streamId) ?? decider.initial, event))
      return { tenant: this.tenant, streamId, event, actor: this.by, recordedTime: this.recordedTime ?? this.now }
    })
  }
}
