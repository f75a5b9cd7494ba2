import type { DeploymentRecord } from '#libs/contracts'
import type { ClientBase } from 'pg'
import { plainArray, textArray } from '#libs/postgres'
import type { DeploymentChange } from '../record/fold.js'
import { slotArrays } from '../record/slot.js'
import { withId } from '../record/index-lookups.js'
import { logOrder } from '../../sql/log-order.js'

const DELETE = `
  DELETE FROM deployment_commit c USING (
    SELECT c.ctid FROM unnest($1::text[], $2::uuid[]) AS changed(tenant, deployment_id)
    CROSS JOIN LATERAL (SELECT c.ctid FROM deployment_commit c WHERE ${withId('c', 'changed')}) c
  ) gone WHERE c.ctid = gone.ctid`

const INSERT = `
  INSERT INTO deployment_commit
    (tenant, application, environment_name, sha, succeeded, finished_at, log_order, deployment_id, committed_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[], $7::bigint[],
    $8::uuid[], $9::timestamptz[])`

/** Stores the commits of the deployments of a batch, with their times; replaces those that an event of the batch has changed. */
export async function refreshCommits(connection: ClientBase, changes: readonly DeploymentChange[]): Promise<void> {
  const changed = changes.filter(changesCommits)
  const known = changed.filter(({ before }) => before)
  if (known.length > 0) {
    const values = [textArray(known.map(({ tenant }) => tenant)), plainArray(known.map(({ record }) => record.id))]
    await connection.query({ name: 'delete commits', text: DELETE, values })
  }
  const rows = changed.flatMap(({ tenant, environmentName, record, partition, recordedSeq }) =>
    [...commitsOf(record)].map(([sha, committedAt]) => {
      const { application } = record
      return { tenant, application, environmentName, record, sha, committedAt, order: logOrder(partition, recordedSeq) }
    }),
  )
  if (rows.length === 0) return
  const values = [
    ...slotArrays(rows),
    textArray(rows.map(({ sha }) => sha)),
    plainArray(rows.map(({ record }) => record.succeeded)),
    plainArray(rows.map(({ record }) => record.completedAt ?? record.deployedAt)),
    plainArray(rows.map(({ order }) => order)),
    plainArray(rows.map(({ record }) => record.id)),
    plainArray(rows.map(({ committedAt }) => committedAt)),
  ]
  await connection.query({ name: 'insert commits', text: INSERT, values })
}

function changesCommits({ before, record, stood, recordedSeq }: DeploymentChange): boolean {
  return (
    before?.gitCommit !== record.gitCommit ||
    // The same array unless the deployment is recorded again, since corrections replace only the single commit.
    before?.commits !== record.commits ||
    before?.succeeded !== record.succeeded ||
    (before.completedAt ?? before.deployedAt) !== (record.completedAt ?? record.deployedAt) ||
    stood?.recordedSeq !== recordedSeq
  )
}

/** Each commit with its time, if known, by its first mention. */
function commitsOf({ commits = [], gitCommit }: DeploymentRecord): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>()
  for (const { sha, committedAt } of commits) if (!found.has(sha)) found.set(sha, committedAt)
  if (gitCommit !== undefined && !found.has(gitCommit)) found.set(gitCommit, undefined)
  return found
}
