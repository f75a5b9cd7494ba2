import type { Pipeline } from './pipeline.js'

/**
 * The key by which names of environments are compared: case, surrounding spaces and Unicode composition are ignored. Databases store this
 * key and never compute it, as their rules of case differ.
 */
export function environmentKey(name: string): string {
  // Lower-casing can undo the normalisation.
  return name.normalize('NFC').trim().toLowerCase().normalize('NFC')
}

/**
 * The canonical name of an environment: its name in the pipeline, also for an alias; outside the pipeline its key, which does not depend
 * on the spelling that was used first.
 */
export function resolveEnvironment(pipeline: Pipeline, environment: string): string {
  const key = environmentKey(environment)
  return environmentsByKey(pipeline).get(key)?.name ?? key
}

/** The keys of all names of an environment: its name in the pipeline and its aliases; outside the pipeline the key of the name itself. */
export function environmentKeys(pipeline: Pipeline, environment: string): string[] {
  const key = environmentKey(environment)
  return environmentsByKey(pipeline).get(key)?.keys ?? [key]
}

/** The environments of a pipeline in their order, each with the keys of its names. */
export function keyedEnvironments({ environments }: Pipeline): KeyedEnvironment[] {
  return environments.map(({ name, aliases = [] }) => ({
    name,
    keys: [...new Set([name, ...aliases].map(environmentKey))],
  }))
}

export interface KeyedEnvironment {
  name: string
  keys: string[]
}

/** Every deployment resolves a name, and pipelines rarely change. */
const known = new WeakMap<Pipeline, ReadonlyMap<string, KeyedEnvironment>>()

function environmentsByKey(pipeline: Pipeline): ReadonlyMap<string, KeyedEnvironment> {
  const found = known.get(pipeline)
  if (found) return found
  // Older pipelines may have a key twice: the first environment has it.
  const entries = keyedEnvironments(pipeline).flatMap(one =>
    one.keys.map((key): [string, KeyedEnvironment] => [key, one]),
  )
  const byKey = new Map(entries.toReversed())
  known.set(pipeline, byKey)
  return byKey
}
