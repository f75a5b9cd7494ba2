import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { print } from '../api/imported/figures.js'

/** A file of the real data, which lies beside the project. */
export function realFile(name: string): string {
  return join(import.meta.dirname, '..', '..', '..', 'shared', 'data', name)
}

/** Describes tests that need files of the real data; without them, they are skipped, and a line says so. */
export function describeWith(files: string[]): (name: string, tests: () => void) => void {
  const missing = files.find(file => !existsSync(file))
  return (name, tests) => {
    if (missing === undefined) return describe(name, tests)
    print(`${missing} does not exist: the tests of "${name}" are skipped`)
    describe.skip(name, tests)
  }
}
