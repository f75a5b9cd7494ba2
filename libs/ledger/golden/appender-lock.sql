-- appender lock

SELECT
  pg_try_advisory_lock(hashtext ('shiplog appender'), hashtext ($topic)) AS locked
