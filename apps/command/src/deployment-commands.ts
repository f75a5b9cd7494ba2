import {
  type CompleteDeployment,
  type CorrectableFacts,
  type CorrectDeployment,
  correctableFields,
  defaultApplication,
  type DeploymentFacts,
  type DeploymentStatus,
  normalizeInstant,
  type RecordDeployment,
  type RollBackDeployment,
} from '#libs/contracts'

/** Bodies as they are sent, valid by their schemas in contracts. */
export interface RecordDeploymentBody extends Partial<Omit<DeploymentFacts, 'duringFreeze'>> {
  id?: string
  environment: string
  imageTag: string
}

export interface CompleteDeploymentBody {
  status: 'DEPLOYED' | 'FAILED'
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

/** What a body does not say. */
export interface Receipt {
  tenant: string
  /** When it was received (RFC 3339). */
  now: string
  actor?: string
}

/** Name of the freeze that an instant lies in, in an environment by any of its names. */
export type FreezeAt = (tenant: string, environment: string, at: string) => string | undefined

/** Marks what began in a freeze. It is recorded all the same: it is a fact. */
export function marked(command: RecordDeployment, freezeAt: FreezeAt): RecordDeployment {
  const { tenant, facts } = command
  const { environment, deployedAt } = facts
  const duringFreeze = freezeAt(tenant, environment, deployedAt)
  return duringFreeze === undefined ? command : { ...command, facts: { ...facts, duringFreeze } }
}

/** The command of a body; its defaults are `platform`, DEPLOYED, now and the caller. */
export function recordDeployment(
  deploymentId: string,
  body: RecordDeploymentBody,
  { tenant, now, actor }: Receipt,
): RecordDeployment {
  const { id: _, ...sent } = body
  const by = sent.actor ?? actor
  const facts: DeploymentFacts = {
    ...sent,
    application: sent.application ?? defaultApplication,
    status: sent.status ?? ('DEPLOYED' satisfies DeploymentStatus),
    deployedAt: normalizeInstant(sent.deployedAt ?? now),
    ...(sent.completedAt !== undefined && { completedAt: normalizeInstant(sent.completedAt) }),
    ...(sent.rolledBackAt !== undefined && { rolledBackAt: normalizeInstant(sent.rolledBackAt) }),
    ...(sent.rollbackOf !== undefined && { rollbackOf: sent.rollbackOf.toLowerCase() }),
    ...(sent.commits && {
      commits: sent.commits.map(commit => ({ ...commit, committedAt: normalizeInstant(commit.committedAt) })),
    }),
    ...(by !== undefined && { actor: by }),
  }
  return { type: 'RecordDeployment', deploymentId, tenant, now, facts }
}

/** `completedAt` is now where it is left out. */
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
  { now }: Receipt,
): CorrectDeployment {
  const { reason, ...sent } = body
  const changes = Object.fromEntries(
    correctableFields
      .filter(field => sent[field] !== undefined)
      .map(field => {
        const value = sent[field]
        return [field, field.endsWith('At') && typeof value === 'string' ? normalizeInstant(value) : value]
      }),
  ) as CorrectableFacts
  return { type: 'CorrectDeployment', deploymentId, now, changes, reason }
}

/** `rolledBackAt` is now where it is left out. */
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
