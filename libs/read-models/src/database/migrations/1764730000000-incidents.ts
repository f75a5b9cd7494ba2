import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Incidents, and what they change in the metrics of deployments. No event of an existing log is about an incident. */
export class Incidents1764730000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE incident (
        tenant text COLLATE "C" NOT NULL,
        incident_id text COLLATE "C" NOT NULL,
        named_deployment_id uuid,
        named_application text COLLATE "C",
        named_environment text COLLATE "C",
        deployment_id uuid,
        application text COLLATE "C",
        environment text COLLATE "C",
        environment_name text COLLATE "C",
        started_at timestamptz(3) NOT NULL,
        resolved_at timestamptz(3),
        title text,
        url text,
        recorded_at timestamptz(3) NOT NULL,
        partition smallint NOT NULL,
        recorded_seq bigint NOT NULL,
        log_order bigint NOT NULL,
        last_seq bigint NOT NULL,
        version integer NOT NULL,
        resolution_known_from timestamptz(3),
        CONSTRAINT incident_pkey PRIMARY KEY (tenant, incident_id)
      );
      CREATE INDEX incident_by_start ON incident (tenant, started_at, log_order);
      CREATE INDEX incident_by_application ON incident (tenant, application, started_at, log_order);
      CREATE INDEX incident_by_environment ON incident (tenant, environment_name, started_at, log_order);
      CREATE INDEX incident_by_slot ON incident (tenant, application, environment_name, started_at, log_order);
      CREATE INDEX incident_open ON incident (tenant, started_at, log_order) WHERE resolved_at IS NULL;
      CREATE INDEX incident_unattributed ON incident (tenant, environment_name, application, started_at)
        WHERE deployment_id IS NULL;
      CREATE INDEX incident_by_deployment ON incident (deployment_id, tenant, started_at, log_order)
        WHERE deployment_id IS NOT NULL;
      CREATE INDEX incident_by_resolution ON incident (deployment_id, tenant, resolved_at) WHERE deployment_id IS NOT NULL;
      CREATE INDEX incident_by_named ON incident (named_deployment_id, tenant, started_at, log_order)
        WHERE named_deployment_id IS NOT NULL;

      CREATE TABLE incident_event (
        tenant text COLLATE "C" NOT NULL,
        incident_id text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        partition smallint NOT NULL,
        seq bigint NOT NULL,
        event_id uuid NOT NULL,
        type text COLLATE "C" NOT NULL,
        actor text,
        time timestamptz(3) NOT NULL,
        recorded_at timestamptz(3) NOT NULL,
        data json NOT NULL,
        CONSTRAINT incident_event_pkey PRIMARY KEY (tenant, incident_id, version)
      );

      ALTER TABLE deployment_metric ADD COLUMN incident_at timestamptz(3), ADD COLUMN incident_recovered_at timestamptz(3),
        ADD COLUMN incident_open boolean;
      CREATE INDEX deployment_metric_by_incident ON deployment_metric (tenant, application, environment_name, incident_at)
        WHERE incident_open;
      ALTER TABLE deployment_counter ADD COLUMN incidents integer NOT NULL DEFAULT 0,
        ADD COLUMN inferred_incidents integer NOT NULL DEFAULT 0,
        ADD COLUMN recovered_inferred_incidents integer NOT NULL DEFAULT 0;
      ALTER TABLE deployment_counter ALTER COLUMN incidents DROP DEFAULT, ALTER COLUMN inferred_incidents DROP DEFAULT,
        ALTER COLUMN recovered_inferred_incidents DROP DEFAULT;
    `)
    for (const [table, { comment, columns }] of Object.entries(comments)) {
      if (comment !== undefined) await runner.query(`COMMENT ON TABLE ${table} IS ${quoted(comment)}`)
      for (const [column, text] of Object.entries(columns)) {
        await runner.query(`COMMENT ON COLUMN ${table}.${column} IS ${quoted(text)}`)
      }
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deployment_counter DROP COLUMN incidents, DROP COLUMN inferred_incidents,
        DROP COLUMN recovered_inferred_incidents;
      DROP INDEX deployment_metric_by_incident;
      ALTER TABLE deployment_metric DROP COLUMN incident_at, DROP COLUMN incident_recovered_at, DROP COLUMN incident_open;
      DROP TABLE incident_event;
      DROP TABLE incident;
    `)
    for (const { table, column, before } of replaced) {
      await runner.query(`COMMENT ON COLUMN ${table}.${column} IS ${quoted(before)}`)
    }
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

const measures = 'duration, promotion, recovery, inferred recovery or lead.'
/** Comments of existing columns that no longer hold. */
const replaced = [
  {
    table: 'deployment_metric',
    column: 'failure_kind',
    before: 'failed, else reported as rolled back, else inferred; NULL without a failure.',
  },
  {
    table: 'deployment_metric',
    column: 'recovered_at',
    before: 'Of a failure: the finish of the next success in its slot; NULL if there is none.',
  },
  { table: 'deployment_histogram', column: 'measure', before: measures },
  { table: 'deployment_value', column: 'measure', before: measures },
]

const measuresNow = 'duration, promotion, recovery, inferred recovery, inferred incident recovery or lead.'
const comments: Record<string, { comment?: string; columns: Record<string, string> }> = {
  incident: {
    comment: 'One row per incident: its facts, and the deployment to which it belongs.',
    columns: {
      tenant: 'The tenant.',
      incident_id: 'The incident.',
      named_deployment_id: 'The deployment that it names.',
      named_application: 'The application of its event.',
      named_environment: 'The environment of its event, as sent.',
      deployment_id:
        'The deployment to which it belongs: the named one, else the one that was active at its start; NULL if there is none.',
      application: 'The application: that of its event, else of its deployment.',
      environment: 'The environment as sent: that of its event, else of its deployment.',
      environment_name: "The environment, by the pipeline's name.",
      started_at: 'When it started.',
      resolved_at: 'When it was resolved; NULL while it is open.',
      title: 'What happened, as sent.',
      url: 'Where it is described, as sent.',
      recorded_at: 'When the event that opened it was appended to the log.',
      partition: 'Partition of its events in the log.',
      recorded_seq: 'Position in the partition of the event that opened it.',
      log_order: 'partition and recorded_seq in one number, which descends in log order; breaks ties of times.',
      last_seq: 'Position in the partition of its last event.',
      version: 'Number of its events so far.',
      resolution_known_from: 'When both its opening and its resolution were recorded; NULL while it is open.',
    },
  },
  incident_event: {
    comment: 'The audit trail of incidents, one row per event.',
    columns: {
      tenant: 'The tenant.',
      incident_id: 'The incident.',
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
  deployment_metric: {
    columns: {
      failure_kind:
        'failed, else reported as rolled back, else inferred, else incident (it has an incident); NULL without a failure.',
      recovered_at:
        'Of a failure: the finish of the next success in its slot, or when its incidents were resolved; NULL if it is open.',
      incident_at:
        'When its first incident started; NULL without one, and if it failed or is reported as rolled back, which count before incidents.',
      incident_recovered_at:
        'When its last incident was resolved, or while one is open, the finish of the next success after incident_at; NULL if there is none.',
      incident_open: 'Whether one of its incidents is open; NULL if incident_at is.',
    },
  },
  deployment_counter: {
    columns: {
      incidents: 'Number that had an incident and are no failure otherwise.',
      inferred_incidents: 'Number of inferred ones with an incident.',
      recovered_inferred_incidents: 'Number of those that have recovered from it.',
    },
  },
  deployment_histogram: { columns: { measure: measuresNow } },
  deployment_value: { columns: { measure: measuresNow } },
}
