import {
  defaultPipeline,
  environmentKey,
  equalJson,
  freezeFinding,
  isRejection,
  MAX_KEY_SCHEMAS,
  refuse,
  resolveEnvironment,
  type Decider,
  type Decision,
  type Freeze,
  type Json,
  type Pipeline,
  type PipelineChanged,
  type PipelineCommand,
  type PipelineEvent,
  type Rejection,
} from '#libs/contracts'
import { nameConfigurations } from './configuration-name.js'
import { unmatchedRevision } from './precondition.js'
import { refuseAimless, refuseEndOfFreezes } from './freeze-environments.js'

/** The rules that a tenant promotes by. */
export interface PromotionRules {
  pipeline: Pipeline
  /** Environments whose configuration has another name than the pipeline has for them, by the latter. */
  configurationNames?: Record<string, string>
  freezes: Freeze[]
  /** JSON Schemas by the glob of the keys that they are for. */
  keySchemas: Record<string, Json>
  /** What `If-Match` names: 1 of the default rules, one more with each change. */
  revision: number
}

/** Name under which the index finds the rules of all tenants that have some of their own. */
export const rulesIndex = 'rules'

/** Every deployment that is recorded asks each of them. */
const MOST_RECURRING = 50

const initial: PromotionRules = { pipeline: defaultPipeline, freezes: [], keySchemas: {}, revision: 1 }

function evolve(
  rules: PromotionRules,
  { pipeline = rules.pipeline, freezes, keySchema, ...event }: PipelineEvent,
): PromotionRules {
  const configurationNames =
    event.configurationNames ?? (pipeline === rules.pipeline ? rules.configurationNames : undefined)
  const named = freezes ?? (pipeline === rules.pipeline ? undefined : rules.freezes)
  const keySchemas = new Map(Object.entries(rules.keySchemas))
  if (keySchema?.schema !== undefined) keySchemas.set(keySchema.keyPattern, keySchema.schema)
  else if (keySchema) keySchemas.delete(keySchema.keyPattern)
  return {
    pipeline,
    ...(configurationNames && { configurationNames }),
    // A pipeline that names an environment anew does not end its freezes.
    freezes: named?.map(freeze => byPipelineNames(freeze, pipeline)) ?? rules.freezes,
    keySchemas: Object.fromEntries(keySchemas),
    revision: rules.revision + 1,
  }
}

function decide(command: PipelineCommand, rules: PromotionRules): Decision<PipelineEvent> {
  const { now, by } = command
  const changed = (change: Omit<PipelineChanged, 'type' | 'changedAt' | 'by'>): PipelineEvent[] => [
    { type: 'PipelineChanged', changedAt: now, ...(by !== undefined && { by }), ...change },
  ]
  const wanted = 'ifMatch' in command ? command.ifMatch : undefined
  const stale = wanted && unmatchedRevision('the pipeline and its rules', rules.revision, wanted)
  if (stale) return stale
  switch (command.type) {
    case 'ChangePipeline': {
      const { pipeline, holding } = command
      const same = equal(pipeline, rules.pipeline)
      const refused = same
        ? undefined
        : (impossible(pipeline) ?? refuseEndOfFreezes(rules.freezes, rules.pipeline, pipeline))
      if (refused) return refused
      const named = nameConfigurations(rules, pipeline, holding)
      if (isRejection(named)) return same ? [] : named
      const { names } = named
      if (same && equal(names, rules.configurationNames ?? {})) return []
      return changed({ pipeline, ...(Object.keys(names).length > 0 && { configurationNames: names }) })
    }
    case 'ChangeFreezes': {
      const freezes = command.freezes.map(freeze => byPipelineNames(freeze, rules.pipeline))
      if (equal(freezes, rules.freezes)) return []
      const refused =
        impossibleFreezes(freezes) ??
        (command.force ? undefined : refuseAimless(freezes, rules.freezes, rules.pipeline))
      return refused ?? changed({ freezes })
    }
    case 'ChangeKeySchema': {
      const { keyPattern, schema } = command
      const before = Object.hasOwn(rules.keySchemas, keyPattern) ? rules.keySchemas[keyPattern] : undefined
      if (schema === undefined && before === undefined) return []
      if (schema !== undefined && before !== undefined && equalJson(schema, before)) return []
      const refused = schema === undefined ? undefined : tooManySchemas(rules, keyPattern, schema)
      return refused ?? changed({ keySchema: { keyPattern, ...(schema !== undefined && { schema }) } })
    }
    default:
      return command satisfies never
  }
}

