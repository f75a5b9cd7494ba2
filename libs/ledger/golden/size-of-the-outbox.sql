-- size of the outbox

SELECT
  count(*)::int AS events
FROM
  ledger.outbox
