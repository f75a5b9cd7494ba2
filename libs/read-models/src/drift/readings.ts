import type { Interval } from '../deployment/interval/step-function.js'
import { statement, type Query } from '#libs/postgres'
import type { Reading, SlotTimeline, Wanted } from './slot-timeline.js'

/** Number of older intervals of a slot to read at once: the first time, and the factor for further times. */
const FIRST = 16
const GROWTH = 4
const MOST = 4096

/**
 * Runs computations to their end, reading what they need for all of them at once, and more each time, since most need little. The
 * statements must see one snapshot.
 */
export async function readAll<Result>(query: Query, tenant: string, readings: Reading<Result>[]): Promise<Result[]> {
  const results: Result[] = []
  let open = [...readings.entries()]
  for (;;) {
    const wanted: Wanted[] = []
    open = open.filter(([n, reading]) => {
      const { done, value } = reading.next()
      if (done) results[n] = value
      else wanted.push(value)
      return !done
    })
    if (open.length === 0) return results
    await readFirstStarts(query, tenant, wanted)
    await readOlder(query, tenant, wanted)
  }
}

async function readOlder(query: Query, tenant: string, wanted: readonly Wanted[]): Promise<void> {
  const timelines = [...new Set(wanted.flatMap(({ timeline, tag }) => (tag === undefined ? [timeline] : [])))]
  if (timelines.length === 0) return
  const counts = timelines.map(({ intervals }) => Math.min(Math.max(FIRST, intervals.length * GROWTH), MOST))
  const values = {
    tenant,
    ...slotsOf(timelines),
    before: timelines.map(({ intervals }) => intervals.at(-1)?.from ?? null),
    counts,
  }
  const rows = await query<{ intervals: IntervalJson[] }>(
    statement('older intervals', OLDER_INTERVALS, values, { plan: 'once' }),
  )
  for (const [n, timeline] of timelines.entries()) {
    const older = rows[n]!.intervals
    timeline.intervals.push(...older.map(intervalOfJson))
    timeline.complete = older.length < counts[n]!
  }
}

// No deployment of a tag was active before the start of its first success, whatever its later status.
async function readFirstStarts(query: Query, tenant: string, wanted: readonly Wanted[]): Promise<void> {
  const tagged = wanted.flatMap(({ timeline, tag }) => (tag === undefined ? [] : [{ timeline, tag }]))
  if (tagged.length === 0) return
  const values = { tenant, ...slotsOf(tagged.map(({ timeline }) => timeline)), tags: tagged.map(({ tag }) => tag) }
  const rows = await query<{ start: number }>(statement('first starts', FIRST_STARTS, values, { plan: 'once' }))
  for (const [n, { timeline, tag }] of tagged.entries()) timeline.firstStarts.set(tag, rows[n]!.start)
}

function slotsOf(timelines: readonly SlotTimeline[]): { applications: string[]; environments: string[] } {
  return {
    applications: timelines.map(({ application }) => application),
    environments: timelines.map(({ environment }) => environment),
  }
}

/** An interval in the form of `intervalJson`. */
export type IntervalJson = [
  from: number,
  deploymentId: string | null,
  imageTag: string | null,
  deployedAt: number | null,
  logOrder: string | null,
  byRollback: boolean,
  removed: boolean,
]

/** SQL: the JSON of an interval, row `s`. */
export const intervalJson = `json_build_array(milliseconds(s.from_at), s.deployment_id, s.image_tag, milliseconds(s.deployed_at),
  s.log_order::text, s.by_rollback, s.removed)`

const OLDER_INTERVALS = `
  SELECT older.intervals
  FROM unnest($applications::text[], $environments::text[], $before::float8[], $counts::integer[])
    WITH ORDINALITY AS slot(application, environment, before, count, n)
  CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(s.interval ORDER BY s.from_at DESC), '[]') AS intervals FROM (
      SELECT s.from_at, ${intervalJson} AS interval FROM deployment_interval s
      WHERE s.tenant = $tenant AND s.application = slot.application AND s.environment_name = slot.environment
        AND s.from_at < coalesce(to_timestamp(slot.before / 1000)::timestamptz(3), 'infinity')
      ORDER BY s.from_at DESC LIMIT slot.count
    ) s
  ) older ORDER BY slot.n`

const FIRST_STARTS = `
  SELECT coalesce(first.start, 'Infinity') AS start
  FROM unnest($applications::text[], $environments::text[], $tags::text[])
    WITH ORDINALITY AS slot(application, environment, tag, n)
  LEFT JOIN LATERAL (
    SELECT milliseconds(h.deployed_at) AS start FROM deployment_history h
    WHERE h.tenant = $tenant AND h.image_tag = slot.tag AND h.application = slot.application
      AND h.environment_name = slot.environment AND h.succeeded
    ORDER BY h.deployed_at LIMIT 1
  ) first ON true ORDER BY slot.n`

/** Parses the result of `intervalJson`. */
export function intervalOfJson([
  from,
  deploymentId,
  imageTag,
  deployedAt,
  logOrder,
  byRollback,
  removed,
]: IntervalJson): Interval {
  if (deploymentId === null) return { from, byRollback }
  const deployment = { deploymentId, imageTag: imageTag!, deployedAt: deployedAt!, logOrder: BigInt(logOrder!) }
  return { from, byRollback, ...(removed ? { removed: deployment } : { active: deployment }) }
}