/** A schema that is put must leave room for the others; whatever was there before may stay. */
function tooManySchemas({ keySchemas }: PromotionRules, keyPattern: string, schema: Json): Rejection | undefined {
  const { count, bytes } = MAX_KEY_SCHEMAS
  const sizes = new Map(Object.entries(keySchemas).map(([pattern, each]) => [pattern, sizeOf(each)]))
  const before = sizes.get(keyPattern)
  sizes.set(keyPattern, sizeOf(schema))
  if (before === undefined && sizes.size > count)
    return refuse('unprocessable', `there would be ${sizes.size} schemas of keys, more than ${count}: delete one first`)
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  if (all <= bytes || sizeOf(schema) <= (before ?? 0)) return undefined
  return refuse(
    'unprocessable',
    `the schemas of all keys would have ${all} bytes, more than ${bytes}: make them smaller`,
  )
}

function sizeOf(schema: Json): number {
  return Buffer.byteLength(JSON.stringify(schema))
}

function byPipelineNames(freeze: Freeze, pipeline: Pipeline): Freeze {
  if (!freeze.environments) return freeze
  return { ...freeze, environments: freeze.environments.map(name => resolveEnvironment(pipeline, name)) }
}

/** Every name and alias must lead to one environment; one that differs in its case alone may be listed beside it. */
function impossible({ environments }: Pipeline): Rejection | undefined {
  const seen = new Map<string, { name: string; index: number; words: string[] }>()
  const errors = environments.flatMap(({ name, aliases = [] }, index) =>
    [name, ...aliases].flatMap((word, place) => {
      const pointer = `/environments/${index}/${place === 0 ? 'name' : `aliases/${place - 1}`}`
      const key = environmentKey(word)
      if (key === '') return [{ pointer, detail: 'a name must have more than spaces' }]
      const other = seen.get(key)
      seen.set(key, { name, index, words: [...(other?.words ?? []), word] })
      const isTaken = other && (other.index !== index || other.words.includes(word))
      return isTaken ? [{ pointer, detail: `the name ${word} leads to ${other.name} already` }] : []
    }),
  )
  return errors.length === 0 ? undefined : refused(errors)
}

/** A freeze whose time cannot be read would stop every promotion. */
function impossibleFreezes(freezes: Freeze[]): Rejection | undefined {
  const recurring = freezes.filter(({ cron }) => cron !== undefined).length
  if (recurring > MOST_RECURRING)
    return refused([{ pointer: '', detail: `at most ${MOST_RECURRING} freezes may have cron, and ${recurring} have` }])
  const names = new Set<string>()
  for (const [index, freeze] of freezes.entries()) {
    const { name } = freeze
    if (names.has(name)) return refused([{ pointer: `/${index}/name`, detail: `there is another freeze ${name}` }])
    names.add(name)
    // The first alone: that a cron names no moment takes long to find.
    const finding = freezeFinding(freeze)
    if (finding !== undefined) return refused([{ pointer: `/${index}`, detail: `freeze ${name}: ${finding}` }])
  }
  return undefined
}

function refused(errors: { pointer: string; detail: string }[]): Rejection {
  return refuse('unprocessable', errors.map(({ detail }) => detail).join('; '), { errors })
}

function equal(a: unknown, b: unknown): boolean {
  return equalJson(a as Json, b as Json)
}

/** The decider of a tenant's pipeline: its environments, its freezes, the schemas of its keys. */
export const pipeline: Decider<PromotionRules, PipelineCommand, PipelineEvent> = {
  category: 'pipeline',
  stateVersion: 2,
  initial,
  evolve,
  decide,
  // Schemas of keys can be large, and no answer shows all of them.
  answer: ({ pipeline, freezes, revision }) => ({ pipeline, freezes, revision }),
  orderingKey: () => undefined,
  indexEntries: () => [{ name: rulesIndex, place: '', rank: '', announced: true }],
}
