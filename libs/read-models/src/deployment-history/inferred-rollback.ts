import type { ClientBase } from 'pg'
import { textArray } from '../array-literal.js'
import { logOrder } from '../log-order.js'
import type { DeploymentChange } from './fold.js'
import { lastBefore, pointArrays, type MovedSuccess } from './last-before.js'
import { placeArrays } from './place.js'
import { fromThereOn, justBeforeFromLast, startOf, withTagOf } from './probes.js'

/** A deployment that an inferred rollback names. */
export interface NamedDeployment {
  tenant: string
  id: string
}

/**
 * Finds again which deployments go back to an older version, after a batch has changed the history. A success replaces the
 * success just before it in the same application and environment; it goes back where its tag first succeeded there before
 * the replaced one's tag first did. So a change can touch only the deployments at the places that changed, those just after them, and,
 * where a tag's first success has moved, all with that tag and those just after these. Gives the deployments that are named now and were
 * not, and those that no longer are.
 */
export async function inferRollbacks(
  connection: ClientBase,
  changes: readonly DeploymentChange[],
): Promise<NamedDeployment[]> {
  const places = changes.flatMap(changedPlaces)
  if (places.length === 0) return []
  const tags = textArray(places.map(({ imageTag }) => imageTag))
  const values = [...placeArrays(places), tags, ...pointArrays(places), ...pointArrays(lastBefore(places))]
  const { rows } = await connection.query<NamedDeployment>({ name: 'infer rollbacks', text: INFER, values })
  return rows
}

// Where, in the order of starts, a success has appeared or vanished.
function changedPlaces(change: DeploymentChange): MovedSuccess[] {
  const { before, record } = change
  const from = before?.succeeded ? before.deployedAt : undefined
  const to = record.succeeded ? record.deployedAt : undefined
  if (from === to) return []
  const { tenant, environmentName, partition, recordedSeq } = change
  const { application, imageTag } = record
  const place = { tenant, application, environmentName, imageTag, logOrder: logOrder(partition, recordedSeq) }
  return [
    ...(from === undefined ? [] : [{ ...place, at: from, stands: false }]),
    ...(to === undefined ? [] : [{ ...place, at: to, stands: true }]),
  ]
}

// Every step is a probe of an index: by place, or by tag. Where no success of a tag is before a place that changed, the tag's
// first success may have moved, to there or from there. A place in the log belongs to one deployment, so log_order tells
// rows apart more cheaply than their keys do.
const INFER = `
  WITH place AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::timestamptz[], $8::bigint[])
      AS place (tenant, application, environment_name, image_tag, deployed_at, log_order, last_at, last_log_order)
  ), first_of_tag AS MATERIALIZED (
    SELECT place.* FROM place LEFT JOIN LATERAL (
      SELECT h.deployed_at, h.log_order FROM deployment_history h
      WHERE ${withTagOf('h', 'place', 'h.succeeded')} LIMIT 1
    ) first ON true
    WHERE first.log_order IS NULL OR ${startOf('first')} >= ${startOf('place')}
  ), touched AS (
    SELECT tenant, application, environment_name, deployed_at, log_order, last_at, last_log_order FROM place
    UNION ALL
    SELECT h.tenant, h.application, h.environment_name, h.deployed_at, h.log_order, '-infinity', 0 FROM first_of_tag CROSS JOIN LATERAL (
      SELECT h.* FROM deployment_history h
      WHERE ${withTagOf('h', 'first_of_tag', 'h.succeeded AND h.log_order <> first_of_tag.log_order')}
    ) h
  ), affected AS MATERIALIZED (
    SELECT DISTINCT ON (at_or_after.log_order) at_or_after.*, touched.last_at, touched.last_log_order FROM touched CROSS JOIN LATERAL (
      SELECT h.tenant, h.deployment_id, h.application, h.environment_name, h.image_tag, h.deployed_at, h.log_order,
        h.rollback_of, h.inferred_rollback_of
      FROM deployment_history h WHERE ${fromThereOn('h', 'touched', 'h.succeeded')} LIMIT 2
    ) at_or_after
  ), judged AS MATERIALIZED (
    SELECT affected.tenant, affected.deployment_id, affected.inferred_rollback_of AS before,
      CASE WHEN affected.rollback_of IS NULL AND ${startOf('own_first')} < ${startOf('replaced_first')}
        THEN replaced.deployment_id END AS now
    FROM affected
    LEFT JOIN LATERAL (
      SELECT h.tenant, h.application, h.environment_name, h.image_tag, h.deployment_id, h.deployed_at, h.log_order
      FROM deployment_history h WHERE ${justBeforeFromLast('h', 'affected', 'h.succeeded')} LIMIT 1
    ) replaced ON true
    LEFT JOIN LATERAL (
      SELECT h.deployed_at, h.log_order FROM deployment_history h
      WHERE ${withTagOf('h', 'affected', 'h.succeeded')} LIMIT 1
    ) own_first ON true
    LEFT JOIN LATERAL (
      SELECT h.deployed_at, h.log_order FROM deployment_history h
      WHERE ${withTagOf('h', 'replaced', `h.succeeded AND ${startOf('own_first')} < ${startOf('replaced')}`)} LIMIT 1
    ) replaced_first ON true
  ), marked AS (
    UPDATE deployment_history h SET inferred_rollback_of = judged.now
    FROM judged
    WHERE judged.now IS DISTINCT FROM judged.before
      AND h.tenant = judged.tenant AND h.deployment_id = judged.deployment_id
    RETURNING h.tenant, judged.before, judged.now
  )
  SELECT marked.tenant, named.id FROM marked CROSS JOIN LATERAL (VALUES (before), (now)) AS named(id)
  WHERE named.id IS NOT NULL`
