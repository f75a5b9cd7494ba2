import { rowSet, statement, type Column, type Query } from '#libs/postgres'
import { changedRun, type ChangedRun } from '../deployment/interval/changed-run.js'
import { instantOf } from '../deployment/interval/rows.js'
import type { Run } from '../deployment/interval/step-function.js'
import type { DeploymentChange } from '../deployment/record/fold.js'
import { columnsOf, orderedBy, slotColumns, withId, withinKey, withKey } from '../deployment/record/index-lookups.js'
import { slotKeysOf, type Slot } from '../deployment/record/slot.js'
import type { IncidentKey } from './rows.js'

/** A deployment, one of whose incidents has changed. */
export interface AffectedDeployment {
  tenant: string
  id: string
}

/**
 * Recomputes to which deployments incidents belong: those of a batch, those that name a deployment that the batch records, and those that
 * started at a time at which a changed deployment is or was active. A change of one deployment moves no incident between two others: at
 * each time the deployment that started last is active. Returns the deployments that have lost or gained an incident, and those of
 * the incidents of the batch. A batch of tenants without incidents costs one lookup of each.
 */
export async function refreshAttribution(
  query: Query,
  incidents: readonly IncidentKey[],
  changes: readonly DeploymentChange[],
): Promise<AffectedDeployment[]> {
  const tenants = [...new Set([...incidents, ...changes].map(({ tenant }) => tenant))]
  const rows = await query<{ tenant: string }>(
    statement('tenants with incidents', WITH_INCIDENTS, { tenants }, { plan: 'once' }),
  )
  const withIncidents = new Set(rows.map(({ tenant }) => tenant))
  if (withIncidents.size === 0) return []
  const affecting = changes.filter(({ tenant }) => withIncidents.has(tenant))
  const runs = affecting.map(changedRun).filter(run => run !== undefined)
  const values = {
    ...ownRows.values(incidents),
    ...recordedRows.values(affecting.filter(({ before }) => before === undefined)),
    ...spanRows.values(runs.flatMap(affectedSpans)),
    ...gapRows.values(runs.flatMap(gapOf)),
  }
  return affectedOf(
    await query<Attributed>(statement('attribute incidents', `${CANDIDATES}${ATTRIBUTE}`, values, { plan: 'once' })),
  )
}

/** Recomputes it for all incidents of tenants. The caller holds these exclusively. */
export async function refreshAllAttribution(query: Query, tenants: readonly string[]): Promise<AffectedDeployment[]> {
  return affectedOf(
    await query<Attributed>(statement('attribute all incidents', `${ALL_CANDIDATES}${ATTRIBUTE}`, { tenants })),
  )
}

// planner: the order of one index, since EXISTS could read all incidents of the tenant into a bitmap.
const WITH_INCIDENTS = `
  SELECT known.tenant FROM unnest($tenants::text[]) AS known(tenant)
  CROSS JOIN LATERAL (
    SELECT FROM incident i WHERE ${withinKey('i.tenant', 'known.tenant')} ORDER BY i.tenant, i.incident_id LIMIT 1
  ) first`

interface Attributed {
  tenant: string
  before: string | null
  now: string | null
}

function affectedOf(rows: readonly Attributed[]): AffectedDeployment[] {
  const affected = new Map<string, AffectedDeployment>()
  for (const { tenant, before, now } of rows) {
    for (const id of [before, now]) if (id !== null) affected.set(`${tenant}/${id}`, { tenant, id })
  }
  return [...affected.values()]
}

/** A span of time in which a deployment may have become active, or no longer is. */
interface AffectedSpan {
  slot: Slot
  deploymentId: string
  from: number
  /** Exclusive. */
  until: number
}

function affectedSpans({ slot, before, now }: ChangedRun): AffectedSpan[] {
  const { deploymentId } = (now ?? before)!
  // With the same start, only what lies within one of both and outside the other.
  const spans =
    before && now && before.deployedAt === now.deployedAt
      ? [
          between(before.from, now.from),
          between(before.until, now.until),
          between(before.removedAt ?? Infinity, now.removedAt ?? Infinity),
        ]
      : [before, now].flatMap(run => (run ? [between(run.from, run.until)] : []))
  return spans.filter(({ from, until }) => from < until).map(span => ({ slot, deploymentId, ...span }))
}

/** The time in which nothing was active because a deployment, which has changed, was removed: without it another one may be. */
interface Gap {
  slot: Slot
  run: Run & { removedAt: number }
}

function gapOf({ slot, before }: ChangedRun): Gap[] {
  const { removedAt } = before ?? {}
  return before && removedAt !== undefined ? [{ slot, run: { ...before, removedAt } }] : []
}

function between(a: number, b: number): { from: number; until: number } {
  return { from: Math.min(a, b), until: Math.max(a, b) }
}

