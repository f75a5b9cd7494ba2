import { chmodSync, existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopKafkaOrphan } from '../kafka/embedded-kafka.js'
import { stopPostgresOrphan } from '../postgres/embedded-postgres.js'
import { clusterOf, removeData } from '../postgres/postgres-home.js'
import { isAlive } from '../process/process-table.js'

const prefix = 'shiplog-scratch-'

/** Creates an empty data folder for one run of this process. Remove it with `removeData`. */
export function makeScratchData(): string {
  const data = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  // Other users may enter it, so that the cluster of a Postgres started by root can be inside and is removed with it.
  chmodSync(data, 0o711)
  return data
}

/** Ends the servers and removes the folders of killed runs. */
export async function sweepScratchData(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (!pid || isAlive(Number(pid))) continue
    const data = join(tmpdir(), name)
    await stopKafkaOrphan(join(data, 'kafka'))
    await stopPostgresOrphan(clusterOf(data))
    if (existsSync(data)) removeData(data)
  }
}
