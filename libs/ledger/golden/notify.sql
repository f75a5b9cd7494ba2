-- notify

SELECT
  pg_notify ($channel, '')
