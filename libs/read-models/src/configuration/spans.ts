import { secretMask } from '#libs/contracts'
import type { AsOf } from '../sql/as-of.js'
import { entriesAt, visibleChanges } from './entries.js'

interface SpanRequest extends AsOf {
  /** SQL: the rows of `differing` to examine. */
  ofDiffering: string
}

// Keys of two environments: the source is side 0, the target side 1.
const SIDES = ['$sourceKey', '$targetKey']

/**
 * SQL: the keys whose values differ between the environments `$sourceKey` and `$targetKey`, and the change that started the unbroken span in which they do: common table
 * expressions `differing` (kind, key, state, masked values), `page` (those to examine), `change` (all changes of their keys) and `cause`
 * (kind, key, side, revision, changed_at). Of several changes in one instant only the outcome counts, and the later one in the log is the
 * cause. Also the number of equal keys.
 */
export function differingKeys({ asOf, knownAt, ofDiffering }: SpanRequest) {
  const scope = { asOf, knownAt }
  const [ofSource, ofTarget] = SIDES.map(key => entriesAt(scope, key)) as [string, string]
  const changes = SIDES.map(
    (key, side) => `
      SELECT h.*, ${side} AS side FROM page CROSS JOIN LATERAL (
        SELECT h.* FROM configuration_history h WHERE ${visibleChanges(scope, key)} AND h.kind = page.kind AND h.key = page.key
      ) h`,
  )
  const spans = `differing AS MATERIALIZED (
      SELECT kind, key, CASE WHEN target.hash IS NULL THEN 'added' WHEN source.hash IS NULL THEN 'removed' ELSE 'modified' END AS state,
        ${presented('source')} AS source_value, ${presented('target')} AS target_value
      FROM (${ofSource}) source FULL JOIN (${ofTarget}) target USING (kind, key)
      WHERE source.hash IS DISTINCT FROM target.hash
    ), page AS MATERIALIZED (
      ${ofDiffering}
    ), change AS MATERIALIZED (
      ${changes.join(' UNION ALL ')}
    ), instant AS (
      SELECT change.kind, change.key, change.changed_at, change.seq, change.revision, change.side,
        max(revision) FILTER (WHERE side = 0) OVER until AS source_revision,
        max(revision) FILTER (WHERE side = 1) OVER until AS target_revision
      FROM change WINDOW until AS (PARTITION BY change.kind, change.key ORDER BY change.changed_at)
    ), compared AS (
      SELECT instant.*, source.hash IS NOT DISTINCT FROM target.hash AS same FROM instant
      LEFT JOIN change source ON source.side = 0 AND source.kind = instant.kind AND source.key = instant.key
        AND source.revision = instant.source_revision
      LEFT JOIN change target ON target.side = 1 AND target.kind = instant.kind AND target.key = instant.key
        AND target.revision = instant.target_revision
    ), span AS (
      SELECT compared.*, max(changed_at) FILTER (WHERE same) OVER (PARTITION BY kind, key) AS last_same FROM compared
    ), cause AS (
      SELECT DISTINCT ON (kind, key) kind, key, side, revision, changed_at FROM span
      WHERE last_same IS NULL OR changed_at > last_same ORDER BY kind, key, changed_at, seq DESC
    )`
  return { spans, source: ofSource, target: ofTarget }
}

const presented = (side: string) => `CASE WHEN ${side}.hash IS NULL THEN NULL
  WHEN source.secret OR target.secret THEN '"${secretMask}"' ELSE ${side}.value::text END`
