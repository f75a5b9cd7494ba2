-- mark the index

UPDATE ledger.gate
SET
  state_versions = $state_versions
