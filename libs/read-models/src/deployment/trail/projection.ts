import type { Query } from '#libs/postgres'
import type { DeploymentEvent } from '#libs/contracts'
import { appendToAuditTrail, deploymentAuditTrail } from '../../log/audit-trail.js'
import type { ProjectedEvent } from '../../log/projected-event.js'

/** Adds the events of a batch to the audit trails of its deployments. */
export async function appendEvents(query: Query, events: readonly ProjectedEvent<DeploymentEvent>[]): Promise<void> {
  const recorded = events.map(projected => ({
    id: projected.event.deploymentId,
    data: projected.data,
    projected,
  }))
  await appendToAuditTrail(query, deploymentAuditTrail, recorded)
}
