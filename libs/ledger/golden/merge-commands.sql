-- merge commands

UPDATE ledger.command AS c
SET
  events = greatest(c.events, c.confirmed + r.confirmed),
  confirmed = c.confirmed + r.confirmed,
  positions = c.positions || r.positions,
  outcome = r.outcome,
  answer = r.answer
FROM
  json_to_recordset($commands) AS r (command_id uuid, confirmed integer, positions jsonb, outcome text, answer json)
WHERE
  c.command_id = r.command_id
