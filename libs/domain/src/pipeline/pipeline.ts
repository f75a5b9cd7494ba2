import {
  defaultPipeline,
  environmentKey,
  equalJson,
  freezeFinding,
  isRejection,
  MAX_KEY_SCHEMAS,
  refuse,
  resolveEnvironment,
  streamIdOf,
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
import { nameConfigurations } from '../configuration/configuration-name.js'
import { unmatchedRevision } from '../configuration/precondition.js'
import { refuseAimless, refuseEndOfFreezes } from './freeze-environments.js'

const CATEGORY = 'pipeline'

/** A tenant's pipeline, its freezes and its key schemas. */
export interface PipelineSettings {
  pipeline: Pipeline
  /** By environment: the name of its configuration stream, if different. */
  configurationNames?: Record<string, string>
  freezes: Freeze[]
  /** JSON Schemas by the glob of the keys that they apply to. */
  keySchemas: Record<string, Json>
  /** What `If-Match` compares: 1 for the defaults, plus 1 for each change. */
  revision: number
}

/** Name of the index entries of all pipelines that differ from the default. */
export const pipelineIndex = 'rules'

/** The stream of a tenant's pipeline, freezes and key schemas. */
export function pipelineStream(tenant: string): string {
  return streamIdOf(CATEGORY, tenant, 'rules')
}

/** Limit of the recurring freezes: recording a deployment evaluates each of them. */
const MOST_RECURRING = 50

const initial: PipelineSettings = { pipeline: defaultPipeline, freezes: [], keySchemas: {}, revision: 1 }

function evolve(
  settings: PipelineSettings,
  { pipeline = settings.pipeline, freezes, keySchema, ...event }: PipelineEvent,
): PipelineSettings {
  const configurationNames =
    event.configurationNames ?? (pipeline === settings.pipeline ? settings.configurationNames : undefined)
  const named = freezes ?? (pipeline === settings.pipeline ? undefined : settings.freezes)
  const keySchemas = new Map(Object.entries(settings.keySchemas))
  if (keySchema?.schema !== undefined) keySchemas.set(keySchema.keyPattern, keySchema.schema)
  else if (keySchema) keySchemas.delete(keySchema.keyPattern)
  return {
    pipeline,
    ...(configurationNames && { configurationNames }),
    // Freezes follow an environment that is renamed.
    freezes: named?.map(freeze => byPipelineNames(freeze, pipeline)) ?? settings.freezes,
    keySchemas: Object.fromEntries(keySchemas),
    revision: settings.revision + 1,
  }
}

function decide(command: PipelineCommand, settings: PipelineSettings): Decision<PipelineEvent> {
  const { now, by } = command
  const changed = (change: Omit<PipelineChanged, 'type' | 'changedAt' | 'by'>): PipelineEvent[] => [
    { type: 'PipelineChanged', changedAt: now, ...(by !== undefined && { by }), ...change },
  ]
  const wanted = 'ifMatch' in command ? command.ifMatch : undefined
  const stale = wanted && unmatchedRevision('the pipeline', settings.revision, wanted)
  if (stale) return stale
  switch (command.type) {
    case 'ChangePipeline': {
      const { pipeline, holding } = command
      const same = equal(pipeline, settings.pipeline)
      const refused = same
        ? undefined
        : (impossible(pipeline) ?? refuseEndOfFreezes(settings.freezes, settings.pipeline, pipeline))
      if (refused) return refused
      const named = nameConfigurations(settings, pipeline, holding)
      if (isRejection(named)) return same ? [] : named
      const { names } = named
      if (same && equal(names, settings.configurationNames ?? {})) return []
      return changed({ pipeline, ...(Object.keys(names).length > 0 && { configurationNames: names }) })
    }
    case 'ChangeFreezes': {
      const freezes = command.freezes.map(freeze => byPipelineNames(freeze, settings.pipeline))
      if (equal(freezes, settings.freezes)) return []
      const refused =
        impossibleFreezes(freezes) ??
        (command.force ? undefined : refuseAimless(freezes, settings.freezes, settings.pipeline))
      return refused ?? changed({ freezes })
    }
    case 'ChangeKeySchema': {
      const { keyPattern, schema } = command
      const before = Object.hasOwn(settings.keySchemas, keyPattern) ? settings.keySchemas[keyPattern] : undefined
      if (schema === undefined && before === undefined) return []
      if (schema !== undefined && before !== undefined && equalJson(schema, before)) return []
      const refused = schema === undefined ? undefined : tooManySchemas(settings, keyPattern, schema)
      return refused ?? changed({ keySchema: { keyPattern, ...(schema !== undefined && { schema }) } })
    }
    default:
      return command satisfies never
  }
}

/** Limits the key schemas of a tenant. A schema that does not grow is accepted above the limit. */
function tooManySchemas({ keySchemas }: PipelineSettings, keyPattern: string, schema: Json): Rejection | undefined {
  const { count, bytes } = MAX_KEY_SCHEMAS
  const sizes = new Map(Object.entries(keySchemas).map(([pattern, each]) => [pattern, sizeOf(each)]))
  const before = sizes.get(keyPattern)
  sizes.set(keyPattern, sizeOf(schema))
  if (before === undefined && sizes.size > count)
    return refuse(
      'unprocessable',
      `the tenant would have ${sizes.size} key schemas; the limit is ${count}. Delete one first`,
    )
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  if (all <= bytes || sizeOf(schema) <= (before ?? 0)) return undefined
  return refuse(
    'unprocessable',
    `the key schemas of the tenant would have ${all} bytes; the limit is ${bytes}. Make them smaller`,
  )
}

function sizeOf(schema: Json): number {
  return Buffer.byteLength(JSON.stringify(schema))
}

function byPipelineNames(freeze: Freeze, pipeline: Pipeline): Freeze {
  if (!freeze.environments) return freeze
  return { ...freeze, environments: freeze.environments.map(name => resolveEnvironment(pipeline, name)) }
}

/** Each name and alias must refer to one environment. An alias may differ from another name of the same environment in case only. */
function impossible({ environments }: Pipeline): Rejection | undefined {
  const seen = new Map<string, { name: string; index: number; words: string[] }>()
  const errors = environments.flatMap(({ name, aliases = [] }, index) =>
    [name, ...aliases].flatMap((word, nameIndex) => {
      const pointer = `/environments/${index}/${nameIndex === 0 ? 'name' : `aliases/${nameIndex - 1}`}`
      const key = environmentKey(word)
      if (key === '') return [{ pointer, detail: 'must not be blank' }]
      const other = seen.get(key)
      seen.set(key, { name, index, words: [...(other?.words ?? []), word] })
      const isTaken = other && (other.index !== index || other.words.includes(word))
      return isTaken
        ? [{ pointer, detail: `the name ${word} already belongs to the environment ${other.name}: remove one of them` }]
        : []
    }),
  )
  return errors.length === 0 ? undefined : refused(errors)
}

/** Rejects freezes with invalid times, which would block every promotion. */
function impossibleFreezes(freezes: Freeze[]): Rejection | undefined {
  const recurring = freezes.filter(({ cron }) => cron !== undefined).length
  if (recurring > MOST_RECURRING)
    return refused([
      { pointer: '', detail: `the list has ${recurring} freezes with \`cron\`; the limit is ${MOST_RECURRING}` },
    ])
  const names = new Set<string>()
  for (const [index, freeze] of freezes.entries()) {
    const { name } = freeze
    if (names.has(name))
      return refused([{ pointer: `/${index}/name`, detail: `the name ${name} is used by two freezes: rename one` }])
    names.add(name)
    // Stops at the first: finding that a cron pattern never occurs takes long.
    const finding = freezeFinding(freeze)
    if (finding !== undefined)
      return refused([{ pointer: `/${index}`, detail: `the freeze ${name} is invalid: ${finding}` }])
  }
  return undefined
}

function refused(errors: { pointer: string; detail: string }[]): Rejection {
  return refuse('unprocessable', errors.map(({ detail }) => detail).join('; '), { errors })
}

function equal(a: unknown, b: unknown): boolean {
  return equalJson(a as Json, b as Json)
}

export const pipeline: Decider<PipelineSettings, PipelineCommand, PipelineEvent> = {
  category: CATEGORY,
  stateVersion: 2,
  initial,
  evolve,
  decide,
  // Key schemas can be large, and no response has all of them.
  answer: ({ pipeline, freezes, revision }) => ({ pipeline, freezes, revision }),
  orderingKey: () => undefined,
  indexEntries: () => [{ name: pipelineIndex, groupKey: '', rank: '', notify: true }],
}
