import { refuse, type DeploymentRecord, type Rejection } from '#libs/contracts'

export function unknownDeployment(id: string): Rejection {
  return refuse('not-found', `deployment ${id} does not exist`)
}

export function alreadyRolledBack({ id, rolledBackAt }: DeploymentRecord): Rejection {
  const when = rolledBackAt === undefined ? '' : ` since ${rolledBackAt}`
  return refuse('conflict', `deployment ${id} is ROLLED_BACK${when}: a deployment can be rolled back only once`, {
    details: { deploymentId: id, deploymentStatus: 'ROLLED_BACK' },
  })
}

/** The rejection of a rollback of a cancelled deployment. */
export function neverRan({ id }: DeploymentRecord): Rejection {
  return refuse('unprocessable', `deployment ${id} is CANCELLED: it never ran, so it cannot be rolled back`, {
    details: { deploymentId: id, deploymentStatus: 'CANCELLED' },
    dependsOnState: true,
  })
}

/** The rejection of a rollback of a removed deployment. */
export function noLongerThere({ id, status, removedAt }: DeploymentRecord): Rejection {
  return refuse('unprocessable', `deployment ${id} was removed at ${removedAt}: it cannot be rolled back any more`, {
    details: { deploymentId: id, deploymentStatus: status, removedAt },
    dependsOnState: true,
  })
}

export function alreadyRemoved({ id, status, removedAt }: DeploymentRecord): Rejection {
  return refuse('conflict', `deployment ${id} was removed at ${removedAt}: a deployment can be removed only once`, {
    details: { deploymentId: id, deploymentStatus: status, removedAt },
  })
}

/** A rejection that depends on the recorded facts, which can be corrected. */
export function ofRecord(rejection: Rejection | undefined): Rejection | undefined {
  return rejection && { ...rejection, dependsOnState: true }
}
