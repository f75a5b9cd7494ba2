import type { DeploymentRecord } from '#libs/contracts'
import type { ClientBase } from 'pg'
import { plainArray, textArray } from '../array-literal.js'
import type { DeploymentChange } from '../deployment-history/fold.js'

const DELETE = `
  DELETE FROM deployment_commit c USING unnest($1::text[], $2::uuid[]) AS changed(tenant, deployment_id)
  WHERE c.tenant = changed.tenant AND c.deployment_id = changed.deployment_id`

const INSERT = `
  INSERT INTO deployment_commit (tenant, application, deployment_id, sha, committed_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::timestamptz[])`

/** Notes which commits the deployments of a batch brought; anew where a correction names another one. */
export async function refreshCommits(connection: ClientBase, changes: readonly DeploymentChange[]): Promise<void> {
  const changed = changes.filter(namesOthers)
  const corrected = changed.filter(({ before }) => before)
  if (corrected.length > 0) {
    const values = [
      textArray(corrected.map(({ tenant }) => tenant)),
      plainArray(corrected.map(({ record }) => record.id)),
    ]
    await connection.query({ name: 'delete commits', text: DELETE, values })
  }
  const rows = changed.flatMap(({ tenant, record }) =>
    [...commitsOf(record)].map(([sha, committedAt]) => ({ tenant, record, sha, committedAt })),
  )
  if (rows.length === 0) return
  const values = [
    textArray(rows.map(({ tenant }) => tenant)),
    textArray(rows.map(({ record }) => record.application)),
    plainArray(rows.map(({ record }) => record.id)),
    textArray(rows.map(({ sha }) => sha)),
    plainArray(rows.map(({ committedAt }) => committedAt)),
  ]
  await connection.query({ name: 'insert commits', text: INSERT, values })
}

// The same array unless the deployment is recorded anew: corrections replace the single commit only.
function namesOthers({ before, record }: DeploymentChange): boolean {
  return before?.gitCommit !== record.gitCommit || before?.commits !== record.commits
}

/** Each commit, and when it was committed where that is known: as its first mention says. */
function commitsOf({ commits = [], gitCommit }: DeploymentRecord): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>()
  for (const { sha, committedAt } of commits) if (!found.has(sha)) found.set(sha, committedAt)
  if (gitCommit !== undefined && !found.has(gitCommit)) found.set(gitCommit, undefined)
  return found
}
