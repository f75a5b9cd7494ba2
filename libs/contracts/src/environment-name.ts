import type { Pipeline } from './pipeline.js'

/**
 * What names of environments are compared by: two names are one environment where this is the same of both. Upper and lower case are the
 * same, and so are names with and without spaces at their ends, and the ways in which Unicode writes one letter. It is computed here alone, and
 * stored: databases have ideas of their own about case.
 */
export function environmentKey(name: string): string {
  // Lower case may be written in another way again.
  return name.normalize('NFC').trim().toLowerCase().normalize('NFC')
}

/**
 * The one name of an environment: the pipeline's, also for its aliases. Outside the pipeline it is the key, so that it does not depend on who
 * wrote it first.
 */
export function resolveEnvironment(pipeline: Pipeline, environment: string): string {
  const key = environmentKey(environment)
  return environmentsByKey(pipeline).get(key)?.name ?? key
}

/** The keys of every name of an environment: the pipeline's and its aliases; outside the pipeline its only one. */
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

/** A pipeline is asked of each deployment, and changes now and then. */
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
