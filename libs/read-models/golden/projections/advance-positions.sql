-- advance positions

WITH
  advanced AS (
    UPDATE projection_position AS p
    SET
      seq = step.to_seq,
      next_offset = step.next_offset
    FROM
      unnest($step_partition::smallint[], $step_from_seq::bigint[], $step_to_seq::bigint[], $step_next_offset::bigint[]) AS step (partition, from_seq, to_seq, next_offset)
    WHERE
      p.projection = $projection
      AND p.partition = step.partition
      AND p.seq = step.from_seq
    RETURNING
      p.projection || ' ' || p.partition || ':' || p.seq AS progress
  )
SELECT
  pg_notify ('shiplog_' || current_schema(), progress)
FROM
  advanced
