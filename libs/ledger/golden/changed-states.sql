-- changed states

SELECT
  s.stream_id,
  s.version,
  s.state
FROM
  unnest($stream_ids::text[], $versions::integer[]) AS known (stream_id, version)
  JOIN ledger.stream AS s USING (stream_id)
WHERE
  s.version <> known.version
