import { chmodSync, existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopKafkaOrphan } from '../kafka/embedded-kafka.js'
import { stopPostgresOrphan } from '../postgres/embedded-postgres.js'
import { clusterOf, removeData } from '../postgres/postgres-home.js'
import { isAlive } from '../process/process-table.js'

const prefix = 'shiplog-scratch-'

/** Makes an empty data folder for one run of this process. Remove it with `removeData`. */
export function makeScratchData(): string {
  const data = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  // Others may pass through, so that the cluster of root's Postgres can be in here and goes when this goes.
  chmodSync(data, 0o711)
  return data
}

/** Ends the servers and removes the folders that scratch runs have left which were killed before they could. */
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
