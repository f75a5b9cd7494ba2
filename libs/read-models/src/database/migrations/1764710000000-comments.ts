import type { MigrationInterface, QueryRunner } from 'typeorm'

type Comments = Record<string, { table: string; columns: Record<string, string> }>

/** Columns that the tables of deployments and of their earlier versions have in common. */
const ofDeployments = {
  tenant: 'The tenant.',
  application: 'The application.',
  environment_name: "The environment, by the pipeline's name.",
  deployment_id: 'The deployment.',
  environment: 'The environment as sent; environment_name is used for comparison.',
  image_tag: 'Tag of the deployed image.',
  image: 'Name of the deployed image.',
  git_commit: 'Commit of the deployed version.',
  git_branch: 'Branch of the deployed version.',
  status: 'PENDING, DEPLOYED, FAILED or ROLLED_BACK.',
  succeeded: 'Whether it had succeeded, whether or not it was rolled back later.',
  deployed_at: 'When it started.',
  completed_at: 'When it was completed, if that was reported.',
  finished_at: 'completed_at, else deployed_at.',
  rolled_back_at: 'When it was rolled back.',
  rollback_reason: 'Why it was rolled back, as sent.',
  rollback_of: 'The deployment that this one is reported to undo.',
  failure_reason: 'Why it failed, as sent.',
  actor: 'Who deployed it.',
  pipeline: 'The run of the delivery pipeline, as sent; json keeps the order of members.',
  commits: 'The commits that it brings, as sent.',
  notes: 'Notes, as sent.',
  migrations: 'Its database migrations, as sent.',
  unplanned: 'Whether it is unplanned work.',
  labels: 'Labels, as sent.',
  during_freeze: 'The freeze during which it started.',
  correlation_id: "Correlation id of the event that recorded it: a promotion's id if it belongs to one.",
  recorded_at: 'When the event that recorded it was appended to the log.',
  partition: 'Partition of its events in the log.',
  recorded_seq: 'Position in the partition of the event that recorded it.',
  log_order: 'partition and recorded_seq in one number, which descends in log order; breaks ties of times.',
  last_seq: 'Position in the partition of its last event.',
  recorded_bytes: 'Total size of the data of its events so far: the approximate cost of loading it.',
  known_from: 'When all of its events so far were recorded: the latest of their times.',
  version: 'Number of its events so far.',
}

