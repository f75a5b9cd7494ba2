-- known command

SELECT
FROM
  ledger.command
WHERE
  command_id = $command_id
