-- command

SELECT
  gate.open,
  c.command_id,
  c.outcome,
  c.answer,
  c.received_at,
  coalesce(o.events, c.events) AS events,
  coalesce(o.confirmed, c.confirmed) AS confirmed,
  coalesce(o.positions, c.positions) AS positions
FROM
  (
    SELECT
      (
        SELECT
          open_for = pg_postmaster_start_time()
          AND state_versions = $state_versions
        FROM
          ledger.gate
      ) AS open
  ) AS gate
  LEFT JOIN ledger.command AS c ON c.command_id = $command_id
  AND c.tenant = $tenant
  LEFT JOIN ledger.command AS o ON o.command_id = c.repeat_of