const comments: Comments = {
  deployment_history: {
    table: 'One row per deployment: its facts by its own events, and those that follow from its neighbours.',
    columns: {
      ...ofDeployments,
      inferred_rollback_of: 'The deployment that this one undoes by inference; NULL if one is reported.',
    },
  },
  deployment_superseded: {
    table: 'Versions of deployments that a later event has replaced, with the time in which they were known.',
    columns: {
      ...ofDeployments,
      known_until: 'When the next version became known.',
    },
  },
  deployment_event: {
    table: 'The audit trail of deployments, one row per event.',
    columns: {
      tenant: 'The tenant.',
      deployment_id: 'The deployment.',
      version: 'Number of the event in its stream, from 1.',
      partition: 'Partition of the event in the log.',
      seq: 'Position of the event in the partition.',
      event_id: 'id of the CloudEvent.',
      type: 'type of the CloudEvent, as recorded.',
      actor: 'Who caused the event.',
      time: 'When it happened.',
      recorded_at: 'When it was appended to the log.',
      data: 'Data of the event as in the log, byte for byte, but with secrets masked.',
    },
  },
  deployment_current: {
    table: 'The active deployment of each application and environment; no row without one.',
    columns: {
      tenant: 'The tenant.',
      application: 'The application.',
      environment_name: "The environment, by the pipeline's name.",
      deployment_id: 'The active deployment.',
    },
  },
  deployment_interval: {
    table:
      'The active deployment of each application and environment as a function of time: a row is valid until the next one of its slot.',
    columns: {
      tenant: 'The tenant.',
      application: 'The application.',
      environment_name: "The environment, by the pipeline's name.",
      from_at: 'Start of the interval.',
      deployment_id: 'The active deployment; NULL, like the columns of it, if none is active.',
      image_tag: 'Its tag.',
      deployed_at: 'When it started.',
      log_order: 'Its place in log order.',
      by_rollback:
        'Whether the interval starts because the previous deployment was rolled back, rather than because this one finished.',
    },
  },
  deployment_commit: {
    table: 'The commits of deployments, one row each; the key orders the successes that bring a commit by finish.',
    columns: {
      tenant: 'The tenant.',
      application: 'The application.',
      environment_name: "The environment, by the pipeline's name.",
      sha: 'The commit.',
      succeeded: 'Whether the deployment had succeeded.',
      finished_at: 'When the deployment finished.',
      log_order: 'Place of the deployment in log order.',
      deployment_id: 'The deployment.',
      committed_at: "When it was committed; NULL if it is known from the deployment's single commit only.",
    },
  },
  deployment_metric: {
    table: 'The contributions of a finished deployment to the metrics. One row per deployment that is not PENDING.',
    columns: {
      tenant: 'The tenant.',
      application: 'The application.',
      environment_name: "The environment, by the pipeline's name.",
      finished_at: 'When the deployment finished.',
      log_order: 'Place of the deployment in log order.',
      deployment_id: 'The deployment.',
      image_tag: 'Its tag.',
      succeeded: 'Whether it had succeeded.',
      failure_kind: 'failed, else reported as rolled back, else inferred; NULL without a failure.',
      unplanned: 'Whether it is unplanned work.',
      duration_ms: 'Milliseconds from start to completion, of a success that reported both.',
      recovered_at: 'Of a failure: the finish of the next success in its slot; NULL if there is none.',
      promotion_lead_ms:
        "Of the first success of a tag: milliseconds since its first one in the pipeline's first environment; NULL if that was later, or never.",
      commit_lead_ms: 'Milliseconds from commit to finish, of each of its commits that no earlier success had brought.',
    },
  },
  deployment_counter: {
    table: 'Counters of the deployments that finished in an environment in an hour or day of UTC. No row without any.',
    columns: {
      tenant: 'The tenant.',
      environment_name: "The environment, by the pipeline's name.",
      grain: 'hour or day.',
      start: 'Start of the hour or day.',
      deployments: 'Number of deployments that are not PENDING.',
      successes: 'Number of successes.',
      failed: 'Number that failed.',
      reported: 'Number that were reported as rolled back.',
      inferred: 'Number that were rolled back by inference.',
      unplanned: 'Number of unplanned ones.',
      recovered: 'Number of failures with a later success, inferred ones included.',
      recovered_inferred: 'Number of inferred failures with a later success.',
    },
  },
  deployment_histogram: {
    table: 'Distribution of the values of a measure over bins (see value_bin), by the finish of their deployments.',
    columns: {
      tenant: 'The tenant.',
      environment_name: "The environment, by the pipeline's name.",
      measure: 'duration, promotion, recovery, inferred recovery or lead.',
      grain: 'week or four weeks; bin groups: four weeks, where bin is a bin group.',
      start: 'Start of the weeks.',
      bin: 'Bin of the values, or bin group.',
      count: 'Number of values.',
    },
  },
  deployment_value: {
    table: 'The values of a measure by bin, so that a quantile is found within one bin. Zeros are omitted.',
    columns: {
      tenant: 'The tenant.',
      environment_name: "The environment, by the pipeline's name.",
      measure: 'duration, promotion, recovery, inferred recovery or lead.',
      bin: 'Bin of the value.',
      finished_at: 'When the deployments finished.',
      value: 'The value in milliseconds.',
      count: 'Number of times that it occurs.',
    },
  },
  configuration_history: {
    table: 'The entry of a key in an environment from one of its revisions on: a value, or its absence.',
    columns: {
      tenant: 'The tenant.',
      environment: "The pipeline's name of the environment when its configuration began: the name of the stream.",
      kind: 'configuration or flag.',
      key: 'The key.',
      revision: 'Revision of the environment: the version of its stream.',
      id: 'Id of the key, derived from tenant, environment, kind and key.',
      hash: 'Hash of the canonical JSON, keyed for a secret: equal for equal values. NULL if it was deleted.',
      value: 'The value as sent; NULL for a secret, and if it was deleted.',
      secret: 'Whether the value was a secret, or became one later.',
      description: 'Description, as sent.',
      changed_at: 'When it was changed.',
      changed_by: 'Who changed it.',
      recorded_at: 'When the change was appended to the log.',
      partition: 'Partition of the event in the log.',
      seq: 'Position of the event in the partition.',
      promotion_id: 'The promotion that changed it, if any.',
      promotion_action: 'Whether its execution or its rollback changed it.',
    },
  },
  configuration_current: {
    table: 'The current entries of an environment: the latest one of each existing key.',
    columns: {
      tenant: 'The tenant.',
      environment: "The pipeline's name of the environment when its configuration began: the name of the stream.",
      kind: 'configuration or flag.',
      key: 'The key.',
      revision: 'Revision of the environment: the version of its stream.',
      id: 'Id of the key, derived from tenant, environment, kind and key.',
      hash: 'Hash of the canonical JSON, keyed for a secret: equal for equal values.',
      value: 'The value as sent; NULL for a secret.',
      secret: 'Whether the value is a secret.',
      description: 'Description, as sent.',
      changed_at: 'When it was changed.',
      changed_by: 'Who changed it.',
    },
  },
  configuration_secret: {
    table: 'The last time at which a key was a secret: earlier values are never shown.',
    columns: {
      tenant: 'The tenant.',
      environment: "The pipeline's name of the environment when its configuration began: the name of the stream.",
      kind: 'configuration or flag.',
      key: 'The key.',
      revision: 'Revision of the environment: the version of its stream.',
      seq: "Position of the event in the partition of the tenant's configurations and promotions.",
    },
  },
  promotion: {
    table: 'One row per promotion: its state after its events.',
    columns: {
      tenant: 'The tenant.',
      promotion_id: 'The promotion.',
      state: 'Its state by the current pipeline.',
      source_environment: 'Key of the source environment, for comparison.',
      target_environment: 'Key of the target environment, for comparison.',
      created_at: 'When it was created.',
      promotion: "The promotion's state in the domain, without the moved values.",
      standing: "State, quorum and findings by the current pipeline; NULL if they are the promotion's own.",
      recorded_at: 'When the event that created it was appended to the log.',
      partition: 'Partition of its events in the log.',
      log_order: 'Place of the event that created it in log order; breaks ties of created_at.',
      last_seq: 'Position in the partition of its last event.',
      version: 'Number of its events so far.',
    },
  },
  promotion_event: {
    table: 'The audit trail of promotions, one row per event.',
    columns: {
      tenant: 'The tenant.',
      promotion_id: 'The promotion.',
      version: 'Number of the event in its stream, from 1.',
      partition: 'Partition of the event in the log.',
      seq: 'Position of the event in the partition.',
      event_id: 'id of the CloudEvent.',
      type: 'type of the CloudEvent, as recorded.',
      actor: 'Who caused the event.',
      time: 'When it happened.',
      recorded_at: 'When it was appended to the log.',
      data: 'Data of the event as in the log, byte for byte, but with secrets masked.',
    },
  },
  tenant_pipeline: {
    table: 'The pipeline and freezes of a tenant that has set any.',
    columns: {
      tenant: 'The tenant.',
      pipeline: 'Its own pipeline; NULL for the default one.',
      environments: 'The environments of its pipeline in order: name, and the keys of all its names.',
      configuration_names: 'Environments whose configuration has a previous name, by their current name.',
      freezes: 'Its freezes.',
      version: 'Version of its stream.',
    },
  },
  key_schema: {
    table: 'The JSON Schema for the values of some keys of a tenant.',
    columns: {
      tenant: 'The tenant.',
      key_pattern: 'Pattern of the keys.',
      schema: 'The schema as sent; json keeps the order of members.',
      updated_at: 'When it was set.',
      updated_by: 'Who set it.',
    },
  },
  projection_position: {
    table: 'The position of a projection in each partition of the log.',
    columns: {
      projection: 'Name of the projection.',
      partition: 'The partition.',
      seq: 'The last event that is projected; 0 without one.',
      next_offset: 'Kafka offset at which reading continues.',
    },
  },
  parked_event: {
    table: 'An event that a projection could not apply, and at which its partition is halted.',
    columns: {
      projection: 'Name of the projection.',
      partition: 'The partition.',
      offset: 'Kafka offset of the event.',
      seq: 'Position of the event in the partition, if it could be read.',
      event_id: 'id of the CloudEvent, if it could be read.',
      type: 'type of the CloudEvent, if it could be read.',
      reason: 'Why it could not be applied.',
      parked_at: 'When the partition was halted.',
    },
  },
  migration: {
    table: 'The migrations of this schema that have been executed.',
    columns: {
      id: 'Number of the execution.',
      timestamp: 'Time of the migration by its name.',
      name: 'Name of the migration.',
    },
  },
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

/** SQL: sets or removes the comment of each table and column in the schema of the migration. */
function commentsSql(is: (text: string) => string): string {
  return Object.entries(comments)
    .flatMap(([name, { table, columns }]) => [
      `COMMENT ON TABLE ${name} IS ${is(table)}`,
      ...Object.entries(columns).map(([column, text]) => `COMMENT ON COLUMN ${name}."${column}" IS ${is(text)}`),
    ])
    .join(';\n')
}

/** Comments on all tables and columns. */
export class Comments1764710000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(commentsSql(literal))
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(commentsSql(() => 'NULL'))
  }
}
