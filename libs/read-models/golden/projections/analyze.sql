-- analyze

ANALYZE deployment_history,
deployment_superseded,
deployment_event,
deployment_commit,
deployment_current,
deployment_interval,
deployment_metric,
deployment_counter,
deployment_histogram,
deployment_value,
tenant_pipeline,
key_schema,
configuration_history,
configuration_current,
configuration_secret,
promotion,
promotion_event
