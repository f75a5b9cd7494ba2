import type { ActiveJoin } from '../record/active.js'
import type { Bind } from '../../sql/as-of.js'

/** Which places are wanted: those of one application, or of all from one on; and those that fit. */
interface Wanted {
  application?: string
  /** By code point, included. */
  from?: string
  /** SQL, of a place `c`. */
  conditions: readonly string[]
}

/**
 * SQL: common table expressions, the last of them `ran`: places, and which deployment ran there. They are whole applications, in order,
 * enough of them for a page of `$2` and one more.
 *
 * Nobody keeps the places of all times. One after the other is found by a step in an index, over all that was there, and one more
 * step finds what ran; so it is as much work as the page is long, and not as the history is.
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
