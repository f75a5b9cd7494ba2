import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasErrorCode } from '../process/errors.js'

/**
 * The key for secrets of a data folder: 32 random bytes in base64, generated at the first call. It is stored beside the log whose
 * secrets it encrypts: without it they are lost.
 */
export function secretsKey(data: string): string {
  const file = join(data, 'secrets.key')
  const partial = `${file}.${process.pid}`
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error
  }
  try {
    writeFileSync(partial, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
    // A link is atomic and never replaces an existing key.
    linkSync(partial, file)
  } finally {
    rmSync(partial, { force: true })
  }
  return readFileSync(file, 'utf8').trim()
}
