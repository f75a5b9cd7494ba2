-- topic of the database

SELECT
  topic
FROM
  ledger.gate
