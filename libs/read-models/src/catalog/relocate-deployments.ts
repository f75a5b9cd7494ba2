import { resolveEnvironment } from '#libs/contracts'
import { rowSet, statement, type Query } from '#libs/postgres'
import { refreshSlots } from '../deployment/current/projection.js'
import { goesBack } from '../deployment/record/rules.sql.js'
import { slotKeys, type Slot } from '../deployment/record/slot.js'
import { relocateIncidents } from '../incident/projection.js'
import { refreshAllMetrics } from '../metrics/projection/projection.js'
import { storeWholeSlots } from '../deployment/interval/walk.js'
import { firstEnvironment, pipelineOf, type Pipelines } from '../pipeline/pipelines.js'

/**
 * Reassigns the deployments of tenants to environments by their current pipelines, and recomputes inferred rollbacks, active deployments,
 * intervals and metrics. The result does not depend on whether a deployment or the pipeline is projected first. The caller holds the
 * pipelines exclusively.
 * @param before the previous pipelines
 * @param now the current pipelines
 */
export async function relocateDeployments(
  query: Query,
  tenants: readonly string[],
  before: Pipelines,
  now: Pipelines,
): Promise<void> {
  const slots = await relocateSlots(query, tenants, now)
  if (slots.length > 0) await refreshMoved(query, slots)
  const withMovedIncidents = await relocateIncidents(query, tenants, now)
  const moved = new Set([...slots.map(({ tenant }) => tenant), ...withMovedIncidents])
  const changed = tenants.filter(
    tenant => moved.has(tenant) || firstEnvironment(now, tenant) !== firstEnvironment(before, tenant),
  )
  if (changed.length > 0) await refreshAllMetrics(query, changed)
}

interface KnownName {
  tenant: string
  /** As sent. */
  environment: string
  /** As assigned by the previous pipeline. */
  environment_name: string
}

async function relocateSlots(query: Query, tenants: readonly string[], now: Pipelines): Promise<Slot[]> {
  const known = await query<KnownName>(statement('names of environments', KNOWN, { tenants }))
  const moving = known.flatMap(row => {
    const name = resolveEnvironment(pipelineOf(now, row.tenant), row.environment)
    return name === row.environment_name ? [] : [{ ...row, name }]
  })
  if (moving.length === 0) return []
  return query<Slot>(statement('relocate deployments', MOVE, renamed.values(moving)))
}

async function refreshMoved(query: Query, slots: readonly Slot[]): Promise<void> {
  await query(statement('infer rollbacks of slots', INFER_ALL, touched.values(slots)))
  await refreshSlots(query, slots)
  await storeWholeSlots(query, slots)
}

const KNOWN = `
  SELECT DISTINCT tenant, environment, environment_name FROM deployment_history WHERE tenant = ANY ($tenants)
  UNION SELECT DISTINCT tenant, environment, environment_name FROM deployment_voided WHERE tenant = ANY ($tenants)`

const renamed = rowSet<KnownName & { name: string }>('renamed', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'environment', type: 'text', value: ({ environment }) => environment },
  { name: 'before', type: 'text', value: ({ environment_name }) => environment_name },
  { name: 'now', type: 'text', value: ({ name }) => name },
])

// Slots that lost or gained deployments.
const MOVE = `
  WITH environment AS MATERIALIZED (
    SELECT * FROM ${renamed.sql}
  ), moved AS (
    UPDATE deployment_history h SET environment_name = environment.now FROM environment
    WHERE h.tenant = environment.tenant AND h.environment = environment.environment AND h.environment_name = environment.before
    RETURNING h.tenant, h.deployment_id, h.application, environment.before, environment.now
  ), moved_versions AS (
    UPDATE deployment_superseded h SET environment_name = environment.now FROM environment
    WHERE h.tenant = environment.tenant AND h.environment = environment.environment AND h.environment_name = environment.before
  ), moved_voided AS (
    UPDATE deployment_voided h SET environment_name = environment.now FROM environment
    WHERE h.tenant = environment.tenant AND h.environment = environment.environment AND h.environment_name = environment.before
  ), moved_commits AS (
    UPDATE deployment_commit c SET environment_name = moved.now FROM moved
    WHERE c.tenant = moved.tenant AND c.deployment_id = moved.deployment_id
  )
  SELECT tenant, application, before AS "environmentName" FROM moved
  UNION SELECT tenant, application, now FROM moved`

const touched = rowSet<Slot>('touched', slotKeys)

// Computes for whole slots what inferred-rollback.ts computes around a change.
const INFER_ALL = `
  WITH success AS (
    SELECT h.tenant, h.application, h.environment_name, h.deployment_id, h.image_tag, h.rollback_of, h.inferred_rollback_of,
      h.deployed_at, h.log_order, row_number() OVER slot AS n
    FROM ${touched.sql}
    JOIN deployment_history h USING (tenant, application, environment_name)
    WHERE h.succeeded
    WINDOW slot AS (PARTITION BY h.tenant, h.application, h.environment_name ORDER BY h.deployed_at, h.log_order)
  ), ranked AS (
    SELECT success.*, min(n) OVER (PARTITION BY tenant, application, environment_name, image_tag) AS first_of_tag FROM success
  ), evaluated AS (
    SELECT tenant, deployment_id, inferred_rollback_of AS before,
      CASE WHEN ${goesBack('rollback_of', 'first_of_tag', 'lag(first_of_tag) OVER slot')}
        THEN lag(deployment_id) OVER slot END AS now
    FROM ranked
    WINDOW slot AS (PARTITION BY tenant, application, environment_name ORDER BY n)
  )
  UPDATE deployment_history h SET inferred_rollback_of = evaluated.now
  FROM evaluated
  WHERE evaluated.now IS DISTINCT FROM evaluated.before
    AND h.tenant = evaluated.tenant AND h.deployment_id = evaluated.deployment_id`
