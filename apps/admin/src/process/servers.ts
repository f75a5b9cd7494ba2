import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SettingsError, readSettings, type Settings } from '#libs/operations'

export type Servers = Pick<Settings, 'databaseUrl' | 'kafkaBrokers' | 'topic'>

// This file runs from dist/apps/admin/src/process.
const project = join(import.meta.dirname, '..', '..', '..', '..', '..')

/** Kafka and PostgreSQL from the environment, else those of a running `npm start`. Throws SettingsError. */
export function findServers(environment: NodeJS.ProcessEnv): Servers {
  if (environment['DATABASE_URL'] || environment['KAFKA_BROKERS']) return readSettings(environment)
  const file = join(environment['SHIPLOG_DATA'] || join(project, '.shiplog'), 'endpoints.json')
  if (!existsSync(file)) {
    throw new SettingsError([
      `No running Shiplog was found (${file} does not exist): start it with npm start, or set DATABASE_URL and KAFKA_BROKERS.`,
    ])
  }
  const { postgres, kafka, topic } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  return readSettings({ ...environment, DATABASE_URL: postgres, KAFKA_BROKERS: kafka, SHIPLOG_TOPIC: topic })
}