const tenantAnd = <Row extends { tenant: string }>(column: Column<Row>): Column<Row>[] => [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  column,
]
const ownRows = rowSet<IncidentKey>(
  'own',
  tenantAnd({ name: 'incident_id', type: 'text', value: ({ incidentId }) => incidentId }),
)
const recordedRows = rowSet<DeploymentChange>(
  'recorded',
  tenantAnd({ name: 'named_deployment_id', type: 'uuid', value: ({ record }) => record.id }),
)
const spanRows = rowSet<AffectedSpan>('span', [
  ...slotKeysOf<AffectedSpan>(({ slot }) => slot),
  { name: 'deployment_id', type: 'uuid', value: ({ deploymentId }) => deploymentId },
  { name: 'from_at', type: 'timestamptz', value: ({ from }) => instantOf(from) },
  { name: 'until_at', type: 'timestamptz', value: ({ until }) => instantOf(until) },
])
const gapRows = rowSet<Gap>('gap', [
  ...slotKeysOf<Gap>(({ slot }) => slot),
  { name: 'removed_at', type: 'timestamptz', value: ({ run }) => instantOf(run.removedAt) },
  { name: 'deployed_at', type: 'timestamptz', value: ({ run }) => instantOf(run.deployedAt) },
  { name: 'log_order', type: 'bigint', value: ({ run }) => run.logOrder },
])

const startInSlot = [...slotColumns, 'started_at', 'log_order']
const unattributed = ['tenant', 'environment_name', 'application', 'started_at']
const startOfOutcome = [...slotColumns, 'status', 'deployed_at', 'log_order']
const beginning = [...slotColumns, 'from_at']
const startOfDeployment = ['deployment_id', 'tenant', 'started_at', 'log_order']
const startOfNamed = ['named_deployment_id', 'tenant', 'started_at', 'log_order']

/**
 * SQL: CTEs that end in `candidate`: the rows `i` of incidents that may belong to another deployment than before. Of a span of a deployment:
 * those that belong to it, and those that started in one of its intervals there. Of a gap: those of no deployment, until the finish of the
 * next deployment that was never rolled back.
 */
const CANDIDATES = `
  WITH span AS MATERIALIZED (
    SELECT * FROM ${spanRows.sql}
  ), active AS (
    SELECT span.tenant, span.application, span.environment_name, span.deployment_id,
      greatest(s.from_at, span.from_at) AS from_at, least(coalesce(next.from_at, 'infinity'), span.until_at) AS until_at
    FROM span
    CROSS JOIN LATERAL (SELECT s.* FROM deployment_interval s WHERE ${withId('s', 'span')}) s
    LEFT JOIN LATERAL (
      SELECT next.from_at FROM deployment_interval next
      WHERE (${columnsOf('next', beginning)}) > (${columnsOf('s', beginning)})
        AND (${columnsOf('next', slotColumns)}) <= (${columnsOf('s', slotColumns)})
      ORDER BY ${orderedBy('next', beginning)} LIMIT 1
    ) next ON true
  ), candidate AS MATERIALIZED (
    SELECT i.row_id, true AS is_own FROM ${ownRows.sql}
    CROSS JOIN LATERAL (SELECT i.ctid AS row_id FROM incident i WHERE ${withKey('i', 'own', ['tenant', 'incident_id'])}) i
    UNION SELECT i.row_id, false FROM ${recordedRows.sql}
    CROSS JOIN LATERAL (
      SELECT i.ctid AS row_id FROM incident i
      WHERE ${withinKey(columnsOf('i', startOfNamed.slice(0, 2)), columnsOf('recorded', startOfNamed.slice(0, 2)))}
        AND i.named_deployment_id IS NOT NULL
      ORDER BY ${orderedBy('i', startOfNamed)} OFFSET 0
    ) i
    UNION SELECT i.row_id, false FROM span
    CROSS JOIN LATERAL (
      SELECT i.ctid AS row_id, i.named_deployment_id FROM incident i
      WHERE (${columnsOf('i', startOfDeployment.slice(0, 3))}) >= (span.deployment_id, span.tenant, span.from_at)
        AND (${columnsOf('i', startOfDeployment.slice(0, 3))}) < (span.deployment_id, span.tenant, span.until_at)
        AND i.deployment_id IS NOT NULL
      ORDER BY ${orderedBy('i', startOfDeployment)} OFFSET 0
    ) i WHERE i.named_deployment_id IS NULL
    UNION SELECT i.row_id, false FROM active
    CROSS JOIN LATERAL (
      SELECT i.ctid AS row_id, i.named_deployment_id FROM incident i
      WHERE (${columnsOf('i', startInSlot.slice(0, 4))}) >= (${columnsOf('active', beginning)})
        AND (${columnsOf('i', startInSlot.slice(0, 4))}) < (${columnsOf('active', slotColumns)}, active.until_at)
      ORDER BY ${orderedBy('i', startInSlot)} OFFSET 0
    ) i WHERE i.named_deployment_id IS NULL AND active.from_at < active.until_at
    UNION SELECT i.row_id, false FROM ${gapRows.sql}
    LEFT JOIN LATERAL (
      SELECT next.finished_at FROM deployment_history next
      WHERE (${columnsOf('next', startOfOutcome)}) > (${columnsOf('gap', slotColumns)}, 'DEPLOYED', gap.deployed_at, gap.log_order)
        AND (${columnsOf('next', startOfOutcome.slice(0, 4))}) <= (${columnsOf('gap', slotColumns)}, 'DEPLOYED') AND next.succeeded
      ORDER BY ${orderedBy('next', startOfOutcome)} LIMIT 1
    ) next ON true
    CROSS JOIN LATERAL (
      SELECT i.ctid AS row_id, i.named_deployment_id FROM incident i
      WHERE (${columnsOf('i', unattributed)}) >= (${columnsOf('gap', unattributed.slice(0, 3))}, gap.removed_at)
        AND (${columnsOf('i', unattributed)}) < (${columnsOf('gap', unattributed.slice(0, 3))}, coalesce(next.finished_at, 'infinity'))
        AND i.deployment_id IS NULL
      ORDER BY ${orderedBy('i', unattributed)} OFFSET 0
    ) i WHERE i.named_deployment_id IS NULL
  )`

