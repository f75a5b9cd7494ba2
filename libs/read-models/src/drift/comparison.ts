import type { AsOf } from '../sql/as-of.js'
import type { LabelFilter } from '../deployment/label/labels.js'
import { applicationValues, simplified, type OneOrMore } from '../sql/filter.js'
import type { SlotTimeline } from './slot-timeline.js'

/** The environments of a tenant to compare, by the pipeline's names, as of a time; current active deployments without one. */
export interface Comparison extends AsOf {
  tenant: string
  environments: string[]
  /** One or several; all by default. */
  application?: OneOrMore
  /** Only applications of which an active deployment, in any of the environments, has all of these labels. */
  label?: LabelFilter
}

/** An application and its slots, in the order of the environments. */
export interface ComparedApplication {
  application: string
  timelines: SlotTimeline[]
}

/** A page of the compared applications, after one of them. */
export interface ComparedPart {
  after?: string
  /** Maximum number of applications. */
  limit: number
  /** Only those whose slots differ. */
  onlyDiffering?: boolean
  /** Also those without an active deployment at that time. */
  alsoIdle?: boolean
}

/**
 * SQL: a recursive common table expression: `known`, the applications of the tenant `$tenant` in a relation, in order: `$application`, or those
 * of `$applications` (sorted), or all, after `$after`. planner: each is found by an index lookup, since a tenant has few applications with many rows each. The last row is NULL.
 */
export function knownApplications(
  table: string,
  { application, after }: { application?: OneOrMore; after?: string },
): string {
  const further = after === undefined ? '' : 'AND a.application > $after'
  if (Array.isArray(simplified(application)))
    return `known AS (
    SELECT a.application FROM unnest($applications::text[]) WITH ORDINALITY AS wanted(application, n)
    CROSS JOIN LATERAL (SELECT wanted.application COLLATE "C" AS application) a WHERE EXISTS (
      SELECT FROM ${table} known WHERE known.tenant = $tenant AND known.application = a.application) ${further} ORDER BY n
  )`
  const next = (condition: string) =>
    `SELECT min(a.application) AS application FROM ${table} a WHERE a.tenant = $tenant ${condition}`
  const filtered = application === undefined ? '' : 'AND a.application = $application'
  return `known AS (
    ${next(`${filtered} ${further}`)}
    UNION ALL
    SELECT next.application FROM known CROSS JOIN LATERAL (${next(`${filtered} AND a.application > known.application`)}) next
    WHERE known.application IS NOT NULL
  )`
}

/** The values of its parameters, by code point. */
export function sortedApplications(filter: OneOrMore | undefined): { application?: string; applications?: string[] } {
  const { application, applications } = applicationValues(filter)
  return { application, applications: applications?.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) }
}
