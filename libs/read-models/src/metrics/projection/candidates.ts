import { withId } from '../../deployment/record/index-lookups.js'
import { firstEnvironmentSql } from '../../pipeline/environment.js'
import {
  failuresBetween,
  finishOf,
  firstOfTag,
  firstToBring,
  lastSuccessBefore,
  nextEnvironmentOfTag,
  rowAt,
} from '../definition/finish-order.js'

const column = (first: number) => (type: string, index: number) => `$${first + index}::${type}[]`
const unnested = (first: number, types: string[]) => `unnest(${types.map(column(first)).join(', ')})`

/**
 * SQL by the parameters of `changedSlots`: CTEs that end in `candidate` (tenant, deployment_id, first_environment): the deployments whose
 * contribution a batch may have changed. These are the deployments of the batch and those that they report to undo in their own application
 * (others are in other partitions, which are projected concurrently, and are not undone). If a success has appeared or disappeared, also:
 * the failures that it ends or ended; the tag's next success there, and in the pipeline's first environment the tag's first ones
 * everywhere; and other deployments that bring the same commits there first. A slot, tag or commit that the batch changes several times is
 * looked up once.
 */
export const CANDIDATES = `
  listed AS (
    SELECT l.tenant, l.deployment_id, l.first_environment
    FROM unnest($1::text[], $2::uuid[], $3::text[], $30::text[]) AS l(tenant, deployment_id, first_environment, application)
    WHERE l.application IS NULL OR l.application = (
      SELECT h.application FROM deployment_history h WHERE ${withId('h', 'l')})
  ), place AS MATERIALIZED (
    SELECT * FROM ${unnested(4, ['text', 'text', 'text', 'timestamptz', 'bigint', 'timestamptz', 'bigint', 'text'])}
      AS p(tenant, application, environment_name, finished_at, log_order, last_at, last_log_order, first_environment)
  ), tag AS MATERIALIZED (
    SELECT * FROM ${unnested(12, ['text', 'text', 'text', 'text', 'timestamptz', 'bigint', 'text'])}
      AS t(tenant, application, environment_name, image_tag, finished_at, log_order, first_environment)
  ), brought AS (
    SELECT * FROM ${unnested(19, ['text', 'text', 'text', 'text', 'text'])}
      AS b(tenant, application, environment_name, sha, first_environment)
  ), batch AS MATERIALIZED (
    SELECT unnest($29::bigint[]) AS log_order
  ), gap AS (
    SELECT place.*, coalesce(before.finished_at, place.last_at) AS before_at, coalesce(before.log_order, place.last_log_order) AS before_log_order
    FROM place LEFT JOIN LATERAL (
      SELECT h.finished_at, h.log_order FROM deployment_history h WHERE ${lastSuccessBefore('h', 'place')}
    ) before ON true
  ), ended_fault AS (
    SELECT m.tenant, m.deployment_id, gap.first_environment FROM gap CROSS JOIN LATERAL (
      SELECT m.* FROM deployment_metric m WHERE ${failuresBetween('m', 'gap')}
    ) m
  ), first_place AS MATERIALIZED (
    SELECT tag.*, other.deployment_id FROM tag LEFT JOIN LATERAL (
      SELECT h.deployment_id, h.finished_at, h.log_order FROM deployment_history h
      WHERE ${firstOfTag('h', 'tag', 'tag.environment_name', 'AND h.log_order NOT IN (SELECT log_order FROM batch)')}
    ) other ON true
    WHERE other.log_order IS NULL OR ${finishOf('other')} > ${finishOf('tag')}
  ), promoted AS (
    SELECT elsewhere.tenant, elsewhere.deployment_id, first_place.first_environment
    FROM first_place CROSS JOIN LATERAL (
      WITH RECURSIVE environment AS (
        SELECT '' COLLATE "C" AS name
        UNION ALL
        SELECT (SELECT h.environment_name FROM deployment_history h
          WHERE ${nextEnvironmentOfTag('h', 'first_place', 'environment.name')})
        FROM environment WHERE environment.name IS NOT NULL
      ) SELECT name FROM environment WHERE name <> '' AND name <> first_place.environment_name
    ) environment CROSS JOIN LATERAL (
      SELECT h.tenant, h.deployment_id FROM deployment_history h
      WHERE ${firstOfTag('h', 'first_place', 'environment.name', 'AND h.log_order NOT IN (SELECT log_order FROM batch)')}
    ) elsewhere
    WHERE first_place.environment_name = first_place.first_environment
  ), bringing AS (
    SELECT c.tenant, c.deployment_id, brought.first_environment FROM brought CROSS JOIN LATERAL (
      SELECT c.tenant, c.deployment_id FROM deployment_commit c
      WHERE ${firstToBring('c', 'brought', 'AND c.log_order NOT IN (SELECT log_order FROM batch)')}
    ) c
  ), candidate AS MATERIALIZED (
    SELECT * FROM listed
    UNION SELECT * FROM ended_fault
    UNION SELECT tenant, deployment_id, first_environment FROM first_place WHERE deployment_id IS NOT NULL
    UNION SELECT * FROM promoted
    UNION SELECT * FROM bringing
  ), left_place AS MATERIALIZED (
    SELECT m.ctid FROM ${unnested(24, ['text', 'text', 'text', 'timestamptz', 'bigint'])}
      AS old(tenant, application, environment_name, finished_at, log_order)
    CROSS JOIN LATERAL (SELECT m.ctid FROM deployment_metric m WHERE ${rowAt('m', 'old')}) m
  ), gone AS (
    DELETE FROM deployment_metric m USING left_place WHERE m.ctid = left_place.ctid
    RETURNING m.*
  )`

/** SQL: the same for all deployments of the applications `$2` of tenants `$1`. */
export const ALL_CANDIDATES = `
  asked AS (
    SELECT * FROM unnest($1::text[], $2::text[]) AS asked(tenant, application)
  ), first AS MATERIALIZED (
    SELECT known.tenant, e.name FROM (SELECT DISTINCT tenant FROM asked) known
    CROSS JOIN LATERAL ${firstEnvironmentSql('known.tenant')} e
  ), candidate AS MATERIALIZED (
    SELECT h.tenant, h.deployment_id, first.name AS first_environment
    FROM asked JOIN first USING (tenant)
    JOIN deployment_history h ON h.tenant = asked.tenant AND h.application = asked.application
  ), gone AS (
    SELECT * FROM deployment_metric WHERE false
  )`
