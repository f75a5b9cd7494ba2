-- events up to an ordinal

SELECT
  count(*)::int AS events
FROM
  ledger.outbox
WHERE
  ordinal <= $ordinal
