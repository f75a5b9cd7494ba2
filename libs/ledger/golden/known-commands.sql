-- known commands

SELECT
  command_id
FROM
  ledger.command
WHERE
  command_id = ANY ($command_ids)
