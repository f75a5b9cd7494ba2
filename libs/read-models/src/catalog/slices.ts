import type { DeploymentEvent } from '#libs/contracts'
import { rowSet, statement, type Query } from '#libs/postgres'
import { idKey, type ProjectedEvent } from '../log/projected-event.js'
import { withId } from '../deployment/record/index-lookups.js'

type Event = ProjectedEvent<DeploymentEvent>

/** Approximate number of bytes of facts in memory. Statement parameters take the same again. */
const SLICE_BYTES = 16 * 1024 * 1024
/** Number of known deployments that always fit into memory, since a deployment has at most 1 MiB. */
const FEW = SLICE_BYTES / 1024 / 1024

/**
 * Divides a batch whose deployments would take too much memory, since an event of a few bytes may change a deployment of a megabyte. Nearly
 * all batches are one slice.
 */
export async function slicesOf(query: Query, events: readonly Event[]): Promise<Event[][]> {
  const known = await bytesOfKnown(query, events)
  const slices: Event[][] = []
  let bytes = Infinity
  for (const event of events) {
    const own = event.data.length + (known.get(keyOf(event)) ?? 0)
    if (bytes + own > SLICE_BYTES) {
      slices.push([])
      bytes = 0
    }
    slices.at(-1)!.push(event)
    bytes += own
  }
  return slices
}

/** Bytes of the deployments that events have changed so far, in this batch or before. */
async function bytesOfKnown(query: Query, events: readonly Event[]): Promise<Map<string, number>> {
  const bytes = new Map<string, number>()
  const changing = new Map<string, Event>()
  for (const event of events) {
    if (event.event.type === 'DeploymentRecorded') bytes.set(keyOf(event), event.data.length)
    else if (!bytes.has(keyOf(event))) changing.set(keyOf(event), event)
  }
  if (changing.size <= FEW) return bytes
  const rows = await query<{ key: string; recorded_bytes: number }>(
    statement('bytes of deployments', BYTES, changingDeployments.values([...changing.values()]), { plan: 'once' }),
  )
  for (const row of rows) bytes.set(row.key, row.recorded_bytes)
  return bytes
}

function keyOf({ event, metadata }: Event): string {
  return idKey(metadata.tenant, event.deploymentId)
}

const changingDeployments = rowSet<Event>('changing', [
  { name: 'tenant', type: 'text', value: ({ metadata }) => metadata.tenant },
  { name: 'deployment_id', type: 'uuid', value: ({ event }) => event.deploymentId },
  { name: 'key', type: 'text', value: keyOf },
])

const BYTES = `
  SELECT changing.key, h.recorded_bytes FROM ${changingDeployments.sql}
  CROSS JOIN LATERAL (SELECT h.recorded_bytes FROM deployment_history h WHERE ${withId('h', 'changing')}) h`
