-- labelled deployments

-- of several applications, by label
SELECT
  active.deployment_id AS id
FROM
  unnest($ids::uuid[]) AS active (deployment_id)
WHERE
  EXISTS (
    SELECT
    FROM
      deployment_label l
    WHERE
      l.tenant = $tenant
      AND l.deployment_id = active.deployment_id
      AND l.label = $label0::uuid
  )
