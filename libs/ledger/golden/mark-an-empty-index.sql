-- mark an empty index

INSERT INTO
  ledger.gate (topic, open_since, open_for, state_versions)
SELECT
  $topic,
  now(),
  '-infinity',
  $state_versions
WHERE
  NOT EXISTS (
    SELECT
    FROM
      ledger.partition_log
    WHERE
      seq > 0
  )
  AND NOT EXISTS (
    SELECT
    FROM
      ledger.stream
  )
ON CONFLICT (topic) DO UPDATE
SET
  state_versions = excluded.state_versions
