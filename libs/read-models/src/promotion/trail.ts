import { secretMask } from '#libs/contracts'
import { auditTrailSql } from '../log/audit-trail.js'
import { positionsSql, type QueryResult, type JsonText } from '../sql/query-result.js'
import { statement, type Query } from '#libs/postgres'

/**
 * The audit trail of a promotion, in order; `undefined` if the tenant has none with this id (a UUID). Values of a key that later became a
 * secret in the source or the target are masked.
 */
export async function findPromotionEvents(
  query: Query,
  tenant: string,
  id: string,
): Promise<QueryResult<JsonText | undefined>> {
  const [row] = await query<{ json: string | null; positions: string }>(
    statement('read promotion_event', AUDIT_TRAIL, { tenant, id }),
  )
  return { body: row!.json ?? undefined, positions: row!.positions }
}

/** SQL: whether a key (kind, key) became a secret after an event `e`. */
const isSecretSince = (change: string) => `EXISTS (
  SELECT FROM configuration_secret s WHERE s.tenant = $tenant AND s.environment = ANY (environments.names)
    AND s.kind = ${change}->>'kind' AND s.key = ${change}->>'key' AND s.seq > e.seq)`

// Most tenants have no such key, so the recorded data is returned unchanged.
const AUDIT_TRAIL = `
  WITH environments AS MATERIALIZED (
    SELECT ARRAY(
      SELECT DISTINCT name FROM promotion p, LATERAL (VALUES
        (configuration_name($tenant, environment_name($tenant, p.source_environment))),
        (configuration_name($tenant, environment_name($tenant, p.target_environment))),
        (coalesce(p.promotion->'executed'->>'configurationName', p.promotion->'executed'->>'targetName'))) AS named(name)
      WHERE p.tenant = $tenant AND p.promotion_id = $id AND name IS NOT NULL
    ) AS names
  )
  SELECT (SELECT ${auditTrailSql('presented.data')} FROM promotion_event e CROSS JOIN environments CROSS JOIN LATERAL (
      SELECT CASE
        WHEN NOT EXISTS (SELECT FROM configuration_secret s
          WHERE s.tenant = $tenant AND s.environment = ANY (environments.names) AND s.seq > e.seq) THEN e.data::text
        ELSE (
          SELECT '{' || string_agg(to_json(member.key)::text || ':' || CASE WHEN member.key IN ('content', 'changes') THEN (
              SELECT '[' || coalesce(string_agg(CASE WHEN ${isSecretSince('change.value')}
                THEN masked_change(change.value, '${secretMask}') ELSE change.value END::text, ',' ORDER BY change.ordinality), '') || ']'
              FROM json_array_elements(member.value) WITH ORDINALITY change
            ) ELSE member.value::text END, ',' ORDER BY member.ordinality) || '}'
          FROM json_each(e.data) WITH ORDINALITY member
        ) END AS data
    ) presented
    WHERE e.tenant = $tenant AND e.promotion_id = $id) AS json, ${positionsSql('deployments')} AS positions`
