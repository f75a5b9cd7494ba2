import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const project = join(import.meta.dirname, '..', '..', '..')

test('the types are those of openapi.json: `npm run openapi` writes both', () => {
  const generator = join(project, 'node_modules', 'openapi-typescript', 'bin', 'cli.js')
  const generated = execFileSync(process.execPath, [generator, join(project, 'openapi.json')], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const committed = readFileSync(join(import.meta.dirname, 'openapi-types.ts'), 'utf8')
  // Not toBe: a difference of megabytes takes Jest a minute to print.
  expect(generated === committed).toBe(true)
})
