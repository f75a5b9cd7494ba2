import type { DeploymentEvent } from '#libs/contracts'
import { refreshCurrent } from './deployment-current/projection.js'
import { appendEvents } from './deployment-events/projection.js'
import { foldDeployments } from './deployment-history/fold.js'
import { inferRollbacks } from './deployment-history/inferred-rollback.js'
import { upsertHistory } from './deployment-history/upsert.js'
import type { ProjectedEvent, Projection } from './projection.js'

/**
 * Deployments: their history, their events and which of them run. One projection, so that a record and what its neighbours make of it
 * never reflect different positions.
 */
export const deployments: Projection = {
  name: 'deployments',
  async apply(connection, all) {
    const events = all.filter(isOfDeployment)
    if (events.length === 0) return
    const changes = await foldDeployments(connection, events)
    await upsertHistory(connection, changes)
    await appendEvents(connection, events)
    await inferRollbacks(connection, changes)
    await refreshCurrent(connection, changes)
  },
}

function isOfDeployment(projected: ProjectedEvent): projected is ProjectedEvent<DeploymentEvent> {
  return 'deploymentId' in projected.event
}
