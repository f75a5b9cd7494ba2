import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Tables and columns by the terms of the glossary, each with a comment. No row changes. */
export class StandardNames1764700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE ledger.pending_append RENAME TO outbox;
      ALTER SEQUENCE ledger.pending_append_ordinal_seq RENAME TO outbox_ordinal_seq;
      ALTER TABLE ledger.stream RENAME COLUMN begun TO first_event_id;
      ALTER TABLE ledger.stream_index RENAME COLUMN begun TO first_event_id;
      ALTER TABLE ledger.stream_index RENAME COLUMN place TO group_key;
      ALTER TABLE ledger.stream_index RENAME COLUMN announced TO notify;
      ALTER INDEX ledger.stream_index_announced RENAME TO stream_index_notify;
      ALTER TABLE ledger.command RENAME COLUMN repeats TO repeat_of;
    `)
    await renameConstraints(runner, NEW_NAMES)
    for (const [name, comment] of Object.entries(TABLES)) {
      await runner.query(`COMMENT ON TABLE ledger.${name} IS '${comment}'`)
    }
    for (const [name, comment] of Object.entries(COLUMNS)) {
      await runner.query(`COMMENT ON COLUMN ledger.${name} IS '${comment}'`)
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(COLUMNS)) await runner.query(`COMMENT ON COLUMN ledger.${name} IS NULL`)
    for (const name of Object.keys(TABLES)) await runner.query(`COMMENT ON TABLE ledger.${name} IS NULL`)
    await runner.query(`
      ALTER TABLE ledger.command RENAME COLUMN repeat_of TO repeats;
      ALTER INDEX ledger.stream_index_notify RENAME TO stream_index_announced;
      ALTER TABLE ledger.stream_index RENAME COLUMN notify TO announced;
      ALTER TABLE ledger.stream_index RENAME COLUMN group_key TO place;
      ALTER TABLE ledger.stream_index RENAME COLUMN first_event_id TO begun;
      ALTER TABLE ledger.stream RENAME COLUMN first_event_id TO begun;
      ALTER SEQUENCE ledger.outbox_ordinal_seq RENAME TO pending_append_ordinal_seq;
      ALTER TABLE ledger.outbox RENAME TO pending_append;
    `)
    await renameConstraints(
      runner,
      NEW_NAMES.map(([before, after]) => [after, before]),
    )
  }
}

/** Prefixes of the names of constraints. */
const NEW_NAMES: [string, string][] = [
  ['pending_append_', 'outbox_'],
  ['stream_begun_', 'stream_first_event_id_'],
  ['stream_index_begun_', 'stream_index_first_event_id_'],
  ['stream_index_place_', 'stream_index_group_key_'],
  ['stream_index_announced_', 'stream_index_notify_'],
]

/** Those that exist: PostgreSQL 18 has one for each NOT NULL, earlier versions have none. */
async function renameConstraints(runner: QueryRunner, names: [string, string][]): Promise<void> {
  const found = (await runner.query(
    `SELECT conrelid::regclass::text AS "table", conname AS name FROM pg_constraint WHERE connamespace = 'ledger'::regnamespace`,
  )) as { table: string; name: string }[]
  for (const { table, name } of found) {
    const [before, after] = names.find(([prefix]) => name.startsWith(prefix)) ?? []
    if (before === undefined) continue
    await runner.query(`ALTER TABLE ${table} RENAME CONSTRAINT "${name}" TO "${after}${name.slice(before.length)}"`)
  }
}

const TABLES = {
  stream: 'The state of each stream. A cache of the log, like all tables but the outbox.',
  stream_index: 'Entries by which commands find streams.',
  command: 'The result of each command that recorded events or was sent under an Idempotency-Key.',
  outbox: 'Decided events that are not confirmed to be in the log.',
  partition_log: 'The last event of each partition that was read back.',
  gate: 'One row: whether the index has caught up with the log.',
}

const FIRST_EVENT = 'Id of the first event of the stream (UUIDv7): breaks ties in the order of the log.'

const COLUMNS = {
  'stream.stream_id': 'Category, tenant and id of the stream.',
  'stream.tenant': 'Tenant of the stream.',
  'stream.version': 'Number of its events.',
  'stream.state': 'Its events, folded by its decider.',
  'stream.recorded_at': 'When its first event was recorded.',
  'stream.first_event_id': FIRST_EVENT,
  'stream.created_by': 'Command of its first event.',
  'stream.updated_by': 'Command of its last event.',
  'stream_index.stream_id': 'Stream that the entry finds.',
  'stream_index.tenant': 'Tenant of the stream.',
  'stream_index.name': 'Name of the lookup.',
  'stream_index.group_key': 'Group within the name: the latest stream of each group can be looked up.',
  'stream_index.rank': 'Order within the group, by code point; the highest is the latest.',
  'stream_index.first_event_id': FIRST_EVENT,
  'stream_index.notify': 'Whether writing the entry notifies all replicas.',
  'command.command_id': 'Id of the command: derived from its Idempotency-Key, else random.',
  'command.tenant': 'Tenant that sent it.',
  'command.body_hash': 'Hash of its body as sent.',
  'command.actor': 'Actor to whom the command and its key belong; NULL without one.',
  'command.outcome': 'decided, repeated or refused.',
  'command.answer': 'State that answers it and its repeats, or the rejection.',
  'command.repeat_of': 'Command whose result it repeats.',
  'command.events': 'Number of its events.',
  'command.confirmed': 'Number of its events that were read back from the log.',
  'command.positions': 'Last sequence number of its events by partition.',
  'command.received_at': 'When it was received.',
  'outbox.ordinal': 'Order of the decisions.',
  'outbox.event_id': 'Id of the event.',
  'outbox.command_id': 'Command that caused it.',
  'outbox.stream_id': 'Stream of the event.',
  'outbox.version': 'Version of the stream after the event.',
  'outbox.partition': 'Partition to which it is appended.',
  'outbox.key': 'Kafka key of the record.',
  'outbox.value': 'Kafka value of the record.',
  'outbox.headers': 'Kafka headers of the record but those of the hash chain.',
  'outbox.bytes': 'Size of the value in bytes.',
  'partition_log.partition': 'Partition of the topic.',
  'partition_log.seq': 'Sequence number of its last event.',
  'partition_log.next_offset': 'Kafka offset at which reading continues.',
  'partition_log.hash': 'Hash of its last event, which the next one carries.',
  'partition_log.updated_at': 'When the row changed.',
  'gate.topic': 'Topic to which this database belongs.',
  'gate.single': 'Keeps the table at one row.',
  'gate.open_since': 'When the gate was last opened.',
  'gate.open_for': 'Start of the Postgres server for which it is open; -infinity: closed.',
  'gate.state_versions': 'Versions of the index and of the deciders by which it was built.',
}
