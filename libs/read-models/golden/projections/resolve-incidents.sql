-- resolve incidents

UPDATE incident i
SET
  resolved_at = resolved.resolved_at,
  last_seq = resolved.last_seq,
  version = resolved.version,
  resolution_known_from = greatest(i.recorded_at, resolved.recorded_at)
FROM
  (
    SELECT
      resolved.*,
      i.ctid AS row_id
    FROM
      unnest(
        $resolved_tenant::text[],
        $resolved_incident_id::text[],
        $resolved_resolved_at::timestamptz[],
        $resolved_recorded_at::timestamptz[],
        $resolved_last_seq::bigint[],
        $resolved_version::integer[]
      ) AS resolved (tenant, incident_id, resolved_at, recorded_at, last_seq, version)
      CROSS JOIN LATERAL (
        SELECT
          i.ctid
        FROM
          incident i
        WHERE
          (i.tenant, i.incident_id) >= (resolved.tenant, resolved.incident_id)
          AND (i.tenant, i.incident_id) <= (resolved.tenant, resolved.incident_id)
        ORDER BY
          i.tenant,
          i.incident_id
        OFFSET
          0
      ) i
  ) resolved
WHERE
  i.ctid = resolved.row_id
RETURNING
  1 AS found
