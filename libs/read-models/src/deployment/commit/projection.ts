import type { DeploymentRecord } from '#libs/contracts'
import { rowSet, statement, type Query } from '#libs/postgres'
import type { DeploymentChange } from '../record/fold.js'
import { slotKeys, type Slot } from '../record/slot.js'
import { withId } from '../record/index-lookups.js'
import { logOrder } from '../../sql/log-order.js'

const changedDeployments = rowSet<DeploymentChange>('changed', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'deployment_id', type: 'uuid', value: ({ record }) => record.id },
])

const DELETE = `
  DELETE FROM deployment_commit c USING (
    SELECT c.ctid FROM ${changedDeployments.sql}
    CROSS JOIN LATERAL (SELECT c.ctid FROM deployment_commit c WHERE ${withId('c', 'changed')}) c
  ) outdated WHERE c.ctid = outdated.ctid`

interface CommitRow extends Slot {
  record: DeploymentRecord
  sha: string
  committedAt: string | undefined
  order: bigint
}

const commits = rowSet<CommitRow>('commit', [
  ...slotKeys,
  { name: 'sha', type: 'text', value: ({ sha }) => sha },
  { name: 'succeeded', type: 'boolean', value: ({ record }) => record.succeeded },
  { name: 'finished_at', type: 'timestamptz', value: ({ record }) => record.completedAt ?? record.deployedAt },
  { name: 'log_order', type: 'bigint', value: ({ order }) => order },
  { name: 'deployment_id', type: 'uuid', value: ({ record }) => record.id },
  { name: 'committed_at', type: 'timestamptz', value: ({ committedAt }) => committedAt },
])

const INSERT = `INSERT INTO deployment_commit (${commits.columns}) SELECT * FROM ${commits.sql}`

interface ChangedCommit {
  tenant: string
  id: string
  sha: string
}

const changedCommits = rowSet<ChangedCommit>('commit', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'deployment_id', type: 'uuid', value: ({ id }) => id },
  { name: 'sha', type: 'text', value: ({ sha }) => sha },
])

const KEEP = `
  INSERT INTO deployment_changed_commit (${changedCommits.columns}) SELECT * FROM ${changedCommits.sql} ON CONFLICT DO NOTHING`

/** Stores the commits of the deployments of a batch, with their times; replaces those that an event of the batch has changed. */
export async function refreshCommits(query: Query, changes: readonly DeploymentChange[]): Promise<void> {
  const kept = changes.flatMap(commitsOfVersions)
  if (kept.length > 0)
    await query(statement('keep changed commits', KEEP, changedCommits.values(kept), { plan: 'once' }))
  const changed = changes.filter(changesCommits)
  const known = changed.filter(({ before }) => before)
  if (known.length > 0) {
    await query(statement('delete commits', DELETE, changedDeployments.values(known), { plan: 'once' }))
  }
  const rows = changed.flatMap(({ tenant, environmentName, record, partition, recordedSeq }) =>
    (record.voided ? [] : [...commitsOf(record)]).map(([sha, committedAt]) => {
      const { application } = record
      return { tenant, application, environmentName, record, sha, committedAt, order: logOrder(partition, recordedSeq) }
    }),
  )
  if (rows.length > 0) await query(statement('insert commits', INSERT, commits.values(rows), { plan: 'once' }))
}

function changesCommits({ before, record, stood, recordedSeq }: DeploymentChange): boolean {
  return (
    record.voided ||
    before?.gitCommit !== record.gitCommit ||
    // The same array unless it was corrected, or the deployment is recorded again.
    before?.commits !== record.commits ||
    before?.succeeded !== record.succeeded ||
    (before.completedAt ?? before.deployedAt) !== (record.completedAt ?? record.deployedAt) ||
    stood?.recordedSeq !== recordedSeq
  )
}

/** The commits of all versions of a deployment, if the batch has changed their list or voided the deployment. */
function commitsOfVersions({ tenant, before, record, superseded }: DeploymentChange): ChangedCommit[] {
  if (!before && superseded.length === 0) return []
  const lists = new Set(
    [before ?? record, record, ...superseded.map(version => version.record)].map(one => one.commits),
  )
  if (lists.size === 1 && !record.voided) return []
  const shas = new Set([...lists].flatMap((commits = []) => commits.map(({ sha }) => sha)))
  return [...shas].map(sha => ({ tenant, id: record.id, sha }))
}

/** Each commit with its time, if known, by its first mention. */
function commitsOf({ commits = [], gitCommit }: DeploymentRecord): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>()
  for (const { sha, committedAt } of commits) if (!found.has(sha)) found.set(sha, committedAt)
  if (gitCommit !== undefined && !found.has(gitCommit)) found.set(gitCommit, undefined)
  return found
}
