import { defaultPipeline, type Pipeline } from '#libs/contracts'
import { plainArray, statement, type Query } from '#libs/postgres'

/** Pipelines of the tenants that have their own. */
export type Pipelines = ReadonlyMap<string, Pipeline>

/** The pipeline of a tenant: its own, else the default one. */
export function pipelineOf(pipelines: Pipelines, tenant: string): Pipeline {
  return pipelines.get(tenant) ?? defaultPipeline
}

/** The first environment of a tenant's pipeline. */
export function firstEnvironment(pipelines: Pipelines, tenant: string): string {
  return pipelineOf(pipelines, tenant).environments[0]!.name
}

/** Distinguishes our advisory locks from others in the same database: `SHIP`. */
const LOCK_KIND = 0x53_48_49_50
/** Fewer locks than tenants, since a batch may have a thousand tenants and a server's lock table is limited. */
const BUCKETS = 64

/**
 * Reads the own pipelines of tenants, and locks them against changes until the caller's transaction ends. Partitions are projected
 * concurrently: otherwise one could assign a deployment by a pipeline while another reassigns the tenant's visible deployments to the next
 * one. Advisory locks rather than `FOR SHARE`: most tenants have no row, and locking a row writes.
 *
 * The first call of a transaction takes all locks, in one order, so that two transactions cannot deadlock.
 * @param alone tenants whose pipelines the caller changes
 */
export async function lockPipelines(
  query: Query,
  tenants: readonly string[],
  alone: readonly string[] = [],
): Promise<Pipelines> {
  const buckets = new Map<number, boolean>()
  for (const tenant of tenants) buckets.set(bucketOf(tenant), false)
  for (const tenant of alone) buckets.set(bucketOf(tenant), true)
  const inOrder = [...buckets].toSorted(([a], [b]) => a - b)
  const values = {
    kind: LOCK_KIND,
    buckets: plainArray(inOrder.map(([bucket]) => bucket)),
    alone: plainArray(inOrder.map(([, exclusive]) => exclusive)),
    tenants: [...new Set(tenants)],
  }
  const rows = await query<{ tenant: string; pipeline: Pipeline }>(
    statement('lock pipelines', LOCK, values, { plan: 'once' }),
  )
  return new Map(rows.map(({ tenant, pipeline }) => [tenant, pipeline]))
}

const LOCK = 'SELECT tenant, pipeline FROM lock_pipelines($kind, $buckets, $alone, $tenants)'

function bucketOf(tenant: string): number {
  return [...tenant].reduce((sum, character) => (sum * 31 + character.codePointAt(0)!) % BUCKETS, 0)
}
