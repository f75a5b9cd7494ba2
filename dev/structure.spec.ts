import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectFolder } from '#dev'

let project: string
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'shiplog-structure-'))
  const paths = { '#libs/*': ['./libs/*/src/index.ts'], '#test/*': ['./test/*.ts'] }
  addFile('tsconfig.json', JSON.stringify({ compilerOptions: { paths } }))
})
afterEach(() => rmSync(project, { recursive: true }))

function addFile(file: string, ...lines: string[]): void {
  mkdirSync(dirname(join(project, file)), { recursive: true })
  writeFileSync(join(project, file), lines.join('\n'))
}

/** Checks the project; the last line of the output has the count of the findings. */
function check(): { failed: boolean; findings: string[] } {
  const script = join(projectFolder, 'dev', 'structure.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, project], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return { failed: status !== 0, findings: stdout.trim().split('\n').slice(0, -1).toSorted() }
}

// One folder below each part of the project; a run checks all of them.
const roots = ['apps/command/src', 'bench/harness', 'dev/src', 'libs/domain/src', 'test/kit']
const inEach = (findings: (root: string) => string[]) => roots.flatMap(findings).toSorted()

function addFileToEach(file: string, ...lines: string[]): void {
  for (const root of roots) addFile(`${root}/${file}`, ...lines)
}

describe('structure.mjs below apps, bench, dev, libs and test', () => {
  it('accepts folders that depend on each other in one direction', () => {
    addFileToEach('index.ts', `export { b } from './b/b.js'`)
    addFileToEach('b/b.ts', `import type { C } from '../c/c.js'`, 'export const b: C = 1')
    addFileToEach('c/c.ts', 'export type C = number')
    expect(check()).toEqual({ failed: false, findings: [] })
  })

  it('rejects a cycle of folders, even if one import is of a type and the files have no cycle', () => {
    addFileToEach('b/b.ts', `import type { C } from '../c/c.js'`, 'export const b: C = 1')
    addFileToEach('c/c.ts', 'export type C = number')
    addFileToEach('c/d.ts', `export { e } from '../b/e.js'`)
    addFileToEach('b/e.ts', 'export const e = 1')
    const findings = inEach(root => [
      `no-folder-cycle: ${root}/b: b.ts imports ${root}/c, which leads back`,
      `no-folder-cycle: ${root}/c: d.ts imports ${root}/b, which leads back`,
    ])
    expect(check()).toEqual({ failed: true, findings })
  })

  it('rejects an import from the folder above', () => {
    addFileToEach('above.ts', 'export type A = number')
    addFileToEach('b/b.ts', `import type { A } from '../above.js'`, 'export const b: A = 1')
    const findings = inEach(root => [`no-import-from-above: ${root}/b: b.ts imports ${root}/above.ts`])
    expect(check()).toEqual({ failed: true, findings })
  })

  it('rejects a 13th source file, not counting specs and migrations', () => {
    for (let n = 1; n <= 12; n++) addFileToEach(`b/file-${n}.ts`, 'export const a = 1')
    for (let n = 1; n <= 13; n++) addFileToEach(`migrations/${n}.ts`, 'export const a = 1')
    addFileToEach('b/file-1.spec.ts', `it('works', () => expect(1).toBe(1))`)
    expect(check()).toEqual({ failed: false, findings: [] })
    addFileToEach('b/file-13.ts', 'export const a = 1')
    const findings = inEach(root => [`no-crowded-folder: ${root}/b: 13 source files, at most 12`])
    expect(check()).toEqual({ failed: true, findings })
  })

  it('rejects test code beside production code', () => {
    addFileToEach('test-app.ts', 'export const app = 1')
    addFileToEach('app.ts', `import { jest } from '@jest/globals'`, 'jest.now()')
    addFileToEach('checks.ts', `export const check = () => expect(1).toBe(1)`)
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

it('structure.mjs treats a file that imports #test as test code, except in bench', () => {
  for (const file of ['libs/domain/src/a.ts', 'bench/a.ts']) addFile(file, `import { a } from '#test/kit'`)
  expect(check()).toEqual({ failed: true, findings: ['no-test-code: libs/domain/src: a.ts imports #test'] })
})

it('structure.mjs rejects a cycle of folders through the aliases of libs', () => {
  addFile('libs/a/src/index.ts', `import { b } from '#libs/b'`, 'export const a = b')
  addFile('libs/b/src/index.ts', `import type { a } from '#libs/a'`, 'export const b = 1')
  expect(check().findings).toHaveLength(2)
})
