-- open the gate

INSERT INTO
  ledger.gate (topic, open_since, open_for, state_versions)
SELECT
  $topic,
  now(),
  pg_postmaster_start_time(),
  $state_versions
WHERE
  NOT EXISTS (
    SELECT
    FROM
      ledger.partition_log
      JOIN unnest($partitions::smallint[], $seqs::bigint[]) AS read (partition, seq) USING (partition)
    WHERE
      partition_log.seq < read.seq
  )
ON CONFLICT (topic) DO UPDATE
SET
  open_since = excluded.open_since,
  open_for = excluded.open_for,
  state_versions = excluded.state_versions
RETURNING
  topic
