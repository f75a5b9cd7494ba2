import { environmentName } from './pipeline.js'
import type { Recomputed } from './reducer.js'

/** What "roll back this tag" must come to: the id that is marked, or the status of the refusal. */
export function rollbackByTag(
  { history, current }: Recomputed,
  { imageTag, application, environment }: { imageTag: string; application?: string; environment?: string },
): { id: unknown } | { status: 404 | 409 } {
  const places = new Map<string, Record<string, unknown>>()
  // Newest first: what is seen first of a place is the tag's latest there.
  for (const record of history) {
    const name = environmentName(record['environment'] as string)
    if (record['imageTag'] !== imageTag) continue
    if (application !== undefined && record['application'] !== application) continue
    if (environment !== undefined && name !== environmentName(environment)) continue
    const place = `${String(record['application'])} ${name}`
    if (!places.has(place)) places.set(place, record)
  }
  if (places.size === 0) return { status: 404 }
  const latest = [...places.values()]
  const active = latest.filter(({ id }) => current.some(running => running['id'] === id))
  const candidates = active.length > 0 ? active : latest
  const [only, another] = candidates
  return another || only!['status'] === 'ROLLED_BACK' ? { status: 409 } : { id: only!['id'] }
}
