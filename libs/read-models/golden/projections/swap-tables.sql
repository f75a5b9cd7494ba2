-- swap tables

SET
  LOCAL lock_timeout = 400

LOCK TABLE read_v1.deployment_current,
read_v1_next.deployment_current IN ACCESS EXCLUSIVE MODE

CREATE SCHEMA IF NOT EXISTS read_v1_old

ALTER TABLE read_v1.deployment_current
SET SCHEMA read_v1_old

ALTER TABLE read_v1_next.deployment_current
SET SCHEMA read_v1
