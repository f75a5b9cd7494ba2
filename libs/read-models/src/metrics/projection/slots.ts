import type { DeploymentRecord } from '#libs/contracts'
import { plainArray, rowSet, type Column } from '#libs/postgres'
import type { DeploymentChange } from '../../deployment/record/fold.js'
import type { NamedDeployment } from '../../deployment/history/inferred-rollback.js'
import {
  firstOfEach,
  nextTo,
  pointColumns,
  type MovedSuccess,
  type Point,
} from '../../deployment/history/last-before.js'
import { slotKey, slotKeys, type Slot } from '../../deployment/record/slot.js'
import { logOrder } from '../../sql/log-order.js'
import { firstEnvironment, type Pipelines } from '../../pipeline/pipelines.js'

/** The changes of a batch that may affect metrics, as the parameters of one statement; see candidates.ts. */
export function changedSlots(
  changes: readonly DeploymentChange[],
  named: readonly NamedDeployment[],
  pipelines: Pipelines,
): Record<string, unknown> {
  const withFirst = <Row extends { tenant: string }>(rows: readonly Row[]) =>
    rows.map(row => ({ ...row, firstEnvironment: firstEnvironment(pipelines, row.tenant) }))
  const listed: (NamedDeployment & { application?: string })[] = [
    ...changes.map(({ tenant, record: { id } }) => ({ tenant, id })),
    ...changes.flatMap(({ tenant, before, record: { application, rollbackOf } }) =>
      [...new Set([before?.rollbackOf, rollbackOf])].flatMap(id => (id ? [{ tenant, id, application }] : [])),
    ),
    ...changes.flatMap(({ tenant, stood }) =>
      stood?.inferredRollbackOf ? [{ tenant, id: stood.inferredRollbackOf }] : [],
    ),
    ...named,
  ]
  const moved = changes.flatMap(successesMoved)
  const next = nextTo(moved)
  const tags = firstOfEach(changes.flatMap(tagsMoved), ({ imageTag, ...slot }) =>
    JSON.stringify([slotKey(slot), imageTag]),
  )
  return {
    ...listedRows.values(withFirst(listed)),
    ...movedRows.values(withFirst(moved.map((success, n) => ({ ...success, last: next[n]!.before })))),
    ...tagRows.values(withFirst(tags)),
    ...commitRows.values(withFirst(commitsBrought(changes))),
    ...previousRows.values(changes.flatMap(slotLeft)),
    batch: plainArray(changes.map(({ partition, recordedSeq }) => logOrder(partition, recordedSeq))),
  }
}

interface WithFirstEnvironment {
  /** Of the tenant's pipeline. */
  firstEnvironment: string
}
const firstColumn: Column<WithFirstEnvironment> = {
  name: 'first_environment',
  type: 'text',
  value: ({ firstEnvironment }) => firstEnvironment,
}

/** Deployments to evaluate; with an application only if they are of it. */
export const listedRows = rowSet<NamedDeployment & WithFirstEnvironment & { application?: string }>('listed', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'deployment_id', type: 'uuid', value: ({ id }) => id },
  firstColumn,
  { name: 'application', type: 'text', value: ({ application }) => application },
])
/** Finishes at which a success has appeared or disappeared, and the previous such point of the batch. */
export const movedRows = rowSet<MovedSuccess & WithFirstEnvironment & { last: Point }>('moved', [
  ...slotKeys,
  ...pointColumns<Point>('finished_at', 'log_order', point => point),
  ...pointColumns<{ last: Point }>('last_at', 'last_log_order', ({ last }) => last),
  firstColumn,
])
/** Tags of such successes, and the first of these. */
export const tagRows = rowSet<MovedSuccess & WithFirstEnvironment>('tag', [
  ...slotKeys,
  { name: 'image_tag', type: 'text', value: ({ imageTag }) => imageTag },
  ...pointColumns<Point>('finished_at', 'log_order', point => point),
  firstColumn,
])
/** Commits of such successes. */
export const commitRows = rowSet<Slot & WithFirstEnvironment & { sha: string }>('brought', [
  ...slotKeys,
  { name: 'sha', type: 'text', value: ({ sha }) => sha },
  firstColumn,
])
/** Keys of rows that have another key now, or none. */
export const previousRows = rowSet<Slot & Point>('previous', [
  ...slotKeys,
  ...pointColumns<Point>('finished_at', 'log_order', point => point),
])

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
  const [from, to] = successes(change)
  if (sameFinish(from, to)) return []
  return [from, to].filter(slot => slot !== undefined)
}

// Positions at which a success of a tag has appeared or disappeared.
function tagsMoved(change: DeploymentChange): MovedSuccess[] {
  const [from, to] = successes(change)
  if (sameFinish(from, to) && from?.imageTag === to?.imageTag) return []
  return [from, to].filter(slot => slot !== undefined)
}

function successes(change: DeploymentChange): [before: MovedSuccess | undefined, now: MovedSuccess | undefined] {
  return [
    change.before?.succeeded ? slotBefore(change) : undefined,
    change.record.succeeded ? slotNow(change) : undefined,
  ]
}

// Previous key of its row, if it has changed.
function slotLeft(change: DeploymentChange): MovedSuccess[] {
  const from = change.before?.status === 'PENDING' ? undefined : slotBefore(change)
  const to = change.record.status === 'PENDING' || change.record.voided ? undefined : slotNow(change)
  return from && !sameFinish(from, to) ? [from] : []
}

/** The commits that successes brought somewhere, earlier or later than before, or no longer bring; each once per slot. */
function commitsBrought(changes: readonly DeploymentChange[]): (Slot & { sha: string })[] {
  const found = new Map<string, Slot & { sha: string }>()
  for (const change of changes) {
    const { before, record, tenant, environmentName } = change
    const sameCommits = before?.gitCommit === record.gitCommit && before?.commits === record.commits
    if (sameCommits && successesMoved(change).length === 0) continue
    const slot = { tenant, application: record.application, environmentName }
    for (const sha of [...shasOf(record), ...(before && !sameCommits ? shasOf(before) : [])]) {
      found.set(JSON.stringify([slotKey(slot), sha]), { ...slot, sha })
    }
  }
  return [...found.values()]
}

function shasOf({ commits = [], gitCommit }: DeploymentRecord): string[] {
  return [...commits.map(({ sha }) => sha), ...(gitCommit === undefined ? [] : [gitCommit])]
}

function finishOf({ completedAt, deployedAt }: DeploymentRecord): string {
  return completedAt ?? deployedAt
}
