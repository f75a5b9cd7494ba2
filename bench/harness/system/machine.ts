import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { project } from './project.js'
import type { Servers } from './servers.js'

const durability = ['fsync', 'synchronous_commit', 'full_page_writes']

/** The conditions in two lines: machine and versions, and durability settings of Postgres. */
export async function machineLines(servers: Servers): Promise<string[]> {
  const { server_version: postgres, ...settings } = await servers.settings(['server_version', ...durability])
  const memory = Math.round(totalmem() / 2 ** 30)
  const date = new Date().toISOString().slice(0, 10)
  return [
    `${date}: ${availableParallelism()} cores, ${memory} GiB, Node ${process.versions.node}, PostgreSQL ${postgres}, ` +
      `Kafka ${servers.ownBroker ? embeddedKafkaVersion() : '(external)'}, everything on this machine.`,
    `Postgres: ${durability.map(name => `${name} = ${settings[name]}`).join(', ')}.`,
  ]
}

function embeddedKafkaVersion(): string {
  const pom = readFileSync(join(project, 'dev', 'kafka', 'pom.xml'), 'utf8')
  return /<kafka\.version>(.+?)<\/kafka\.version>/.exec(pom)?.[1] ?? '(version unknown)'
}
