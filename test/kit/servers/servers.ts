import { randomUUID } from 'node:crypto'
import pg from 'pg'

/** A database that belongs to one test file. */
export interface TestDatabase {
  url: string
  /** Drops it, ending connections that are still open. */
  drop(): Promise<void>
}

/**
 * Makes an empty database on the server of DATABASE_URL.
 * @param name starts its name, for whoever looks at a server with leftovers
 */
export function createDatabase(name = 'test'): Promise<TestDatabase> {
  return createDatabaseOn(required('DATABASE_URL'), name)
}

/** The same on another server. */
export async function createDatabaseOn(server: string, name: string): Promise<TestDatabase> {
  const database = `${name}_${randomUUID().slice(0, 8)}`
  await query(server, client => `CREATE DATABASE ${client.escapeIdentifier(database)}`)
  const url = new URL(server)
  url.pathname = `/${database}`
  return {
    url: url.href,
    drop: () => query(server, client => `DROP DATABASE IF EXISTS ${client.escapeIdentifier(database)} WITH (FORCE)`),
  }
}

/** The bootstrap brokers of the Kafka that runs for the tests. */
export function brokers(): string[] {
  return required('KAFKA_BROKERS').split(',')
}

/** The name of a topic that nobody else uses. It is not created. */
export function freshTopicName(prefix = 'test'): string {
  return `${prefix}.${randomUUID()}`
}

async function query(url: string, sql: (client: pg.Client) => string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql(client))
  } finally {
    await client.end()
  }
}

function required(name: string): string {
  const value = process.env[name]
  if (!value)
    throw new Error(
      `${name} is not set: run this test by npm test -- <file>, which starts Kafka and PostgreSQL for it.`,
    )
  return value
}
