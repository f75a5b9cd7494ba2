import {
  defaultPipeline,
  equalJson,
  freezeFinding,
  isRejection,
  keySchemaFinding,
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

const initial: PromotionRules = { pipeline: defaultPipeline, freezes: [], keySchemas: {}, revision: 1 }

function evolve(
  rules: PromotionRules,
  { pipeline = rules.pipeline, freezes, keySchema, ...event }: PipelineEvent,
): PromotionRules {
  const configurationNames =
    event.configurationNames ?? (pipeline === rules.pipeline ? rules.configurationNames : undefined)
  const keySchemas = new Map(Object.entries(rules.keySchemas))
  if (keySchema?.schema !== undefined) keySchemas.set(keySchema.keyPattern, keySchema.schema)
  else if (keySchema) keySchemas.delete(keySchema.keyPattern)
  return {
    pipeline,
    ...(configurationNames && { configurationNames }),
    // A pipeline that names an environment anew does not end its freezes.
    freezes: (freezes ?? rules.freezes).map(freeze => byPipelineNames(freeze, pipeline)),
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
      const finding = schema === undefined ? undefined : keySchemaFinding(schema)
      if (finding !== undefined) return refuse('unprocessable', `no value can be held against this schema: ${finding}`)
      return changed({ keySchema: { keyPattern, ...(schema !== undefined && { schema }) } })
    }
    default:
      return command satisfies never
  }
}

function byPipelineNames(freeze: Freeze, pipeline: Pipeline): Freeze {
  if (!freeze.environments) return freeze
  return { ...freeze, environments: freeze.environments.map(name => resolveEnvironment(pipeline, name)) }
}

/** Every name and alias must lead to one environment. */
function impossible({ environments }: Pipeline): Rejection | undefined {
  const seen = new Map<string, string>()
  const errors = environments.flatMap(({ name, aliases = [] }, index) =>
    [name, ...aliases].flatMap((word, place) => {
      const other = seen.get(word)
      seen.set(word, name)
      const pointer = `/environments/${index}/${place === 0 ? 'name' : `aliases/${place - 1}`}`
      return other === undefined ? [] : [{ pointer, detail: `the name ${word} leads to ${other} already` }]
    }),
  )
  return errors.length === 0 ? undefined : refused(errors)
}

/** A freeze whose time cannot be read would stop every promotion. */
function impossibleFreezes(freezes: Freeze[]): Rejection | undefined {
  const errors = freezes.flatMap((freeze, index) => {
    const { name } = freeze
    const finding = freezeFinding(freeze)
    return [
      ...(finding === undefined ? [] : [{ pointer: `/${index}`, detail: `freeze ${name}: ${finding}` }]),
      ...(freezes.findIndex(other => other.name === name) < index
        ? [{ pointer: `/${index}/name`, detail: `there is another freeze ${name}` }]
        : []),
    ]
  })
  return errors.length === 0 ? undefined : refused(errors)
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
