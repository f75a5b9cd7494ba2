import {
  isRejection,
  streamIdOf,
  type ConfigurationEntry,
  type CheckedContent,
  type CheckedEntry,
  type ConfigurationKind,
  type Decision,
  type Freeze,
  type Json,
  type KeySelection,
  type PatternSchema,
  type Person,
  type Pipeline,
  type PromotionCommand,
  type PromotionEvent,
  type PromotionRequest,
  type ValueFinding,
} from '#libs/contracts'
import {
  configuration,
  contentOf,
  globSelection,
  pipeline,
  promotion,
  promotionStreams,
  pipelineStream,
  valueCheck,
  withValueFindings,
  type Configuration,
  type ExistingPromotion,
  type Promotion,
  type PipelineSettings,
} from '#libs/domain'

export const promotionId = '0198c0de-0000-7000-8000-000000000001'
export const author: Person = { userId: 'dev' }
export const lead: Person = { userId: 'lead' }
export const ops: Person = { userId: 'ops' }
export const now = '2026-02-12T12:00:00Z'
export const later = '2026-02-13T06:00:00Z'
export const full: PromotionRequest = {
  sourceEnvironment: 'staging',
  targetEnvironment: 'production',
  promotionType: 'FULL',
}
export const create = (request: Partial<PromotionRequest> = {}, by = author): PromotionCommand => ({
  type: 'CreatePromotion',
  promotionId,
  now,
  by,
  tenant: 'acme',
  request: { ...full, ...request },
})
type Later = Exclude<PromotionCommand, { type: 'CreatePromotion' }>
type Command<T extends Later['type']> = Extract<Later, { type: T }>
/** Of any later command: what there is to say beside who and when. */
export const command = <T extends Later['type']>(
  type: T,
  more: Partial<Command<T>> & Omit<Command<T>, 'type' | 'promotionId' | 'now' | 'by'>,
): Command<T> => ({ type, promotionId, now, by: author, ...more }) as unknown as Command<T>
export const validate = (at = now) => command('ValidatePromotion', { now: at })
export const approve = (by: Person) => command('ApprovePromotion', { by })
export const execute = (more: { now?: string; by?: Person; scheduled?: boolean; overrideFreeze?: string } = {}) =>
  command('ExecutePromotion', more)
export const schedule = (more: { at?: string; expiresAfter?: string; overrideFreeze?: string; by?: Person } = {}) =>
  command('SchedulePromotion', { at: later, ...more })
/** It is due, and executes automatically. */
export const due = (at = later) => execute({ now: at, by: {}, scheduled: true })
export const rollBack = (more: { force?: boolean; reason?: string } = {}) => command('RollBackPromotion', more)

/** A tenant with one promotion: its streams in memory, by the deciders that the ledger runs. */
export class TestTenant {
  private readonly states = new Map<string, unknown>()
  readonly events: PromotionEvent[] = []
  promotion: Promotion = promotion.initial

  /** The promotion; throws where there is none. */
  get known(): ExistingPromotion {
    if (this.promotion.state === 'ABSENT') throw new Error('there is no promotion')
    return this.promotion
  }

  get rules(): PipelineSettings {
    return (this.states.get(pipelineStream('acme')) ?? pipeline.initial) as PipelineSettings
  }

  environment(name: string): Configuration {
    return (this.states.get(streamIdOf('configuration', 'acme', name)) ?? configuration.initial) as Configuration
  }

  /** What stands under each key of a kind. */
  held(name: string, kind: ConfigurationKind = 'configuration'): Record<string, ConfigurationEntry> {
    const keys = Object.entries(this.environment(name).keys[kind])
    return Object.fromEntries(keys.flatMap(([key, { entry }]) => (entry ? [[key, entry]] : [])))
  }

  /** Puts entries as they are given; `undefined`: takes the key away. */
  put(
    environment: string,
    entries: Record<string, ConfigurationEntry | undefined>,
    kind: ConfigurationKind = 'configuration',
  ) {
    const changes = Object.entries(entries).map(([key, after]) => ({ kind, key, ...(after && { after }) }))
    this.record(streamIdOf('configuration', 'acme', environment), configuration, [
      { type: 'ConfigurationChanged', environment, changedAt: now, changes },
    ])
    return this
  }

