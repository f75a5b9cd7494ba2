-- empty the index

LOCK TABLE ledger.stream_index,
ledger.command,
ledger.outbox,
ledger.partition_log,
ledger.gate IN ACCESS EXCLUSIVE MODE;

TRUNCATE ledger.stream,
ledger.stream_index,
ledger.command,
ledger.outbox;

UPDATE ledger.partition_log
SET
  seq = 0,
  next_offset = 0,
  hash = repeat('0', 64),
  updated_at = now();

UPDATE ledger.gate
SET
  open_for = '-infinity'
