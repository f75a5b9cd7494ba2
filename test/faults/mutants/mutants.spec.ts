import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectFolder } from '#dev'
import { kinds } from '../kinds/index.js'
import { mutants } from './index.js'
import { findMarkers, mutate } from './markers.js'
import { TypeChecker } from './type-checker.js'

describe('mutants', () => {
  const checker = new TypeChecker(projectFolder)

  it.each(mutants)('$name applies to the sources and compiles', mutant => {
    expect(checker.errors(mutate(mutant, projectFolder))).toEqual([])
  })

  it.each(mutants)('the kinds of fault that detect $name exist', mutant => {
    const known = kinds.map(({ name }) => name)
    expect(mutant.kinds.filter(name => !known.includes(name))).toEqual([])
  })

  it('use every marker in the sources', () => {
    const used = new Set(mutants.flatMap(({ changes }) => Object.keys(changes)))
    expect(findMarkers(projectFolder).map(({ marker }) => marker)).toEqual(expect.arrayContaining([...used]))
    expect(
      findMarkers(projectFolder)
        .filter(({ marker }) => !used.has(marker))
        .map(({ file, marker }) => `${file}: ${marker}`),
    ).toEqual([])
  })

  it('are rejected where they do not compile', () => {
    const wrong = { name: 'wrong', changes: { 'no-gate': 'if (row === undefined) throw new NoSuchError()' } }
    expect(checker.errors(mutate(wrong, projectFolder))).toEqual([expect.stringContaining('NoSuchError')])
  })
})

describe('a marker', () => {
  let project: string
  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), 'shiplog-markers-'))
    for (const folder of ['apps', 'libs']) mkdirSync(join(project, folder))
  })
  afterEach(() => rmSync(project, { recursive: true }))

  const given = (...lines: string[]) => writeFileSync(join(project, 'libs', 'a.ts'), lines.join('\n'))
  const changed = (replacement: string, marker = 'here') =>
    mutate({ name: 'a mutant', changes: { [marker]: replacement } }, project).get('libs/a.ts')

  it('applies to the statement that follows it', () => {
    given('one()', '// protects: here', '// why', 'if (two) {', '  three()', '}', 'four()')
    expect(changed('five()')).toBe('one()\n// protects: here\n// why\nfive()\nfour()')
  })

  it('applies to the property that follows it', () => {
    given('f({', '  // protects: here', '  a: [1, 2],', '  b: 3,', '})')
    expect(changed('a: []')).toBe('f({\n  // protects: here\n  a: [],\n  b: 3,\n})')
  })

  it('applies to the line of SQL that it ends', () => {
    given('const sql = `SELECT', '  FOR UPDATE -- protects: here', '  LIMIT 1`')
    expect(changed('')).toBe('const sql = `SELECT\n   -- protects: here\n  LIMIT 1`')
  })

  it('must occur in the sources exactly once', () => {
    given('// protects: here', 'one()', '// protects: here', 'two()')
    expect(() => changed('')).toThrow('stands in libs/a.ts, libs/a.ts')
    expect(() => changed('', 'there')).toThrow('stands in nowhere')
  })

  it('must be followed by code', () => {
    given('f(() => {', '  one()', '  // protects: here', '})')
    expect(() => changed('')).toThrow('`protects: here` protects no code')
  })
})
