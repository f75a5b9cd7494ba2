-- end lock holder

SELECT
  pg_terminate_backend(pid)
FROM
  pg_locks
WHERE
  locktype = 'advisory'
  AND granted
  AND objsubid = 2
  AND (classid, objid) = (hashtext ('shiplog appender')::oid, hashtext ($topic)::oid)
  AND database = (
    SELECT
      oid
    FROM
      pg_database
    WHERE
      datname = current_database()
  )