const ALL_CANDIDATES = `
  WITH candidate AS MATERIALIZED (
    SELECT i.ctid AS row_id, false AS is_own FROM incident i WHERE i.tenant = ANY ($tenants)
  )`

/** SQL: whether a deployment `h` is one of the application and environment that an incident `i` names. */
export const isWhereNamed = (i: string, h: string): string =>
  `(${i}.named_application IS NULL OR ${h}.application = ${i}.named_application)
        AND (${i}.named_environment IS NULL OR ${h}.environment_name = ${i}.environment_name)`

// One that names a voided deployment still belongs to it, so that neither is in any response: see as-of.ts.
const namedIn = (table: string) => `
          SELECT h.deployment_id, h.application, h.environment, h.environment_name FROM ${table} h WHERE ${withId('h', 'name')}`

// planner: rows are found by ctid, which no other statement of the transaction has changed.
const ATTRIBUTE = `, wanted AS MATERIALIZED (
    SELECT candidate.row_id, bool_or(candidate.is_own) AS is_own FROM candidate GROUP BY candidate.row_id
  ), attributed AS MATERIALIZED (
    SELECT wanted.*, i.tenant, i.deployment_id AS before,
      coalesce(named.deployment_id, active.deployment_id) AS deployment_id,
      coalesce(i.named_application, named.application) AS application,
      coalesce(i.named_environment, named.environment) AS environment,
      CASE WHEN i.named_environment IS NULL THEN named.environment_name ELSE i.environment_name END AS environment_name
    FROM wanted JOIN incident i ON i.ctid = wanted.row_id
    LEFT JOIN LATERAL (
      SELECT h.* FROM (SELECT i.tenant, i.named_deployment_id AS deployment_id) name
      CROSS JOIN LATERAL (
        SELECT * FROM (${namedIn('deployment_history')}) counting UNION ALL SELECT * FROM (${namedIn('deployment_voided')}) voided
      ) h
      WHERE ${isWhereNamed('i', 'h')}
    ) named ON i.named_deployment_id IS NOT NULL
    LEFT JOIN LATERAL (
      SELECT CASE WHEN NOT s.removed THEN s.deployment_id END AS deployment_id FROM deployment_interval s
      WHERE (${columnsOf('s', beginning)}) <= (${columnsOf('i', slotColumns)}, i.started_at)
        AND (${columnsOf('s', slotColumns)}) >= (${columnsOf('i', slotColumns)})
      ORDER BY ${orderedBy('s', beginning, ' DESC')} LIMIT 1
    ) active ON i.named_deployment_id IS NULL
  ), changed AS (
    UPDATE incident i SET deployment_id = attributed.deployment_id, application = attributed.application,
      environment = attributed.environment, environment_name = attributed.environment_name
    FROM attributed WHERE i.ctid = attributed.row_id
      AND (i.deployment_id, i.application, i.environment, i.environment_name) IS DISTINCT FROM
        (attributed.deployment_id, attributed.application, attributed.environment, attributed.environment_name)
    RETURNING i.tenant, attributed.before, attributed.deployment_id AS now
  )
  SELECT DISTINCT tenant, before, now FROM changed
  UNION SELECT tenant, before, deployment_id FROM attributed WHERE is_own`
