import { resolveEnvironment } from '#libs/contracts'
import type { ClientBase } from 'pg'
import { textArray } from '#libs/postgres'
import { refreshSlots } from '../deployment/current/projection.js'
import { slotArrays, type Slot } from '../deployment/record/slot.js'
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
  connection: ClientBase,
  tenants: readonly string[],
  before: Pipelines,
  now: Pipelines,
): Promise<void> {
  const slots = await relocateSlots(connection, tenants, now)
  if (slots.length > 0) await refreshMoved(connection, slots)
  const moved = new Set(slots.map(({ tenant }) => tenant))
  const changed = tenants.filter(
    tenant => moved.has(tenant) || firstEnvironment(now, tenant) !== firstEnvironment(before, tenant),
  )
  if (changed.length > 0) await refreshAllMetrics(connection, changed)
}

interface KnownName {
  tenant: string
  /** As sent. */
  environment: string
  /** As assigned by the previous pipeline. */
  environment_name: string
}

async function relocateSlots(connection: ClientBase, tenants: readonly string[], now: Pipelines): Promise<Slot[]> {
  const { rows: known } = await connection.query<KnownName>({ text: KNOWN, values: [tenants] })
  const moving = known.flatMap(row => {
    const name = resolveEnvironment(pipelineOf(now, row.tenant), row.environment)
    return name === row.environment_name ? [] : [{ ...row, name }]
  })
  if (moving.length === 0) return []
  const values = [
    textArray(moving.map(({ tenant }) => tenant)),
    textArray(moving.map(({ environment }) => environment)),
    textArray(moving.map(({ environment_name }) => environment_name)),
    textArray(moving.map(({ name }) => name)),
  ]
  const { rows: slots } = await connection.query<Slot>({ text: MOVE, values })
  return slots
}

async function refreshMoved(connection: ClientBase, slots: readonly Slot[]): Promise<void> {
  await connection.query({ text: INFER_ALL, values: slotArrays(slots) })
  await refreshSlots(connection, slots)
  await storeWholeSlots(connection, slots)
}

const KNOWN = 'SELECT DISTINCT tenant, environment, environment_name FROM deployment_history WHERE tenant = ANY ($1)'

// Slots that lost or gained deployments.
const MOVE = `
  WITH place AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS place(tenant, environment, environment_name, now)
  ), moved AS (
    UPDATE deployment_history h SET environment_name = place.now FROM place
    WHERE h.tenant = place.tenant AND h.environment = place.environment AND h.environment_name = place.environment_name
    RETURNING h.tenant, h.deployment_id, h.application, place.environment_name AS before, place.now
  ), moved_too AS (
    UPDATE deployment_superseded h SET environment_name = place.now FROM place
    WHERE h.tenant = place.tenant AND h.environment = place.environment AND h.environment_name = place.environment_name
  ), moved_commits AS (
    UPDATE deployment_commit c SET environment_name = moved.now FROM moved
    WHERE c.tenant = moved.tenant AND c.deployment_id = moved.deployment_id
  )
  SELECT tenant, application, before AS "environmentName" FROM moved
  UNION SELECT tenant, application, now FROM moved`

// Computes for whole slots what inferred-rollback.ts computes around a change.
const INFER_ALL = `
  WITH success AS (
    SELECT h.tenant, h.application, h.environment_name, h.deployment_id, h.image_tag, h.rollback_of, h.inferred_rollback_of,
      h.deployed_at, h.log_order, row_number() OVER place AS n
    FROM unnest($1::text[], $2::text[], $3::text[]) AS touched(tenant, application, environment_name)
    JOIN deployment_history h USING (tenant, application, environment_name)
    WHERE h.succeeded
    WINDOW place AS (PARTITION BY h.tenant, h.application, h.environment_name ORDER BY h.deployed_at, h.log_order)
  ), ranked AS (
    SELECT success.*, min(n) OVER (PARTITION BY tenant, application, environment_name, image_tag) AS first_of_tag FROM success
  ), judged AS (
    SELECT tenant, deployment_id, inferred_rollback_of AS before,
      CASE WHEN rollback_of IS NULL AND first_of_tag < lag(first_of_tag) OVER place
        THEN lag(deployment_id) OVER place END AS now
    FROM ranked
    WINDOW place AS (PARTITION BY tenant, application, environment_name ORDER BY n)
  )
  UPDATE deployment_history h SET inferred_rollback_of = judged.now
  FROM judged
  WHERE judged.now IS DISTINCT FROM judged.before
    AND h.tenant = judged.tenant AND h.deployment_id = judged.deployment_id`
