-- upsert pipelines

INSERT INTO
  tenant_pipeline AS before (tenant, pipeline, environments, configuration_names, freezes, version)
SELECT
  *
FROM
  unnest(
    $changed_tenant::text[],
    $changed_pipeline::json[],
    $changed_environments::json[],
    $changed_configuration_names::json[],
    $changed_freezes::json[],
    $changed_version::integer[]
  ) AS changed (tenant, pipeline, environments, configuration_names, freezes, version)
ON CONFLICT (tenant) DO UPDATE
SET
  pipeline = coalesce(excluded.pipeline, before.pipeline),
  environments = coalesce(excluded.environments, before.environments),
  configuration_names = CASE
    WHEN excluded.pipeline IS NULL THEN before.configuration_names
    ELSE excluded.configuration_names
  END,
  freezes = coalesce(excluded.freezes, before.freezes),
  version = excluded.version
