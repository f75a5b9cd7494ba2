import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { templateDatabase } from './template.js'

/** A database that belongs to one test file. */
export interface TestDatabase {
  url: string
  /** Drops it, ending connections that are still open. */
  drop(): Promise<void>
}

/**
 * Makes a database on the server of DATABASE_URL: with all tables and no rows, or empty where that is no server of the tests' own.
 * @param name starts its name, for whoever looks at a server with leftovers
 */
export async function createDatabase(name = 'test'): Promise<TestDatabase> {
  const server = required('DATABASE_URL')
  return createDatabaseOn(server, name, await templateDatabase(server))
}

/** The same on another server: an empty one. */
export async function createDatabaseOn(server: string, name: string, template?: string): Promise<TestDatabase> {
  const database = `${name}_${randomUUID().slice(0, 8)}`
  const copy = (client: pg.Client) => (template === undefined ? '' : ` TEMPLATE ${client.escapeIdentifier(template)}`)
  await query(server, client => `CREATE DATABASE ${client.escapeIdentifier(database)}${copy(client)}`)
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
