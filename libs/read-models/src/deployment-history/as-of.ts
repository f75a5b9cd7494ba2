import { versionColumns } from './columns.js'

/** A time to look back from: what had happened by then, and what had been recorded by then; both included. RFC 3339. */
export interface Moment {
  asOf?: string
  knownAt?: string
}

/** Adds a parameter to a statement, and gives its name. */
export type Bind = (value: unknown) => string

const names = versionColumns.map(({ name }) => name)

/**
 * SQL: a relation, for FROM: the deployments that a look back sees, with the columns of deployment_history but for `inferred_rollback_of`,
 * which is another one among other facts. `knownAt`: each as the last version says that was known by then. `asOf`: those that had
 * started, as they stood then: PENDING before their finish, not rolled back before they were. Neither: the table itself.
 *
 * Its rows are those of one table, or of two that have the same indexes, with conditions that are no barrier: what a statement asks of the
 * tenant, place, tag or start, and an order by them, reaches the indexes.
 */
export function deploymentsSeen({ asOf, knownAt }: Moment, bind: Bind): string {
  if (asOf === undefined && knownAt === undefined) return 'deployment_history'
  const at = asOf === undefined ? undefined : `${bind(asOf)}::timestamptz`
  const known = knownAt === undefined ? undefined : `${bind(knownAt)}::timestamptz`
  const select = (table: string, ...conditions: string[]) => `
    SELECT ${names.map(name => (at === undefined ? `h.${name}` : standing(name, at))).join(', ')} FROM ${table} h
    WHERE ${[...conditions, ...(at === undefined ? [] : [`h.deployed_at <= ${at}`])].join(' AND ')}`
  if (known === undefined) return `(${select('deployment_history')})`
  return `(${select('deployment_history', `h.known_from <= ${known}`)}
    UNION ALL ${select('deployment_superseded', `h.known_from <= ${known}`, `h.known_until > ${known}`)})`
}

/** SQL: a column of `h` as it stood at an instant. */
function standing(name: string, at: string): string {
  const finished = `h.finished_at <= ${at}`
  const markToCome = `h.rolled_back_at > ${at}`
  const markSeen = `${finished} AND NOT coalesce(${markToCome}, false)`
  switch (name) {
    case 'status':
      return `CASE WHEN NOT ${finished} THEN 'PENDING' WHEN NOT coalesce(${markToCome}, false) THEN h.status
        WHEN h.succeeded THEN 'DEPLOYED' ELSE 'FAILED' END AS status`
    case 'succeeded':
      return `h.succeeded AND ${finished} AS succeeded`
    case 'completed_at':
      return `CASE WHEN ${finished} THEN h.completed_at END AS completed_at`
    case 'finished_at':
      return `CASE WHEN ${finished} THEN h.finished_at ELSE h.deployed_at END AS finished_at`
    case 'rolled_back_at':
    case 'rollback_reason':
      return `CASE WHEN ${markSeen} THEN h.${name} END AS ${name}`
    default:
      return `h.${name}`
  }
}
