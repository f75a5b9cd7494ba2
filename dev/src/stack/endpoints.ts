import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasErrorCode } from '../process/errors.js'

/** The contents of `<data>/endpoints.json`, which a running Shiplog writes. */
export interface Endpoints {
  url: string
  /** Bootstrap brokers, comma-separated. */
  kafka: string
  /** Connection URL. */
  postgres: string
  topic: string
  /** Of the started servers only. */
  pids: { app: number; kafka?: number; postgres?: number }
}

/** Replaces the file atomically, so that a reader never sees a part of it. */
export function writeEndpoints(data: string, endpoints: Endpoints): void {
  const partial = join(data, `endpoints.json.${process.pid}`)
  writeFileSync(partial, `${JSON.stringify(endpoints, null, 2)}\n`)
  renameSync(partial, join(data, 'endpoints.json'))
}

/** The contents of the file, or undefined without one. A killed process may have left it: check pids.app. */
export function readEndpoints(data: string): Endpoints | undefined {
  try {
    return JSON.parse(readFileSync(join(data, 'endpoints.json'), 'utf8')) as Endpoints
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Updates pids in an existing file after a restart of a server. */
export function updatePids(data: string, pids: Partial<Endpoints['pids']>): void {
  const endpoints = readEndpoints(data)
  if (endpoints) writeEndpoints(data, { ...endpoints, pids: { ...endpoints.pids, ...pids } })
}

export function removeEndpoints(data: string): void {
  rmSync(join(data, 'endpoints.json'), { force: true })
}
