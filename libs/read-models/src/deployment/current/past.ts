import type { ActiveJoin } from '../record/active.js'

/** The requested slots: of applications from `$firstApplication` on, with filters. */
interface Wanted {
  /** SQL: further conditions on the slot of a row `h`, if they bound the search. */
  within: readonly string[]
  /** SQL: conditions on a slot `c`. */
  conditions: readonly string[]
  /** SQL: conditions on the active deployment `found`. */
  labels: readonly string[]
}

/**
 * SQL: common table expressions, the last of them `active`: slots and the deployments active in them. They cover whole applications in order,
 * as many as one page of `$limit` and one row need.
 *
 * There is no table of the slots of all times. Each slot is found by one index lookup, and its active deployment by another one, so the
 * cost depends on the length of the page, not of the history.
 */
export function slotsAsOf(active: ActiveJoin, { within, conditions, labels }: Wanted): string {
  const latest = active.in('c', conditions.join(' AND '))
  const labelled =
    labels.length === 0 ? latest : `SELECT found.deployment_id FROM (${latest}) found WHERE ${labels.join(' AND ')}`
  return `
    slot AS (
      SELECT $firstApplication::text COLLATE "C" AS application, ''::text COLLATE "C" AS environment_name,
        NULL::uuid AS deployment_id, 0 AS found, 0 AS found_before
      UNION ALL
      SELECT c.application, c.environment_name, latest.deployment_id,
        slot.found + (c.application > $firstApplication AND latest.deployment_id IS NOT NULL)::integer,
        CASE WHEN c.application = slot.application THEN slot.found_before ELSE slot.found END
      FROM slot CROSS JOIN LATERAL (
        SELECT h.tenant, h.application, h.environment_name FROM ${active.slots} h
        WHERE h.tenant = $tenant AND (h.application, h.environment_name) > (slot.application, slot.environment_name)
          ${within.map(condition => `AND ${condition}`).join(' ')}
        ORDER BY h.tenant, h.application, h.environment_name LIMIT 1
      ) c LEFT JOIN LATERAL (${labelled}) latest ON true
      WHERE slot.found_before <= $limit::integer
    ), active AS (
      SELECT $tenant::text AS tenant, application, environment_name, deployment_id FROM slot WHERE deployment_id IS NOT NULL
    )`
}
