-- insert labels

INSERT INTO
  deployment_label (tenant, label, deployed_at, log_order, deployment_id)
SELECT
  *
FROM
  unnest(
    $label_tenant::text[],
    $label_label::uuid[],
    $label_deployed_at::timestamptz[],
    $label_log_order::bigint[],
    $label_deployment_id::uuid[]
  ) AS label (tenant, label, deployed_at, log_order, deployment_id)
