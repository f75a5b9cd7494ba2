import { statement, type Query } from '#libs/postgres'

/** A prefix of several commits. */
export class AmbiguousCommit extends Error {
  override name = 'AmbiguousCommit'

  /** @param commits some of them */
  constructor(readonly commits: readonly string[]) {
    super('begins the hashes of several commits')
  }
}

/** Where commits are looked for: the lists and single commits of deployments, or the single commits alone. */
export type CommitSource =
  'deployment_commit' | 'deployment_history' | 'deployment_superseded' | 'deployment_changed_commit'

const columns: Record<CommitSource, string> = {
  deployment_commit: 'sha',
  deployment_history: 'git_commit',
  deployment_superseded: 'git_commit',
  deployment_changed_commit: 'sha',
}

/** Commits of a tenant, or of one of its applications where the source tells. */
interface StoredCommits {
  tenant: string
  application?: string
  sources: readonly CommitSource[]
}

/** Maximum number of stored names with one prefix that are examined, and that are listed. */
const MOST_NAMES = 200
const MOST_LISTED = 10

const HASH = /^(?:[0-9a-f]{7,40}|[0-9a-f]{64})$/

/**
 * The names under which a commit is stored: for 7 to 40, or 64, hexadecimal digits in any case, the hash that begins so, and its stored
 * abbreviations of at least 7 digits, unless they abbreviate another hash, too. Any other name, or one that nothing begins with, is the only one.
 * Git prints hashes in lower case; one that was stored otherwise is found by exactly this name. Throws AmbiguousCommit.
 */
export async function namesOfCommit(
  query: Query,
  { name, ...where }: StoredCommits & { name: string },
): Promise<string[]> {
  const prefix = name.toLowerCase()
  if (!HASH.test(prefix)) return [name]
  const longer = await storedNames(query, where, prefix)
  const ends = longer.filter(one => !longer.some(other => other !== one && other.startsWith(one)))
  if (ends.length > 1) throw new AmbiguousCommit(ends.slice(0, MOST_LISTED))
  const [whole = prefix] = ends
  const abbreviations = await abbreviationsOf(query, where, whole)
  return [...new Set([name, ...longer, ...abbreviations])]
}

/** The stored abbreviations of a hash that abbreviate no other one. */
async function abbreviationsOf(query: Query, where: StoredCommits, whole: string): Promise<string[]> {
  const shorter = Array.from({ length: Math.max(whole.length - 7, 0) }, (_, n) => whole.slice(0, 7 + n))
  const stored = await exactNames(query, where, shorter)
  const [shortest] = stored
  if (shortest === undefined) return []
  const others = (await storedNames(query, where, shortest)).filter(one => !whole.startsWith(one))
  return stored.filter(one => !others.some(other => other.startsWith(one)))
}

const ofApplication = (table: CommitSource, application: string | undefined) =>
  application === undefined || table === 'deployment_changed_commit' ? '' : 'AND c.application = $application'

async function storedNames(
  query: Query,
  { tenant, application, sources }: StoredCommits,
  prefix: string,
): Promise<string[]> {
  // planner: from one name to the next by an index lookup, however many deployments have each.
  const next = (table: CommitSource, condition: string) => {
    const column = columns[table]
    return `(SELECT c.${column} FROM ${table} c WHERE c.tenant = $tenant AND ${condition.replaceAll('sha', `c.${column}`)}
      ${ofApplication(table, application)} ORDER BY c.${column} LIMIT 1)`
  }
  const least = (condition: string) => `least(${sources.map(table => next(table, condition)).join(', ')})`
  const text = `
    WITH RECURSIVE found AS (
      SELECT ${least('sha >= $prefix AND sha < $beyond')} AS name, 1 AS n
      UNION ALL
      SELECT ${least('sha > found.name AND sha < $beyond')}, n + 1 FROM found WHERE name IS NOT NULL AND n < ${MOST_NAMES}
    )
    SELECT name FROM found WHERE name ~ '^([0-9a-f]{7,40}|[0-9a-f]{64})$' ORDER BY n`
  // 'g' follows all hexadecimal digits.
  const rows = await query<{ name: string }>(
    statement('stored commits', text, { tenant, application, prefix, beyond: `${prefix}g` }),
  )
  return rows.map(({ name }) => name)
}

async function exactNames(
  query: Query,
  { tenant, application, sources }: StoredCommits,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return []
  const exists = sources.map(
    table =>
      `EXISTS (SELECT FROM ${table} c WHERE c.tenant = $tenant AND c.${columns[table]} = wanted.name ${ofApplication(table, application)})`,
  )
  const text = `
    SELECT wanted.name FROM unnest($names::text[]) WITH ORDINALITY AS wanted(name, n) WHERE ${exists.join(' OR ')} ORDER BY n`
  const rows = await query<{ name: string }>(statement('abbreviated commits', text, { tenant, application, names }))
  return rows.map(({ name }) => name)
}
