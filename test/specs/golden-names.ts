import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import pg from 'pg'
import { goldenFile } from './golden.js'

// Set up for each file of the integration tests: whatever statement with a name one of its tests sends must have a golden file, but those of
// tests, whose names start with `test`.

const libs = join(import.meta.dirname, '../../libs')
const sent = new Set<string>()
const query = pg.Client.prototype.query

pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
  const [first] = args as [string | { text?: string }]
  const name = /^\/\* ([^*]+) \*\/ /.exec((typeof first === 'string' ? first : first?.text) ?? '')?.[1]
  if (name !== undefined && !name.startsWith('test ')) sent.add(name)
  return query.apply(this, args as never)
} as typeof query

afterAll(() => {
  const golden = new Set(
    readdirSync(libs).flatMap(lib => {
      const folder = join(libs, lib, 'golden')
      return existsSync(folder)
        ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(file => basename(file))
        : []
    }),
  )
  const missing = [...sent].filter(name => !golden.has(goldenFile(name)))
  if (missing.length === 0) return
  throw new Error(
    `no golden file for ${missing.join(', ')}: add it to a golden-*.spec.ts of its lib, and run \`npm run golden\``,
  )
})
