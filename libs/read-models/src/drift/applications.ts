import type { Bind } from '../sql/as-of.js'

/**
 * SQL: a recursive common table expression: `known`, the applications of the tenant `$1` in a table, in order, each found by a probe of its
 * index: a tenant has few applications, and each of them many rows. The last row is NULL.
 */
export function knownApplications(
  table: 'deployment_stint' | 'deployment_history',
  { application, after }: { application?: string; after?: string },
  bind: Bind,
): string {
  const next = (condition: string) =>
    `SELECT min(a.application) AS application FROM ${table} a WHERE a.tenant = $1 ${condition}`
  const narrowed = application === undefined ? '' : `AND a.application = ${bind(application)}`
  const further = after === undefined ? '' : `AND a.application > ${bind(after)}`
  return `known AS (
    ${next(`${narrowed} ${further}`)}
    UNION ALL
    SELECT next.application FROM known CROSS JOIN LATERAL (${next(`${narrowed} AND a.application > known.application`)}) next
    WHERE known.application IS NOT NULL
  )`
}
