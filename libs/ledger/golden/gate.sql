-- gate

SELECT
  (
    SELECT
      open_for = pg_postmaster_start_time()
      AND state_versions = $state_versions
    FROM
      ledger.gate
  ) AS open
