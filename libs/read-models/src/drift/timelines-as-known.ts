import { hasLabelsSql, labelsOf, labelValues, type LabelFilter } from '../deployment/label/labels.js'
import { deploymentsAsOf, everRecorded } from '../deployment/record/versions.js'
import { activeUntil } from '../deployment/record/rules.sql.js'
import { removedAt } from '../deployment/interval/rows.js'
import { intervalsOf, type Run } from '../deployment/interval/step-function.js'
import { groupBy } from '../sql/group-by.js'
import { statement, type Query } from '#libs/postgres'
import {
  type ComparedApplication,
  type ComparedPart,
  type Comparison,
  knownApplications,
  sortedApplications,
} from './comparison.js'
import { stateOf } from './evaluate.js'
import type { SlotTimeline } from './slot-timeline.js'

type KnownComparison = Comparison & { knownAt: string }

/** Timelines as known at a time: complete, computed from the deployments known then. */
export async function timelinesAsKnown(
  query: Query,
  comparison: KnownComparison,
  { after, limit, onlyDiffering = false, alsoIdle = false }: ComparedPart,
): Promise<ComparedApplication[]> {
  const compared: ComparedApplication[] = []
  for (let last = after; ;) {
    const applications = await nextApplications(query, comparison, last, limit)
    const runs = await knownRuns(query, comparison, applications)
    const parts = applications.map(application => ({
      application,
      timelines: comparison.environments.map(environment =>
        timelineOf(application, environment, runs.get(slotKey(application, environment)) ?? [], comparison.asOf),
      ),
    }))
    for (const { application, timelines } of await labelled(query, comparison, parts)) {
      const [first, ...others] = timelines
      const states = others.map(other => stateOf(first!, other))
      if (!alsoIdle && !timelines.some(({ intervals }) => intervals[0]?.active)) continue
      if (!onlyDiffering || states.some(state => state !== 'same')) compared.push({ application, timelines })
    }
    if (applications.length < limit || compared.length >= limit) return compared.slice(0, limit)
    last = applications.at(-1)
  }
}

const slotKey = (application: string, environment: string) => JSON.stringify([application, environment])

function timelineOf(
  application: string,
  environment: string,
  runs: readonly Run[],
  asOf: string | undefined,
): SlotTimeline {
  const until = asOf === undefined ? Infinity : Date.parse(asOf)
  const intervals = intervalsOf(runs, { from: -Infinity, until }).toReversed()
  return { application, environment, intervals, complete: true, firstStarts: new Map() }
}

/** Those of which an active deployment has the requested labels. */
async function labelled(
  query: Query,
  { tenant, label }: { tenant: string; label?: LabelFilter },
  parts: readonly ComparedApplication[],
): Promise<readonly ComparedApplication[]> {
  if (labelsOf(label) === undefined) return parts
  const idsOf = ({ timelines }: ComparedApplication) =>
    timelines.flatMap(({ intervals: [last] }) => last?.active?.deploymentId ?? [])
  const text = `
    SELECT active.deployment_id AS id FROM unnest($ids::uuid[]) AS active(deployment_id) WHERE ${hasLabelsSql('active', label).join(' AND ')}`
  const ids = parts.flatMap(idsOf)
  const rows = await query<{ id: string }>(
    statement('labelled deployments', text, { tenant, ids, ...labelValues(label) }),
  )
  const found = new Set(rows.map(({ id }) => id))
  return parts.filter(part => idsOf(part).some(id => found.has(id)))
}

async function nextApplications(
  query: Query,
  { tenant, application }: Comparison,
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  const text = `WITH RECURSIVE ${knownApplications(everRecorded, { application, after })}
    SELECT application FROM known WHERE application IS NOT NULL LIMIT $limit`
  const rows = await query<{ application: string }>(
    statement('applications of a tenant', text, { tenant, ...sortedApplications(application), after, limit }),
  )
  return rows.map(row => row.application)
}

interface RunRow {
  application: string
  environment_name: string
  deployment_id: string
  image_tag: string
  deployed_at: number
  log_order: string
  from: number
  until: number
  removed_at: number | null
}

async function knownRuns(
  query: Query,
  { tenant, environments, knownAt }: KnownComparison,
  applications: readonly string[],
): Promise<Map<string, Run[]>> {
  const text = `
    SELECT h.application, h.environment_name, h.deployment_id, h.image_tag, milliseconds(h.deployed_at) AS deployed_at, h.log_order,
      milliseconds(h.finished_at) AS from,
      milliseconds(${activeUntil('h')}) AS until, milliseconds(h.removed_at) AS removed_at
    FROM ${deploymentsAsOf({ knownAt })} h
    WHERE h.tenant = $tenant AND h.application = ANY ($applications) AND h.environment_name = ANY ($environments) AND h.succeeded
      AND (h.status = 'DEPLOYED' OR h.rolled_back_at > h.finished_at)`
  const known = await query<RunRow>(
    statement('timelines as known', text, { tenant, applications, environments, knownAt }),
  )
  const rows = groupBy(known, row => slotKey(row.application, row.environment_name))
  return new Map([...rows].map(([slot, runs]) => [slot, runs.map(toRun)]))
}

function toRun({
  deployment_id: deploymentId,
  image_tag: imageTag,
  deployed_at: deployedAt,
  from,
  until,
  ...row
}: RunRow): Run {
  return { deploymentId, imageTag, deployedAt, logOrder: BigInt(row.log_order), from, until, ...removedAt(row) }
}
