import type { ActiveJoin } from '../record/active.js'
import type { Bind } from '../../sql/as-of.js'

/** The requested slots: of one application, or of all applications from one on, with filters. */
interface Wanted {
  application?: string
  /** By code point, inclusive. */
  from?: string
  /** SQL condition on a slot `c`. */
  conditions: readonly string[]
}

/**
 * SQL: common table expressions, the last of them `ran`: slots and the deployments active in them. They cover whole applications in order,
 * as many as one page of `$2` and one row need.
 *
 * There is no table of the slots of all times. Each slot is found by one index lookup, and its active deployment by another one, so the
 * cost depends on the length of the page, not of the history.
 */
export function slotsAsOf(active: ActiveJoin, { application, from = '', conditions }: Wanted, bind: Bind): string {
  const first = bind(application ?? from)
  return `
    place AS (
      SELECT ${first}::text COLLATE "C" AS application, ''::text COLLATE "C" AS environment_name,
        NULL::uuid AS deployment_id, 0 AS found, 0 AS found_before
      UNION ALL
      SELECT c.application, c.environment_name, latest.deployment_id,
        place.found + (c.application > ${first} AND latest.deployment_id IS NOT NULL)::integer,
        CASE WHEN c.application = place.application THEN place.found_before ELSE place.found END
      FROM place CROSS JOIN LATERAL (
        SELECT h.tenant, h.application, h.environment_name FROM ${active.slots} h
        WHERE h.tenant = $1 AND (h.application, h.environment_name) > (place.application, place.environment_name)
          ${application === undefined ? '' : `AND h.application = ${first}`}
        ORDER BY h.tenant, h.application, h.environment_name LIMIT 1
      ) c LEFT JOIN LATERAL (${active.in('c', conditions.join(' AND '))}) latest ON true
      WHERE place.found_before <= $2::integer
    ), ran AS (
      SELECT $1::text AS tenant, application, environment_name, deployment_id FROM place WHERE deployment_id IS NOT NULL
    )`
}
