import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectFolder } from '#dev'

let project: string
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'shiplog-structure-'))
  const paths = { '#libs/*': ['./libs/*/src/index.ts'], '#test/*': ['./test/*.ts'] }
  plant('tsconfig.json', JSON.stringify({ compilerOptions: { paths } }))
})
afterEach(() => rmSync(project, { recursive: true }))

function plant(file: string, ...lines: string[]): void {
  mkdirSync(dirname(join(project, file)), { recursive: true })
  writeFileSync(join(project, file), lines.join('\n'))
}

/** What is wrong with the planted project; the last line counts. */
function check(): { failed: boolean; findings: string[] } {
  const script = join(projectFolder, 'dev', 'structure.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, project], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return { failed: status !== 0, findings: stdout.trim().split('\n').slice(0, -1).toSorted() }
}

// One folder below each part of the project; a run checks all of them.
const roots = ['apps/command/src', 'bench/harness', 'dev/src', 'libs/domain/src', 'test/kit']
const inEach = (findings: (root: string) => string[]) => roots.flatMap(findings).toSorted()

function plantInEach(file: string, ...lines: string[]): void {
  for (const root of roots) plant(`${root}/${file}`, ...lines)
}

describe('below apps, bench, dev, libs and test', () => {
  it('folders that depend on each other one way pass', () => {
    plantInEach('index.ts', `export { b } from './b/b.js'`)
    plantInEach('b/b.ts', `import type { C } from '../c/c.js'`, 'export const b: C = 1')
    plantInEach('c/c.ts', 'export type C = number')
    expect(check()).toEqual({ failed: false, findings: [] })
  })

  it('a cycle of folders fails, though one import is of a type and no files make a cycle', () => {
    plantInEach('b/b.ts', `import type { C } from '../c/c.js'`, 'export const b: C = 1')
    plantInEach('c/c.ts', 'export type C = number')
    plantInEach('c/d.ts', `export { e } from '../b/e.js'`)
    plantInEach('b/e.ts', 'export const e = 1')
    const findings = inEach(root => [
      `no-folder-cycle: ${root}/b: b.ts imports ${root}/c, which leads back`,
      `no-folder-cycle: ${root}/c: d.ts imports ${root}/b, which leads back`,
    ])
    expect(check()).toEqual({ failed: true, findings })
  })

  it('an import from the folder above fails', () => {
    plantInEach('above.ts', 'export type A = number')
    plantInEach('b/b.ts', `import type { A } from '../above.js'`, 'export const b: A = 1')
    const findings = inEach(root => [`no-import-from-above: ${root}/b: b.ts imports ${root}/above.ts`])
    expect(check()).toEqual({ failed: true, findings })
  })

  it('a 13th file fails; specs and migrations do not count', () => {
    for (let n = 1; n <= 12; n++) plantInEach(`b/file-${n}.ts`, 'export const a = 1')
    for (let n = 1; n <= 13; n++) plantInEach(`migrations/${n}.ts`, 'export const a = 1')
    plantInEach('b/file-1.spec.ts', `it('works', () => expect(1).toBe(1))`)
    expect(check()).toEqual({ failed: false, findings: [] })
    plantInEach('b/file-13.ts', 'export const a = 1')
    const findings = inEach(root => [`no-crowded-folder: ${root}/b: 13 source files, at most 12`])
    expect(check()).toEqual({ failed: true, findings })
  })

  it('test code beside production code fails', () => {
    plantInEach('test-app.ts', 'export const app = 1')
    plantInEach('app.ts', `import { jest } from '@jest/globals'`, 'jest.now()')
    plantInEach('checks.ts', `export const check = () => expect(1).toBe(1)`)
    const findings = inEach(root =>
      root.startsWith('test/')
        ? []
        : [
            `no-test-code: ${root}: app.ts imports Jest`,
            `no-test-code: ${root}: checks.ts calls expect`,
            `no-test-code: ${root}: test-app.ts is named as test code`,
          ],
    )
    expect(check()).toEqual({ failed: true, findings })
  })
})

it('what imports #test is test code; benchmarks may', () => {
  for (const file of ['libs/domain/src/a.ts', 'bench/a.ts']) plant(file, `import { a } from '#test/kit'`)
  expect(check()).toEqual({ failed: true, findings: ['no-test-code: libs/domain/src: a.ts imports #test'] })
})

it('aliases count: libs whose folders lead to each other through their indexes fail', () => {
  plant('libs/a/src/index.ts', `import { b } from '#libs/b'`, 'export const a = b')
  plant('libs/b/src/index.ts', `import type { a } from '#libs/a'`, 'export const b = 1')
  expect(check().findings).toHaveLength(2)
})

describe('a folder of dev/exempt.json', () => {
  beforeEach(() => plant('libs/a/src/test-b.ts', 'export const b = 1'))

  it('may fail, and is printed', () => {
    plant('dev/exempt.json', JSON.stringify({ exempt: ['libs/a/src'] }))
    expect(check()).toEqual({ failed: false, findings: ['exempt: libs/a/src'] })
  })

  it('must not pass', () => {
    plant('dev/exempt.json', JSON.stringify({ exempt: ['libs/a/src', 'libs/b/src'] }))
    const stale = 'no-stale-exemption: libs/b/src: passes, or does not exist: remove it from dev/exempt.json'
    expect(check()).toEqual({ failed: true, findings: ['exempt: libs/a/src', 'exempt: libs/b/src', stale] })
  })
})
