import type { RawRecord } from '../log/log-reader.js'

/** A deployment as its own events, or the line of a file, tell it. */
export interface Deployment {
  tenant: string
  id: string
  application: string
  environment: string
  imageTag: string
  status: string
  deployedAt: string
  completedAt?: string
  rollbackOf?: string
  /** Whether it had succeeded, rolled back since or not. */
  succeeded: boolean
  /** What it was when it was marked as rolled back. */
  markedAs?: string
  /** Place of the event that recorded it: what comes first in the log breaks ties. */
  partition: number
  seq: number
  /** Place of its last event. */
  lastSeq: number
  version: number
  recordedAt: string
  /** When it was voided: then it counts for nothing. */
  voidedAt?: string
  /** All other facts, as answers show them. */
  more: Record<string, unknown>
}

const VOIDED = 'io.shiplog.deployment.voided.v1'

/** Folds the events of the log to the deployments that count, by tenant and id. Throws for a type that it does not know. */
export function foldDeployments(records: RawRecord[]): Deployment[] {
  return foldAll(records).filter(({ voidedAt }) => voidedAt === undefined)
}

/** The same with those that were voided. */
export function foldAll(records: RawRecord[]): Deployment[] {
  const deployments = new Map<string, Deployment>()
  // Incidents have a fold of their own.
  for (const record of records.filter(({ headers }) => !headers['ce_type']?.startsWith('io.shiplog.incident.'))) {
    const { headers } = record
    const data = JSON.parse(record.value) as Record<string, unknown>
    const key = `${headers['ce_tenant']} ${String(data['deploymentId'])}`
    if (headers['ce_type'] === 'io.shiplog.deployment.recorded.v1') {
      if (deployments.has(key)) throw new Error(`deployment ${key} was recorded twice`)
      deployments.set(key, recorded(record, data))
      continue
    }
    const deployment = deployments.get(key)
    if (!deployment) throw new Error(`${headers['ce_type']} of ${key}, which was never recorded`)
    if (deployment.voidedAt !== undefined) throw new Error(`${headers['ce_type']} of ${key}, which is voided`)
    change(deployment, headers['ce_type'] ?? '', data)
    if (headers['ce_type'] === VOIDED) deployment.voidedAt = headers['ce_recordedtime']!
    deployment.lastSeq = Number(headers['ce_ledgerseq'])
    deployment.version = Number(headers['ce_streamversion'])
  }
  return [...deployments.values()]
}

function recorded({ partition, headers }: RawRecord, data: Record<string, unknown>): Deployment {
  const { deploymentId, application, environment, imageTag, status, deployedAt, completedAt, rollbackOf, ...more } =
    data
  const seq = Number(headers['ce_ledgerseq'])
  return {
    tenant: headers['ce_tenant'] ?? '',
    id: deploymentId as string,
    application: application as string,
    environment: environment as string,
    imageTag: imageTag as string,
    status: status as string,
    deployedAt: deployedAt as string,
    completedAt: completedAt as string | undefined,
    rollbackOf: rollbackOf as string | undefined,
    succeeded: hadSucceeded(status),
    partition,
    seq,
    lastSeq: seq,
    version: Number(headers['ce_streamversion']),
    recordedAt: headers['ce_recordedtime'] ?? '',
    more,
  }
}

function change(deployment: Deployment, type: string, data: Record<string, unknown>): void {
  switch (type) {
    case VOIDED:
      return
    case 'io.shiplog.deployment.completed.v1':
      deployment.status = data['status'] as string
      deployment.completedAt = data['completedAt'] as string
      deployment.succeeded = hadSucceeded(deployment.status)
      if (['FAILED', 'CANCELLED'].includes(deployment.status) && data['reason'] !== undefined)
        deployment.more['failureReason'] = data['reason']
      return
    case 'io.shiplog.deployment.rolledback.v1':
      deployment.markedAs = deployment.status
      deployment.status = 'ROLLED_BACK'
      deployment.more['rolledBackAt'] = data['rolledBackAt']
      if (data['reason'] !== undefined) deployment.more['rollbackReason'] = data['reason']
      return
    case 'io.shiplog.deployment.removed.v1':
      deployment.more['removedAt'] = data['removedAt']
      return
    case 'io.shiplog.deployment.corrected.v1':
      for (const correction of data['corrections'] as { field: string; after?: unknown }[])
        correct(deployment, correction)
      return
    default:
      throw new Error(`an event of the unknown type ${type}`)
  }
}

function correct(deployment: Deployment, { field, after }: { field: string; after?: unknown }): void {
  switch (field) {
    case 'deployedAt':
      deployment.deployedAt = after as string
      return
    case 'completedAt':
      deployment.completedAt = after as string | undefined
      return
    case 'imageTag':
      deployment.imageTag = after as string
      return
    case 'rollbackOf':
      deployment.rollbackOf = after as string | undefined
      return
    case 'status':
      deployment.status = after as string
      deployment.succeeded = hadSucceeded(after)
      // A reason belongs to a rollback.
      if (after !== 'ROLLED_BACK') delete deployment.more['rollbackReason']
      // And another one to a failure, or to what never ran.
      if (after !== 'FAILED' && after !== 'CANCELLED') delete deployment.more['failureReason']
      return
    default:
      deployment.more[field] = after
  }
}

function hadSucceeded(status: unknown): boolean {
  return status === 'DEPLOYED' || status === 'ROLLED_BACK'
}
