import { defaultPipeline, type Pipeline } from '#libs/contracts'
import type { ClientBase } from 'pg'
import { plainArray } from '../sql/array-literal.js'

/** Pipelines of the tenants that have one of their own. */
export type Pipelines = ReadonlyMap<string, Pipeline>

/** The pipeline of a tenant: its own, else the default one. */
export function pipelineOf(pipelines: Pipelines, tenant: string): Pipeline {
  return pipelines.get(tenant) ?? defaultPipeline
}

/** Where the pipeline of a tenant begins. */
export function firstEnvironment(pipelines: Pipelines, tenant: string): string {
  return pipelineOf(pipelines, tenant).environments[0]!.name
}

/** Names our advisory locks among others' in the same database: `SHIP`. */
const LOCK_KIND = 0x53_48_49_50
/** Fewer locks than tenants: a batch may have a thousand of them, and a server's table of locks has an end. */
const BUCKETS = 64

/**
 * Reads the pipelines that some tenants have of their own, and lets nobody change them until the caller's transaction ends. Partitions are
 * projected at the same time: without this one could place a deployment by a pipeline while another moves what it sees of that
 * tenant's to the next one. Locks, and not rows `FOR SHARE`: most tenants have no row, and locking one writes.
 *
 * All locks of a transaction are taken by its first call, in one order, so that two of them cannot wait for each other.
 * @param alone tenants whose pipelines the caller changes
 */
export async function lockPipelines(
  connection: ClientBase,
  tenants: readonly string[],
  alone: readonly string[] = [],
): Promise<Pipelines> {
  const buckets = new Map<number, boolean>()
  for (const tenant of tenants) buckets.set(bucketOf(tenant), false)
  for (const tenant of alone) buckets.set(bucketOf(tenant), true)
  const inOrder = [...buckets].toSorted(([a], [b]) => a - b)
  const { rows } = await connection.query<{ tenant: string; pipeline: Pipeline }>({
    name: 'hold pipelines',
    text: 'SELECT tenant, pipeline FROM lock_pipelines($1, $2, $3, $4)',
    values: [
      LOCK_KIND,
      plainArray(inOrder.map(([bucket]) => bucket)),
      plainArray(inOrder.map(([, exclusive]) => exclusive)),
      [...new Set(tenants)],
    ],
  })
  return new Map(rows.map(({ tenant, pipeline }) => [tenant, pipeline]))
}

function bucketOf(tenant: string): number {
  return [...tenant].reduce((sum, character) => (sum * 31 + character.codePointAt(0)!) % BUCKETS, 0)
}
