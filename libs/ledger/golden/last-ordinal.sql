-- last ordinal

SELECT
  coalesce(max(ordinal), 0) AS ordinal
FROM
  ledger.outbox
