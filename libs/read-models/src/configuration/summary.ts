import { environmentKey, type ConfigurationKind } from '#libs/contracts'
import { statement, type Query } from '#libs/postgres'
import type { DiffRequest } from './diff.js'
import { differingKeys } from './spans.js'

/** Counts of keys that exist only in the source, in both with different values, only in the target, and are equal. */
export interface ConfigurationSummary {
  added: number
  modified: number
  removed: number
  unchanged: number
  /** The key with the oldest difference, by code point among equals. */
  oldest?: { key: string; since: string; ageSeconds: number }
}

/**
 * The number of differing keys of two environments, and the oldest difference; for configurations and for flags.
 *
 * @param request ages refer to `at`, milliseconds since 1970
 */
export async function configurationSummary(
  query: Query,
  { tenant, source, target, asOf, knownAt, at }: DiffRequest & { at: number },
): Promise<Record<'configuration' | 'flags', ConfigurationSummary>> {
  const keys = differingKeys({ asOf, knownAt, ofDiffering: 'SELECT * FROM differing' })
  const text = `
    WITH ${keys.spans}, count AS (
      SELECT kind, count(*) FILTER (WHERE state = 'added') AS added, count(*) FILTER (WHERE state = 'modified') AS modified,
        count(*) FILTER (WHERE state = 'removed') AS removed FROM differing GROUP BY kind
    ), unchanged AS (
      SELECT kind, count(*) AS unchanged
      FROM (${keys.source}) source JOIN (${keys.target}) target USING (kind, key) WHERE source.hash = target.hash GROUP BY kind
    ), oldest AS (
      SELECT DISTINCT ON (kind) kind, key, changed_at FROM cause ORDER BY kind, changed_at, key
    )
    SELECT kind, coalesce(added, 0)::int AS added, coalesce(modified, 0)::int AS modified, coalesce(removed, 0)::int AS removed,
      coalesce(unchanged, 0)::int AS unchanged, oldest.key, instant(oldest.changed_at) AS since,
      milliseconds(oldest.changed_at) AS since_at
    FROM (VALUES ('configuration'), ('flag')) AS known(kind)
    LEFT JOIN count USING (kind) LEFT JOIN unchanged USING (kind) LEFT JOIN oldest USING (kind)`
  const sides = { sourceKey: environmentKey(source), targetKey: environmentKey(target) }
  const rows = await query<SummaryRow>(statement('configuration summary', text, { tenant, ...sides, asOf, knownAt }))
  const summaryOf = (kind: ConfigurationKind): ConfigurationSummary => {
    const { kind: _, key, since, since_at, ...counts } = rows.find(row => row.kind === kind)!
    return { ...counts, ...(key !== null && { oldest: { key, since: since!, ageSeconds: (at - since_at!) / 1000 } }) }
  }
  return { configuration: summaryOf('configuration'), flags: summaryOf('flag') }
}

interface SummaryRow {
  kind: ConfigurationKind
  added: number
  modified: number
  removed: number
  unchanged: number
  key: string | null
  since: string | null
  since_at: number | null
}
