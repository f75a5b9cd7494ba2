import { rowSet } from '#libs/postgres'
import { withId } from '../../deployment/record/index-lookups.js'
import { firstEnvironmentSql } from '../../pipeline/environment.js'
import {
  failuresBetween,
  finishOf,
  firstOfTag,
  firstToBring,
  lastSuccessBefore,
  nextEnvironmentOfTag,
  openIncidentsBetween,
  rowAt,
} from '../definition/finish-order.js'
import { commitRows, listedRows, movedRows, previousRows, tagRows } from './slots.js'

/**
 * SQL by the parameters of `changedSlots`: CTEs that end in `candidate` (tenant, deployment_id, first_environment): the deployments whose
 * contribution a batch may have changed. These are the deployments of the batch and those that they report to undo in their own application
 * (others are in other partitions, which are projected concurrently, and are not undone). If a success has appeared or disappeared, also:
 * the failures and incidents that it ends or ended; the tag's next success there, and in the pipeline's first environment the tag's first ones
 * everywhere; and other deployments that bring the same commits there first. A slot, tag or commit that the batch changes several times is
 * looked up once.
 */
export const CANDIDATES = `
  own AS (
    SELECT listed.tenant, listed.deployment_id, listed.first_environment FROM ${listedRows.sql}
    WHERE listed.application IS NULL OR listed.application = (
      SELECT h.application FROM deployment_history h WHERE ${withId('h', 'listed')})
  ), moved AS MATERIALIZED (
    SELECT * FROM ${movedRows.sql}
  ), tag AS MATERIALIZED (
    SELECT * FROM ${tagRows.sql}
  ), brought AS (
    SELECT * FROM ${commitRows.sql}
  ), batch AS MATERIALIZED (
    SELECT unnest($batch::bigint[]) AS log_order
  ), gap AS (
    SELECT moved.*, coalesce(before.finished_at, moved.last_at) AS before_at, coalesce(before.log_order, moved.last_log_order) AS before_log_order
    FROM moved LEFT JOIN LATERAL (
      SELECT h.finished_at, h.log_order FROM deployment_history h WHERE ${lastSuccessBefore('h', 'moved')}
    ) before ON true
  ), ended_failure AS (
    SELECT m.tenant, m.deployment_id, gap.first_environment FROM gap CROSS JOIN LATERAL (
      SELECT m.* FROM deployment_metric m WHERE ${failuresBetween('m', 'gap')}
    ) m
  ), ended_incident AS (
    SELECT m.tenant, m.deployment_id, gap.first_environment FROM gap CROSS JOIN LATERAL (
      SELECT m.* FROM deployment_metric m WHERE ${openIncidentsBetween('m', 'gap')}
    ) m
  ), first_arrival AS MATERIALIZED (
    SELECT tag.*, other.deployment_id FROM tag LEFT JOIN LATERAL (
      SELECT h.deployment_id, h.finished_at, h.log_order FROM deployment_history h
      WHERE ${firstOfTag('h', 'tag', 'tag.environment_name', 'AND h.log_order NOT IN (SELECT log_order FROM batch)')}
    ) other ON true
    WHERE other.log_order IS NULL OR ${finishOf('other')} > ${finishOf('tag')}
  ), promoted AS (
    SELECT other_environment.tenant, other_environment.deployment_id, first_arrival.first_environment
    FROM first_arrival CROSS JOIN LATERAL (
      WITH RECURSIVE environment AS (
        SELECT '' COLLATE "C" AS name
        UNION ALL
        SELECT (SELECT h.environment_name FROM deployment_history h
          WHERE ${nextEnvironmentOfTag('h', 'first_arrival', 'environment.name')})
        FROM environment WHERE environment.name IS NOT NULL
      ) SELECT name FROM environment WHERE name <> '' AND name <> first_arrival.environment_name
    ) environment CROSS JOIN LATERAL (
      SELECT h.tenant, h.deployment_id FROM deployment_history h
      WHERE ${firstOfTag('h', 'first_arrival', 'environment.name', 'AND h.log_order NOT IN (SELECT log_order FROM batch)')}
    ) other_environment
    WHERE first_arrival.environment_name = first_arrival.first_environment
  ), bringing AS (
    SELECT c.tenant, c.deployment_id, brought.first_environment FROM brought CROSS JOIN LATERAL (
      SELECT c.tenant, c.deployment_id FROM deployment_commit c
      WHERE ${firstToBring('c', 'brought', 'AND c.log_order NOT IN (SELECT log_order FROM batch)')}
    ) c
  ), candidate AS MATERIALIZED (
    SELECT * FROM own
    UNION SELECT * FROM ended_failure
    UNION SELECT * FROM ended_incident
    UNION SELECT tenant, deployment_id, first_environment FROM first_arrival WHERE deployment_id IS NOT NULL
    UNION SELECT * FROM promoted
    UNION SELECT * FROM bringing
  ), outdated AS MATERIALIZED (
    SELECT m.ctid FROM ${previousRows.sql}
    CROSS JOIN LATERAL (SELECT m.ctid FROM deployment_metric m WHERE ${rowAt('m', 'previous')}) m
  ), removed AS (
    DELETE FROM deployment_metric m USING outdated WHERE m.ctid = outdated.ctid
    RETURNING m.*
  )`

export const requestedApplications = rowSet<{ tenant: string; application: string }>('requested', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'application', type: 'text', value: ({ application }) => application },
])

/** SQL: the same for all deployments of the `requestedApplications`. */
export const ALL_CANDIDATES = `
  requested AS (
    SELECT * FROM ${requestedApplications.sql}
  ), first AS MATERIALIZED (
    SELECT known.tenant, e.name FROM (SELECT DISTINCT tenant FROM requested) known
    CROSS JOIN LATERAL ${firstEnvironmentSql('known.tenant')} e
  ), candidate AS MATERIALIZED (
    SELECT h.tenant, h.deployment_id, first.name AS first_environment
    FROM requested JOIN first USING (tenant)
    JOIN deployment_history h ON h.tenant = requested.tenant AND h.application = requested.application
  ), removed AS (
    SELECT * FROM deployment_metric WHERE false
  )`
