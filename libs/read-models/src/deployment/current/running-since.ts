import { statement, type Query } from '#libs/postgres'
import type { AsOf } from '../../sql/as-of.js'
import { Work } from '../../sql/read-budget.js'
import { removedAt } from '../interval/rows.js'
import { intervalsOf, type Run } from '../interval/step-function.js'
import { columnsOf, orderedBy, slotColumns } from '../record/index-lookups.js'
import { activeUntil } from '../record/rules.sql.js'
import { deploymentsAsOf } from '../record/versions.js'

const begun = [...slotColumns, 'new_tag', 'from_at']

/**
 * SQL: a join to an active deployment `h`: `running.since`, the start of the stretch in which its tag has been active without a break, over
 * deployments of the same tag. planner: in the form of index-lookups.ts, since the primary key would read the whole stretch.
 */
export const runningSinceJoin = ({ asOf }: AsOf): string => `
  LEFT JOIN LATERAL (
    SELECT s.from_at AS since FROM deployment_interval s
    WHERE (${columnsOf('s', begun)}) <= (${columnsOf('h', slotColumns)}, true, ${asOf === undefined ? `'infinity'` : '$asOf::timestamptz'})
      AND (${columnsOf('s', begun.slice(0, -1))}) >= (${columnsOf('h', slotColumns)}, true) AND s.new_tag
    ORDER BY ${orderedBy('s', begun, ' DESC')} LIMIT 1
  ) running ON true`

/** A slot and its active tag. */
export type ActiveTag = [application: string, environmentName: string, imageTag: string]

/** Number of deployments of a slot to read at once: the first time, and the factor for further times; and of all slots. */
const FIRST = 16
const GROWTH = 4
const MOST = 100_000

interface Stretch {
  n: number
  slot: ActiveTag
  /** Latest start first. */
  runs: Run[]
  complete: boolean
}

/**
 * The same with `knownAt`, in milliseconds since 1970: computed from the deployments known then, latest first, as far back as the stretch
 * reaches. The statements must see one snapshot. Throws ReadLimitExceeded.
 */
export async function runningSinceAsKnown(
  query: Query,
  moment: AsOf & { tenant: string },
  slots: readonly ActiveTag[],
): Promise<number[]> {
  const until = moment.asOf === undefined ? Infinity : Date.parse(moment.asOf)
  const found: number[] = slots.map(() => NaN)
  const work = new Work()
  let open: Stretch[] = slots.map((slot, n) => ({ n, slot, runs: [], complete: false }))
  while (open.length > 0) {
    await readRuns(query, moment, open)
    const further: Stretch[] = []
    for (const stretch of open) {
      const since = beginningOf(stretch, until)
      if (since === undefined) further.push(stretch)
      else found[stretch.n] = since
      await work.done(stretch.runs.length)
    }
    open = further
  }
  return found
}

/** `undefined` if earlier deployments may belong to the stretch. Those that started later hide them, so what the later ones tell is final. */
function beginningOf({ slot: [, , tag], runs, complete }: Stretch, until: number): number | undefined {
  let since = NaN
  for (const { from, active, removed } of intervalsOf(runs, { from: -Infinity, until }).toReversed()) {
    if (active?.imageTag !== tag) return active || removed || complete ? since : undefined
    since = from
  }
  return complete ? since : undefined
}

interface RunRow {
  n: number
  deployment_id: string
  image_tag: string
  deployed_at: number
  log_order: string
  from: number
  until: number
  removed_at: number | null
}

async function readRuns(
  query: Query,
  { tenant, asOf, knownAt }: AsOf & { tenant: string },
  open: readonly Stretch[],
): Promise<void> {
  const [{ runs: known }] = open as [Stretch]
  const count = Math.min(Math.max(FIRST, known.length * GROWTH), Math.ceil(MOST / open.length))
  const latest = asOf === undefined ? 'infinity' : new Date(Date.parse(asOf) + 1).toISOString()
  const rows = await query<RunRow>(
    statement('runs of slots as known', RUNS, {
      tenant,
      knownAt,
      count,
      applications: open.map(({ slot }) => slot[0]),
      environments: open.map(({ slot }) => slot[1]),
      starts: open.map(({ runs }) => {
        const last = runs.at(-1)
        return last ? new Date(last.deployedAt).toISOString() : latest
      }),
      orders: open.map(({ runs }) => String(runs.at(-1)?.logOrder ?? 0)),
    }),
  )
  const counts = open.map(() => 0)
  for (const { n, from, until, ...row } of rows) {
    counts[n - 1]!++
    open[n - 1]!.runs.push({
      deploymentId: row.deployment_id,
      imageTag: row.image_tag,
      deployedAt: row.deployed_at,
      logOrder: BigInt(row.log_order),
      from,
      until,
      ...removedAt(row),
    })
  }
  for (const [n, stretch] of open.entries()) stretch.complete = counts[n]! < count
}

const RUNS = `
  SELECT slot.n::integer, run.*
  FROM unnest($applications::text[], $environments::text[], $starts::timestamptz[], $orders::bigint[])
    WITH ORDINALITY AS slot(application, environment, start, log_order, n)
  CROSS JOIN LATERAL (
    SELECT h.deployment_id, h.image_tag, milliseconds(h.deployed_at) AS deployed_at, h.log_order,
      milliseconds(h.finished_at) AS from, milliseconds(${activeUntil('h')}) AS until,
      milliseconds(h.removed_at) AS removed_at
    FROM ${deploymentsAsOf({ knownAt: '' })} h
    WHERE h.tenant = $tenant AND h.application = slot.application AND h.environment_name = slot.environment
      AND (h.deployed_at, h.log_order) < (slot.start, slot.log_order)
      AND h.succeeded AND (h.status = 'DEPLOYED' OR h.rolled_back_at > h.finished_at)
    ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT $count::integer
  ) run ORDER BY slot.n, run.deployed_at DESC, run.log_order DESC`
