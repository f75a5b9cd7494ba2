import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasErrorCode } from '../process/errors.js'

/** What a running Shiplog tells about itself in `<data>/endpoints.json`. */
export interface Endpoints {
  url: string
  /** Bootstrap brokers, comma-separated. */
  kafka: string
  /** Connection URL. */
  postgres: string
  topic: string
  /** Without those of servers that we did not start. */
  pids: { app: number; kafka?: number; postgres?: number }
}

/** Writes the file whole or not at all, so that a reader never sees half of it. */
export function writeEndpoints(data: string, endpoints: Endpoints): void {
  const partial = join(data, `endpoints.json.${process.pid}`)
  writeFileSync(partial, `${JSON.stringify(endpoints, null, 2)}\n`)
  renameSync(partial, join(data, 'endpoints.json'))
}

/** What the file says, or undefined where there is none. It may be that of a killed process: see pids.app. */
export function readEndpoints(data: string): Endpoints | undefined {
  try {
    return JSON.parse(readFileSync(join(data, 'endpoints.json'), 'utf8')) as Endpoints
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Changes pids in the file where there is one: after a restart of a server. */
export function updatePids(data: string, pids: Partial<Endpoints['pids']>): void {
  const endpoints = readEndpoints(data)
  if (endpoints) writeEndpoints(data, { ...endpoints, pids: { ...endpoints.pids, ...pids } })
}

export function removeEndpoints(data: string): void {
  rmSync(join(data, 'endpoints.json'), { force: true })
}
