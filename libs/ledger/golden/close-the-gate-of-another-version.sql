-- close the gate of another version

UPDATE ledger.gate
SET
  open_for = '-infinity'
WHERE
  state_versions IS DISTINCT FROM $state_versions
RETURNING
  topic
