import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * The tables of the index. All of them are a cache of the log, except the outbox, which has decided events that are not in
 * the log yet. `begun` is the id of a stream's first event (UUIDv7): it breaks ties in the order of the log.
 */
export class CreateLedger1763700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ledger.stream (
        stream_id text COLLATE "C" PRIMARY KEY,
        tenant text NOT NULL,
        version integer NOT NULL,
        state json NOT NULL,
        recorded_at timestamptz NOT NULL,
        begun uuid NOT NULL,
        created_by uuid NOT NULL,
        updated_by uuid NOT NULL
      ) WITH (fillfactor = 85)`)
    await runner.query(`
      CREATE TABLE ledger.stream_index (
        stream_id text COLLATE "C" NOT NULL,
        tenant text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        place text COLLATE "C" NOT NULL,
        rank text COLLATE "C" NOT NULL,
        begun uuid NOT NULL,
        PRIMARY KEY (stream_id, name)
      )`)
    await runner.query(`
      CREATE INDEX stream_index_latest ON ledger.stream_index (tenant, name, place, rank DESC, begun DESC)
        INCLUDE (stream_id)`)
    await runner.query(`
      CREATE TABLE ledger.command (
        command_id uuid PRIMARY KEY,
        tenant text NOT NULL,
        body_hash text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('decided', 'repeated', 'refused')),
        answer json NOT NULL,
        repeats uuid,
        events integer NOT NULL,
        confirmed integer NOT NULL DEFAULT 0,
        positions jsonb NOT NULL DEFAULT '{}',
        received_at timestamptz NOT NULL
      ) WITH (fillfactor = 85)`)
    // A queue: rows live for milliseconds, so it is vacuumed by the number of dead rows, not by their share.
    await runner.query(`
      CREATE TABLE ledger.pending_append (
        ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id uuid NOT NULL UNIQUE,
        command_id uuid NOT NULL,
        stream_id text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        partition smallint NOT NULL,
        key text NOT NULL,
        value text NOT NULL,
        headers json NOT NULL,
        bytes integer NOT NULL,
        UNIQUE (stream_id, version) -- protects: no-unique-pending
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0)`)
    await runner.query(`
      CREATE TABLE ledger.partition_log (
        partition smallint PRIMARY KEY,
        seq bigint NOT NULL,
        next_offset bigint NOT NULL,
        hash text NOT NULL,
        updated_at timestamptz NOT NULL
      ) WITH (fillfactor = 50)`)
    await runner.query(`
      INSERT INTO ledger.partition_log SELECT p, 0, 0, repeat('0', 64), now() FROM generate_series(0, 11) AS p`)
    await runner.query(`
      CREATE TABLE ledger.gate (
        topic text PRIMARY KEY,
        single boolean NOT NULL DEFAULT true UNIQUE CHECK (single),
        open_since timestamptz NOT NULL,
        open_for timestamptz NOT NULL
      )`)
    // The read models grant these rights when they create the role; dropping the schema removes them.
    await runner.query(`
      DO $$
      BEGIN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'shiplog_reader') THEN
          GRANT USAGE ON SCHEMA ledger TO shiplog_reader;
          GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO shiplog_reader;
        END IF;
      END $$`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE ledger.gate, ledger.partition_log, ledger.pending_append, ledger.command, ledger.stream_index, ledger.stream`)
  }
}

/**
 * The state versions by which the index was built, NULL before this migration, and the actor of a command: an
 * older index lacks it, and is replayed from the log.
 */
export class StateVersions1763700000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE ledger.gate ADD COLUMN state_versions text`)
    await runner.query(`ALTER TABLE ledger.command ADD COLUMN actor text`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE ledger.command DROP COLUMN actor`)
    await runner.query(`ALTER TABLE ledger.gate DROP COLUMN state_versions`)
  }
}

/** Entries that notify replicas are few among many: a partial index finds them across tenants. */
export class AnnounceEntries1763700000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE ledger.stream_index ADD COLUMN announced boolean NOT NULL DEFAULT false`)
    await runner.query(`CREATE INDEX stream_index_announced ON ledger.stream_index (name, rank) WHERE announced`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE ledger.stream_index DROP COLUMN announced`)
  }
}
