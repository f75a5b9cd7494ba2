import type { Bind, AsOf } from '../sql/as-of.js'
import type { SlotTimeline } from './slot-timeline.js'

/** Environments of a tenant that are compared, by the pipeline's names, at a moment: what runs without an end, where none is given. */
export interface Comparison extends AsOf {
  tenant: string
  environments: string[]
  application?: string
}

/** An application and its places, in the order of the environments. */
export interface ComparedApplication {
  application: string
  timelines: SlotTimeline[]
}

/** A part of the applications that are compared, from after one of them on. */
export interface ComparedPart {
  after?: string
  /** Applications at most. */
  limit: number
  /** Only those whose places are not all alike. */
  onlyDiffering?: boolean
  /** Also those of which nothing runs at the moment. */
  alsoIdle?: boolean
}

/**
 * SQL: a recursive common table expression: `known`, the applications of the tenant `$1` in a table, in order, each found by a probe of its
 * index: a tenant has few applications, and each of them many rows. The last row is NULL.
 */
export function knownApplications(
  table: 'deployment_interval' | 'deployment_history',
  { application, after }: { application?: string; after?: string },
  bind: Bind,
): string {
  const next = (condition: string) =>
    `SELECT min(a.application) AS application FROM ${table} a WHERE a.tenant = $1 ${condition}`
  const filtered = application === undefined ? '' : `AND a.application = ${bind(application)}`
  const further = after === undefined ? '' : `AND a.application > ${bind(after)}`
  return `known AS (
    ${next(`${filtered} ${further}`)}
    UNION ALL
    SELECT next.application FROM known CROSS JOIN LATERAL (${next(`${filtered} AND a.application > known.application`)}) next
    WHERE known.application IS NOT NULL
  )`
}
