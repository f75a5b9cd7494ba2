import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readEndpoints } from './endpoints.js'
import { hasErrorCode } from '../process/errors.js'
import { startMark } from '../process/process-table.js'

/** Another process uses the same data folder; the message is for people. */
export class DataInUse extends Error {
  override name = 'DataInUse'
}

interface Owner {
  pid: number
  /** Start time: distinguishes the owner from a later process with its pid. */
  mark: string
}

/**
 * Makes this process the only one that runs servers on `data`, until the returned function is called.
 * The claim of a dead process is ignored.
 * @throws DataInUse with the URL of the running Shiplog
 */
export function claimData(data: string): () => void {
  const file = join(data, 'owner.json')
  const mine = JSON.stringify({ pid: process.pid, mark: startMark(process.pid) })
  const own = `${file}.${process.pid}`
  writeFileSync(own, mine)
  try {
    // Creating a link is atomic and fails if the file exists: of two concurrent starts, one succeeds.
    while (!tryLink(own, file)) removeDeadClaim(data, file)
  } finally {
    rmSync(own, { force: true })
  }
  return () => {
    if (readClaim(file) === mine) rmSync(file, { force: true })
  }
}

function removeDeadClaim(data: string, file: string): void {
  const claim = readClaim(file)
  if (claim === undefined) return
  const owner = livingOwner(claim)
  if (owner) {
    const url = readEndpoints(data)?.url
    throw new DataInUse(
      url
        ? `Shiplog is already running on ${data}: ${url} (process ${owner.pid}).`
        : `Another process is starting Shiplog on ${data} or using it (process ${owner.pid}).`,
    )
  }
  // Renamed before it is removed, so that of two processes that find the dead claim neither removes the other's new one.
  const aside = `${file}.dead.${process.pid}`
  renameSync(file, aside)
  if (readClaim(aside) !== claim) tryLink(aside, file)
  rmSync(aside, { force: true })
}

function livingOwner(claim: string): Owner | undefined {
  try {
    const owner = JSON.parse(claim) as Owner
    return startMark(owner.pid) === owner.mark ? owner : undefined
  } catch {
    return undefined
  }
}

function readClaim(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return false
    throw error
  }
}
