import {
  type Decision,
  type DeploymentRecord,
  type DeploymentRemoved,
  finishOf,
  refuse,
  type Rejection,
  type RemoveDeployment,
} from '#libs/contracts'
import { impossibleRemoval, refusalOf } from './deployment-facts.js'
import { alreadyRemoved, ofRecord } from './deployment-rejections.js'

/** An application in an environment, as a request names them. */
export interface RemovalPlace {
  application: string
  environment: string
}

/** Removes a success. It stays the latest one of its slot, so that no older one becomes active. */
export function remove(command: RemoveDeployment, record: DeploymentRecord): Decision<DeploymentRemoved> {
  const { deploymentId, now, reason } = command
  if (record.removedAt !== undefined) return alreadyRemoved(record)
  if (record.status !== 'DEPLOYED') {
    const detail = `deployment ${deploymentId} is ${record.status}: only a DEPLOYED deployment can be removed`
    return refuse('conflict', detail, { details: { deploymentId, deploymentStatus: record.status } })
  }
  const removedAt = command.removedAt ?? later(now, finishOf(record))
  return (
    ofRecord(refusalOf(impossibleRemoval(record, removedAt, now))) ?? [
      { type: 'DeploymentRemoved', deploymentId, removedAt, ...(reason !== undefined && { reason }) },
    ]
  )
}

function later(a: string, b: string): string {
  return Date.parse(a) < Date.parse(b) ? b : a
}

/** The rejection of a removal where nothing is active. @param at the time of the removal; omitted: now */
export function nothingActive({ application, environment }: RemovalPlace, at?: string): Rejection {
  const when = at === undefined ? '' : ` at ${at}`
  return refuse(
    'not-found',
    `no deployment of application ${application} is active in environment ${environment}${when}`,
  )
}

/** The rejection of a removal in the past that too many deployments would have to be examined for. */
export function tooManyToExamine({ application, environment }: RemovalPlace, most: number): Rejection {
  return refuse(
    'conflict',
    `application ${application} has more than ${most} deployments in environment ${environment} that may have been active at that ` +
      'time: remove one by its id',
  )
}
