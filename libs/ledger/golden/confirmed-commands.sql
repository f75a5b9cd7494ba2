-- confirmed commands

SELECT
  command_id,
  positions
FROM
  ledger.command
WHERE
  command_id = ANY ($command_ids)
  AND confirmed >= events
