import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const libs = join(import.meta.dirname, '..', '..', '..')
/** This lib and its dependencies: the code that produces the rows. */
const MAKERS = ['contracts', 'domain', 'postgres', 'read-models']

/**
 * A hash of the code that produces the rows. A version that one code has left incomplete must not be completed by another: a fixed
 * projection need not have a migration.
 */
export function codeFingerprint(): string {
  const hash = createHash('sha256')
  for (const maker of MAKERS) {
    const files = readdirSync(join(libs, maker, 'src'), { recursive: true, encoding: 'utf8' })
    for (const file of files.filter(isCode).toSorted()) {
      hash.update(`${maker}/${file}\0`).update(readFileSync(join(libs, maker, 'src', file)))
    }
  }
  return hash.digest('hex')
}

function isCode(file: string): boolean {
  return /\.[jt]s$/.test(file) && !file.includes('spec.')
}