  /** Puts values in clear. */
  set(environment: string, values: Record<string, Json>, kind: ConfigurationKind = 'configuration') {
    return this.put(
      environment,
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }])),
      kind,
    )
  }

  rule(part: { pipeline?: Pipeline; freezes?: Freeze[]; keySchema?: { keyPattern: string; schema?: Json } }) {
    this.record(pipelineStream('acme'), pipeline, [{ type: 'PipelineChanged', changedAt: now, ...part }])
    return this
  }

  /** Decides and keeps what follows, refused or not. */
  when(command: PromotionCommand): Decision<PromotionEvent> {
    const known = this.promotion.state === 'ABSENT' ? { request: full } : this.promotion
    const streams = Object.values(promotionStreams('acme', known, this.rules))
    const asked = command.type === 'ValidatePromotion' ? { ...command, checked: this.checked(known.request) } : command
    const decision = promotion.decide(asked, this.promotion, new Map(streams.map(id => [id, this.states.get(id)])))
    if (isRejection(decision)) return decision
    const { events, otherStreams = [] } = Array.isArray(decision) ? { events: decision } : decision
    this.events.push(...events)
    this.promotion = events.reduce(promotion.evolve, this.promotion)
    for (const { streamId, events: theirs } of otherStreams) this.record(streamId, configuration, theirs)
    return decision
  }

  /** Does what must not be refused. */
  given(...commands: PromotionCommand[]) {
    for (const each of commands) {
      const decision = this.when(each)
      if (isRejection(decision)) throw new Error(`${each.type} was refused: ${decision.reason}`)
    }
    return this
  }

  /** What is checked before a validation is decided. */
  private checked(request: PromotionRequest): CheckedContent {
    const { rules } = this
    const { source, target } = promotionStreams('acme', { request }, rules)
    const configurationOf = (id: string) => (this.states.get(id) ?? configuration.initial) as Configuration
    const context = {
      tenant: 'acme',
      source: configurationOf(source),
      target: configurationOf(target),
      settings: rules,
    }
    const { globs, keys } = globSelection(request, context)
    const content = contentOf(request, context, select(globs, keys))
    const asked = valueCheck(content.content, rules)
    const findings = asked.schemas.flatMap((schema, index) => plainFindings(schema, index, asked.entries))
    return withValueFindings(content, asked, { findings, more: 0 })
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each decider has types of its own
  private record(streamId: string, { initial, evolve }: { initial: any; evolve: any }, events: object[]) {
    this.states.set(streamId, events.reduce(evolve, this.states.get(streamId) ?? initial))
  }
}

/** Globs by a plain translation, for the few that tests of promotions use. */
function select(globs: string[], keys: string[]): KeySelection {
  const matching = globs.map(glob => keys.flatMap((key, index) => (matches(glob, key) ? [index] : [])))
  return {
    keys: [...new Set(matching.flat())].toSorted((a, b) => a - b),
    unmatched: matching.flatMap((places, index) => (places.length === 0 ? [index] : [])),
  }
}

function matches(glob: string, key: string): boolean {
  const pattern = glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('[!', '[^')
  return new RegExp(`^${pattern}$`, 's').test(key)
}

/** Findings by schemas that are `false` or say a type; nothing of others. */
function plainFindings({ pattern, schema }: PatternSchema, index: number, entries: CheckedEntry[]): ValueFinding[] {
  return entries.flatMap(({ key, secret, value }, entry): ValueFinding[] => {
    if (!matches(pattern, key)) return []
    if (secret) return [{ schema: index, kind: 'secret', entry }]
    const wanted = (schema as { type?: string }).type
    const fits = schema !== false && (wanted === undefined || typeof value === wanted)
    return fits ? [] : [{ schema: index, kind: 'misfit', entry, pointer: '', detail: 'does not fit' }]
  })
}
