-- decided again

UPDATE ledger.command
SET
  outcome = $outcome,
  answer = $answer,
  repeat_of = $repeat_of,
  events = $events
WHERE
  command_id = $command_id
  AND outcome = 'refused'
  AND events = $base_events
RETURNING
  command_id
