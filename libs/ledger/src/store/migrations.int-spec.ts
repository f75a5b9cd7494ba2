import { Client } from 'pg'
import { DataSource } from 'typeorm'
import { createDatabase, type TestDatabase } from '#test/kit'
import { StandardNames1764700000000 } from './migrations/standard-names.js'
import { migrateLedger } from './postgres.js'

let database: TestDatabase
let sql: Client

beforeAll(async () => {
  database = await createDatabase('migrations')
  await migrateLedger(database.url)
  sql = new Client(database.url)
  await sql.connect()
})
afterAll(async () => {
  await sql.end()
  await database.drop()
})

/** Returns the schema to its names before the migration. */
async function revertStandardNames(): Promise<void> {
  const dataSource = new DataSource({ type: 'postgres', url: database.url })
  await dataSource.initialize()
  const runner = dataSource.createQueryRunner()
  await new StandardNames1764700000000().down(runner)
  await runner.release()
  await dataSource.destroy()
  await sql.query(`DELETE FROM ledger.migration WHERE name = 'StandardNames1764700000000'`)
}

/** Names of everything in the schema, and the statements that define indexes and constraints. */
async function definitions(): Promise<string[]> {
  const { rows } = await sql.query<{ definition: string }>(`
    SELECT format('%s.%s %s', table_name, column_name, data_type) AS definition
    FROM information_schema.columns WHERE table_schema = 'ledger'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'ledger'
    UNION ALL SELECT sequencename FROM pg_sequences WHERE schemaname = 'ledger'
    UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'ledger'::regnamespace`)
  return rows.map(({ definition }) => definition).toSorted()
}

const [event, command, repeat] = [1, 2, 3].map(n => `0198c0de-0000-7000-8000-00000000000${n}`)

it('renames tables and columns of an existing ledger, keeps its rows, and can be reverted', async () => {
  const expected = await definitions()
  await revertStandardNames()
  const before = await definitions()
  await sql.query(`
    INSERT INTO ledger.stream (stream_id, tenant, version, state, recorded_at, begun, created_by, updated_by)
    VALUES ('promotion-acme/1', 'acme', 1, '{"a": 1}', now(), '${event}', '${command}', '${command}');
    INSERT INTO ledger.stream_index (stream_id, tenant, name, place, rank, begun, announced)
    VALUES ('promotion-acme/1', 'acme', 'scheduled', 'p', 'r', '${event}', true);
    INSERT INTO ledger.command (command_id, tenant, body_hash, outcome, answer, repeats, events, received_at)
    VALUES ('${repeat}', 'acme', 'h', 'repeated', '{}', '${command}', 0, now());
    INSERT INTO ledger.pending_append (event_id, command_id, stream_id, version, partition, key, value, headers, bytes)
    VALUES ('${event}', '${command}', 'promotion-acme/1', 1, 3, 'acme', '{}', '{}', 2)`)

  await migrateLedger(database.url)

  const { rows } = await sql.query(`
    SELECT s.first_event_id, i.group_key, i.first_event_id AS indexed, i.notify, c.repeat_of, o.event_id
    FROM ledger.stream AS s, ledger.stream_index AS i, ledger.command AS c, ledger.outbox AS o`)
  expect(rows).toEqual([
    { first_event_id: event, group_key: 'p', indexed: event, notify: true, repeat_of: command, event_id: event },
  ])
  expect(await definitions()).toEqual(expected)
  await revertStandardNames()
  expect(await definitions()).toEqual(before)
  await migrateLedger(database.url)
  expect(expected.filter(definition => /pending|begun|place|announced|repeats/.test(definition))).toEqual([])
})

it('leaves no table and no column without a comment', async () => {
  const { rows } = await sql.query(`
    SELECT c.relname, a.attname FROM pg_class AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum >= 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'r' AND c.relname <> 'migration'
      AND (obj_description(c.oid) IS NULL OR col_description(c.oid, a.attnum) IS NULL)`)
  expect(rows).toEqual([])
})
