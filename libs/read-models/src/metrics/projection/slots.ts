import type { DeploymentRecord } from '#libs/contracts'
import { plainArray, textArray } from '#libs/postgres'
import type { DeploymentChange } from '../../deployment/record/fold.js'
import type { NamedDeployment } from '../../deployment/history/inferred-rollback.js'
import { firstOfEach, nextTo, pointArrays, type MovedSuccess } from '../../deployment/history/last-before.js'
import { slotArrays, slotKey, type Slot } from '../../deployment/record/slot.js'
import { logOrder } from '../../sql/log-order.js'
import { firstEnvironment, type Pipelines } from '../../pipeline/pipelines.js'

/** The changes of a batch that may affect metrics, as the parameters of one statement; see candidates.ts. */
export function changedSlots(
  changes: readonly DeploymentChange[],
  named: readonly NamedDeployment[],
  pipelines: Pipelines,
): unknown[] {
  const firstOf = (tenant: string) => firstEnvironment(pipelines, tenant)
  const listed: (NamedDeployment & { application?: string })[] = [
    ...changes.map(({ tenant, record: { id } }) => ({ tenant, id })),
    ...changes.flatMap(({ tenant, record: { application, rollbackOf } }) =>
      rollbackOf ? [{ tenant, id: rollbackOf, application }] : [],
    ),
    ...changes.flatMap(({ tenant, stood }) =>
      stood?.inferredRollbackOf ? [{ tenant, id: stood.inferredRollbackOf }] : [],
    ),
    ...named,
  ]
  const slots = changes.flatMap(successesMoved)
  const tags = firstOfEach(slots, ({ imageTag, ...slot }) => JSON.stringify([slotKey(slot), imageTag]))
  const commits = commitsBrought(changes)
  const left = changes.flatMap(slotLeft)
  return [
    textArray(listed.map(({ tenant }) => tenant)),
    plainArray(listed.map(({ id }) => id)),
    textArray(listed.map(({ tenant }) => firstOf(tenant))),

    ...slotArrays(slots),
    ...pointArrays(slots),
    ...pointArrays(nextTo(slots).map(({ before }) => before)),
    textArray(slots.map(({ tenant }) => firstOf(tenant))),

    ...slotArrays(tags),
    textArray(tags.map(({ imageTag }) => imageTag)),
    ...pointArrays(tags),
    textArray(tags.map(({ tenant }) => firstOf(tenant))),

    ...slotArrays(commits),
    textArray(commits.map(({ sha }) => sha)),
    textArray(commits.map(({ tenant }) => firstOf(tenant))),

    ...slotArrays(left),
    ...pointArrays(left),

    plainArray(changes.map(({ partition, recordedSeq }) => logOrder(partition, recordedSeq))),

    textArray(listed.map(({ application }) => application)),
  ]
}

/** Position of a deployment in the order of finishes. */
function slotNow({ tenant, environmentName, record, partition, recordedSeq }: DeploymentChange): MovedSuccess {
  const { application, imageTag } = record
  const order = { at: finishOf(record), logOrder: logOrder(partition, recordedSeq) }
  return { tenant, application, environmentName, imageTag, ...order, stands: true }
}

/** Its previous position. */
function slotBefore(change: DeploymentChange): MovedSuccess | undefined {
  const { tenant, environmentName, record, before, stood, partition } = change
  if (!before || !stood) return undefined
  const order = { at: finishOf(before), logOrder: logOrder(partition, stood.recordedSeq) }
  return {
    tenant,
    application: record.application,
    environmentName,
    imageTag: before.imageTag,
    ...order,
    stands: false,
  }
}

function sameFinish(a: MovedSuccess | undefined, b: MovedSuccess | undefined): boolean {
  return a?.at === b?.at && a?.logOrder === b?.logOrder
}

// Positions at which a success has appeared or disappeared.
function successesMoved(change: DeploymentChange): MovedSuccess[] {
  const from = change.before?.succeeded ? slotBefore(change) : undefined
  const to = change.record.succeeded ? slotNow(change) : undefined
  if (sameFinish(from, to)) return []
  return [from, to].filter(slot => slot !== undefined)
}

// Previous key of its row, if it has changed.
function slotLeft(change: DeploymentChange): MovedSuccess[] {
  const from = change.before?.status === 'PENDING' ? undefined : slotBefore(change)
  const to = change.record.status === 'PENDING' ? undefined : slotNow(change)
  return from && !sameFinish(from, to) ? [from] : []
}

/** The commits that successes brought somewhere, earlier or later than before, or no longer bring; each once per slot. */
function commitsBrought(changes: readonly DeploymentChange[]): (Slot & { sha: string })[] {
  const found = new Map<string, Slot & { sha: string }>()
  for (const change of changes) {
    const { before, record, tenant, environmentName } = change
    if (before?.gitCommit === record.gitCommit && successesMoved(change).length === 0) continue
    const slot = { tenant, application: record.application, environmentName }
    for (const sha of [...(record.commits ?? []).map(commit => commit.sha), record.gitCommit, before?.gitCommit]) {
      if (sha !== undefined) found.set(JSON.stringify([slotKey(slot), sha]), { ...slot, sha })
    }
  }
  return [...found.values()]
}

function finishOf({ completedAt, deployedAt }: DeploymentRecord): string {
  return completedAt ?? deployedAt
}
