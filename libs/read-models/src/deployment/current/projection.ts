import { rowSet, statement, type Query } from '#libs/postgres'
import type { DeploymentChange } from '../record/fold.js'
import { slotKeys, type Slot } from '../record/slot.js'
import { latestDeployed } from '../record/index-lookups.js'

/** Recomputes the active deployments of the slots that a batch has changed: the success that started last and was not rolled back, unless it was removed. */
export async function refreshCurrent(query: Query, changes: readonly DeploymentChange[]): Promise<void> {
  const changed = new Map<string, DeploymentChange>()
  for (const change of changes) {
    if (couldMatter(change))
      changed.set(JSON.stringify([change.tenant, change.record.application, change.environmentName]), change)
  }
  await refreshSlots(
    query,
    [...changed.values()].map(({ tenant, record: { application }, environmentName }) => {
      return { tenant, application, environmentName }
    }),
  )
}

/** Recomputes the active deployments of distinct slots. */
export async function refreshSlots(query: Query, slots: readonly Slot[]): Promise<void> {
  if (slots.length === 0) return
  await query(statement('refresh current deployments', REFRESH, touched.values(slots), { plan: 'once' }))
}

// Only a deployment that is or could have been active changes the active deployment, so failures are ignored.
function couldMatter({ before, record }: DeploymentChange): boolean {
  const from = before?.status === 'DEPLOYED' ? before : undefined
  const to = record.status === 'DEPLOYED' && !record.voided ? record : undefined
  return from?.deployedAt !== to?.deployedAt || from?.removedAt !== to?.removedAt
}

const touched = rowSet<Slot>('slot', slotKeys)

const REFRESH = `
  WITH latest AS (
    SELECT slot.*, candidate.deployment_id
    FROM ${touched.sql}
    LEFT JOIN LATERAL (
      SELECT CASE WHEN h.removed_at IS NULL THEN h.deployment_id END AS deployment_id FROM deployment_history h
      WHERE ${latestDeployed('h', 'slot')} LIMIT 1
    ) candidate ON true
  ), emptied AS (
    DELETE FROM deployment_current c USING latest
    WHERE latest.deployment_id IS NULL AND c.tenant = latest.tenant AND c.application = latest.application
      AND c.environment_name = latest.environment_name
  )
  INSERT INTO deployment_current AS c (tenant, application, environment_name, deployment_id)
  SELECT * FROM latest WHERE deployment_id IS NOT NULL
  ON CONFLICT (tenant, application, environment_name) DO UPDATE SET deployment_id = excluded.deployment_id
  WHERE c.deployment_id <> excluded.deployment_id`
