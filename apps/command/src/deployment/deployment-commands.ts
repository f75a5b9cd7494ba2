import type { FromSchema } from 'json-schema-to-ts'
import {
  canonicalValue,
  type CompleteDeployment,
  type CompletedStatus,
  type CorrectableFacts,
  type CorrectDeployment,
  correctableFields,
  correctDeploymentSchema,
  defaultApplication,
  type DeploymentCommand,
  type DeploymentFacts,
  type DeploymentStatus,
  formatInstant,
  normalizeInstant,
  type RecordDeployment,
  recordDeploymentSchema,
  type RemoveDeployment,
  type RollBackDeployment,
  streamIdOf,
  type VoidDeployment,
} from '#libs/contracts'
import { deployment } from '#libs/domain'
import type { WriteRequest } from '#libs/http'
import type { FreezeAt } from '../pipeline/freeze-cache.js'

/** Request bodies, valid by their schemas in libs/contracts. */
export type RecordDeploymentBody = FromSchema<typeof recordDeploymentSchema>

export interface CompleteDeploymentBody {
  status: CompletedStatus
  completedAt?: string
  reason?: string
}

export interface CorrectDeploymentBody extends CorrectableFacts {
  reason: string
}

export interface RollBackDeploymentBody {
  rolledBackAt?: string
  reason?: string
}

export interface VoidDeploymentBody {
  reason: string
}

export interface RemoveDeploymentBody {
  removedAt?: string
  reason?: string
}

/** What a request says beside its body. */
export interface Receipt {
  tenant: string
  /** Time of receipt (RFC 3339). */
  now: string
  actor?: string
}

/** The receipt of a request, now. */
export function receiptOf({ context: { tenant, actor } }: Pick<WriteRequest, 'context'>): Receipt {
  return { tenant, now: formatInstant(new Date()), ...(actor !== undefined && { actor }) }
}

/** The stream of a command on a deployment. */
export function deploymentTarget<C extends DeploymentCommand>(tenant: string, command: C) {
  return { streamId: streamIdOf(deployment.category, tenant, command.deploymentId), command }
}

/** Adds `duringFreeze` to a deployment that started in a freeze. It is still recorded: a deployment is a fact. */
export function withFreeze(command: RecordDeployment, freezeAt: FreezeAt): RecordDeployment {
  const { tenant, facts } = command
  const { environment, deployedAt } = facts
  const duringFreeze = freezeAt(tenant, environment, deployedAt)
  return duringFreeze === undefined ? command : { ...command, facts: { ...facts, duringFreeze } }
}

/** Defaults: application `platform`, status DEPLOYED, start now, actor of the request. */
export function recordDeployment(
  deploymentId: string,
  body: RecordDeploymentBody,
  { tenant, now, actor }: Receipt,
): RecordDeployment {
  const { id: _, ...sent } = canonicalValue(recordDeploymentSchema, body)
  const by = sent.actor ?? actor
  const facts: DeploymentFacts = {
    ...sent,
    application: sent.application ?? defaultApplication,
    status: sent.status ?? ('DEPLOYED' satisfies DeploymentStatus),
    deployedAt: sent.deployedAt ?? normalizeInstant(now),
    ...(by !== undefined && { actor: by }),
  }
  return { type: 'RecordDeployment', deploymentId, tenant, now, facts }
}

/** Default: `completedAt` now. */
export function completeDeployment(
  deploymentId: string,
  body: CompleteDeploymentBody,
  { now }: Receipt,
): CompleteDeployment {
  const { status, completedAt, reason } = body
  return {
    type: 'CompleteDeployment',
    deploymentId,
    now,
    status,
    completedAt: normalizeInstant(completedAt ?? now),
    ...(reason !== undefined && { reason }),
  }
}

export function correctDeployment(
  deploymentId: string,
  body: CorrectDeploymentBody,
  { tenant, now }: Receipt,
): CorrectDeployment {
  const { reason, ...sent } = canonicalValue(correctDeploymentSchema, body)
  const changes: CorrectableFacts = Object.fromEntries(
    correctableFields.filter(field => sent[field] !== undefined).map(field => [field, sent[field]]),
  )
  return { type: 'CorrectDeployment', deploymentId, tenant, now, changes, reason }
}

export function voidDeployment(deploymentId: string, { reason }: VoidDeploymentBody, { now }: Receipt): VoidDeployment {
  return { type: 'VoidDeployment', deploymentId, now, reason }
}

/** Default: `rolledBackAt` now. */
export function rollBackDeployment(
  deploymentId: string,
  body: RollBackDeploymentBody,
  { now }: Receipt,
): RollBackDeployment {
  const { rolledBackAt, reason } = body
  return {
    type: 'RollBackDeployment',
    deploymentId,
    now,
    rolledBackAt: normalizeInstant(rolledBackAt ?? now),
    ...(reason !== undefined && { reason }),
  }
}

export function removeDeployment(
  deploymentId: string,
  { removedAt, reason }: RemoveDeploymentBody,
  { now }: Receipt,
): RemoveDeployment {
  return {
    type: 'RemoveDeployment',
    deploymentId,
    now,
    ...(removedAt !== undefined && { removedAt: normalizeInstant(removedAt) }),
    ...(reason !== undefined && { reason }),
  }
}
