import fc from 'fast-check'
import { parse as parseYaml } from 'yaml'
import type { HttpProblem } from '#libs/http'
import { readConfigurationFile } from './configuration-file.js'

const read = (text: string, flatten = false) => readConfigurationFile(text, 'application/yaml', { flatten })

/** The only error of the problem that reading throws. */
function errorOf(text: string, flatten = false): unknown {
  try {
    return read(text, flatten)
  } catch (problem) {
    const { errors = [] } = problem as HttpProblem
    return errors.length === 1 ? errors[0] : errors
  }
}

describe('readConfigurationFile of YAML', () => {
  it('reads a file by the core schema of YAML 1.2', () => {
    const text = [
      'words: [null, ~, Null, true, FALSE, yes, Off, y]',
      'integers: [0, -12, +7, 007, 0x1F, 0o17, 9007199254740991]',
      'decimals: [1.0, 1.10, .5, 1., 1e3, -2.5E-3, 0.1]',
      'strings: ["1", \'~\', 1_000, 12:30:45, 2026-01-01, 0b1, !!str 12, ! 12, v1.2]',
      'tagged: [!!int "12", !!float 1, !!bool true, !!null "", !!seq [1], !!map {a: 1}, !<tag:yaml.org,2002:str> 1]',
      'nothing:',
      '1: number',
      'null: word',
      '"<<": quoted',
      'block: |',
      '  one',
      '    two',
      'folded: >-',
      '  one',
      '  two',
    ].join('\n')
    expect(read(`%YAML 1.2\n--- # a comment\n${text}\n...\n`)).toEqual({
      words: [null, null, null, true, false, 'yes', 'Off', 'y'],
      integers: [0, -12, 7, 7, 31, 15, 9007199254740991],
      decimals: [1, 1.1, 0.5, 1, 1000, -0.0025, 0.1],
      strings: ['1', '~', '1_000', '12:30:45', '2026-01-01', '0b1', '12', '12', 'v1.2'],
      tagged: [12, 1, true, null, [1], { a: 1 }, '1'],
      nothing: null,
      1: 'number',
      null: 'word',
      '<<': 'quoted',
      block: 'one\n  two\n',
      folded: 'one two',
    })
  })

  it.each(['\r\n', '\r'])('accepts lines that end in %j', end => {
    expect(read(['a: 1', 'b: |', '  x', '  y', ''].join(end))).toEqual({ a: 1, b: 'x\ny\n' })
    expect(errorOf(['a: 1', 'b: *x'].join(end))).toEqual({
      pointer: '/b',
      detail: expect.stringMatching(/\(line 2\)$/),
    })
  })

  it.each([
    '',
    '\n',
    ' \n\t',
    '~',
    'null',
    '# a comment',
    '---',
    '---\n...\n',
    '...',
    '\ufeff',
    '%YAML 1.2\n---\n',
    '!!null',
  ])('rejects an empty file: %j', text => {
    expect(errorOf(text)).toEqual({ pointer: '', detail: 'is empty: to delete all keys, send `{}` as JSON or YAML' })
  })

  it.each(['{}', '--- {}', '# all of it\n{}\n', '!!map {}'])('accepts an empty map: %j', text => {
    expect(read(text)).toEqual({})
  })

  it.each(
    [
      // Names.
      ['a: 1\nb: 2\na: 3', '/a', 'occurs twice', 3],
      ['a: 1\n"\\x61": 3', '/a', 'occurs twice', 2],
      ['a: {b: 1, "b": 2}', '/a/b', 'occurs twice', 1],
      ['a:\n  - b: 1\n    b: 2', '/a/0/b', 'occurs twice', 3],
      ['__proto__: 1', '/__proto__', '__proto__', 1],
      ['a:\n  - x\n  - __proto__: {a: 1}', '/a/1/__proto__', '__proto__', 3],
      ['a: 1\n? [b]\n: 2', '', 'name that is not a string', 2],
      ['a: 1\n? {b: c}\n: 2', '', 'name that is not a string', 2],
      ['!!int 1: a', '', 'name with a tag', 1],
      [`a: 1\n${'k'.repeat(513)}: 1`, `/${'k'.repeat(512)}...`, '512 characters', 2],
      ['a: 1\n"b\\nc": 1', '/b\nc', 'control characters', 2],
      ['a: 1\n"": 1', '/', '1 characters', 2],
      // References.
      ['a: &a 1', '/a', 'anchor', 1],
      ['a:\n  &b b: 1', '/a', 'anchor', 2],
      ['a: &a\n  b: *a', '/a', 'anchor', 2],
      ['a: 1\nb: [1, *a]', '/b/1', 'alias', 2],
      ['a: *nowhere', '/a', 'alias', 1],
      ['a:\n  <<: {b: 1}', '/a', 'merge key', 2],
      ['<<: [{b: 1}, {c: 1}]', '', 'merge key', 1],
      // Tags.
      ['a: !!set {b, c}', '/a', 'tag', 1],
      ['a: 1\nb: !!omap [c: 1]', '/b', 'tag', 2],
      ['a: !!binary aGVsbG8=', '/a', 'tag', 1],
      ['a: !!timestamp 2026-01-01', '/a', 'tag', 1],
      ['a: !!pairs [b: 1]', '/a', 'tag', 1],
      ['a: !mine 1', '/a', 'tag', 1],
      ['a: !<tag:example.org,2026:x> 1', '/a', 'tag', 1],
      ['a: !!map 1', '/a', 'tag', 1],
      ['a: !!str [1]', '/a', 'tag', 1],
      ['a: !!int 1.5', '/a', 'does not fit its tag !!int', 1],
      ['a: !!bool maybe', '/a', 'does not fit', 1],
      ['a: !!null 0', '/a', 'does not fit', 1],
      ['%TAG ! tag:example.org,2026:\n---\na: 1', '', '%TAG', 1],
      ['%YAML 1.1\n---\na: yes', '', '%YAML directive', 1],
      ['# two\na: 1\n---\nb: 1', '', 'second document', 3],
      // Numbers.
      ['a: [1, .nan]', '/a/1', 'JSON cannot represent', 1],
      ['a: 1\nb: -.Inf', '/b', 'JSON cannot represent', 2],
      ['a: !!float .inf', '/a', 'JSON cannot represent', 1],
      ['a: 3791411052119578828', '/a', 'beyond', 1],
      ['a: -9007199254740992', '/a', 'beyond', 1],
      ['a: 0x20000000000000', '/a', 'beyond', 1],
      ['a: 0o400000000000000000', '/a', 'beyond', 1],
      ['a: 1e400', '/a', 'beyond', 1],
      [`a: ${'9'.repeat(100_000)}`, '/a', 'beyond', 1],
      ['a: 0.1234567890123456789', '/a', 'more digits', 1],
      ['a: !!int "9007199254740993"', '/a', 'beyond', 1],
      // Characters.
      ['a: "\\0"', '/a', 'NUL', 1],
      ['a: "\\ud800"', '/a', 'surrogate', 1],
      ['a: 1\n"b\\0": 1', '', 'NUL', 2],
      ['a: 1\nb: \u0001', '', 'non-printable', 2],
      // Grammar.
      ['a: [1', '', 'is not valid YAML', 1],
      ['a: 1\n\tb: 2', '', 'is not valid YAML', 2],
      ['a: "b', '', 'is not valid YAML', 1],
      ['a: b: c', '', 'is not valid YAML', 1],
      [`a: !${'x'.repeat(1_000_000)} 1`, '/a', 'tag', 1],
    ].map(([text, ...rest]) => [String(text).slice(0, 50), text, ...rest] as [string, string, string, string, number]),
  )('rejects a file with the pointer and line of the error: %j', (_, text, pointer, detail, line) => {
    expect(errorOf(text)).toEqual({
      pointer,
      detail: expect.stringMatching(new RegExp(`${detail}.* \\(line ${line}\\)$`, 's')),
    })
  })

  it('flattens maps to keys with dots, and reports errors at their location in the file', () => {
    expect(read('server:\n  port: 80\n  hosts: [a]\n  more: {}\na.b: 1', true)).toEqual({
      'server.port': 80,
      'server.hosts': ['a'],
      'server.more': {},
      'a.b': 1,
    })
    expect(errorOf('a.b: 1\na:\n  b: 2', true)).toEqual({
      pointer: '/a/b',
      detail: expect.stringMatching(/twice.* \(line 3\)$/),
    })
    expect(errorOf('a:\n  c: 1\n  "b\\n": 2', true)).toEqual({
      pointer: '/a/b\n',
      detail: expect.stringMatching(/\(line 3\)$/),
    })
    const wide = Array.from({ length: 10_000 }, (_, n) => `k${n}: 1`).join(', ')
    expect(errorOf(`? ${'p'.repeat(500_000)}\n: {${wide}}`, true)).toEqual({
      pointer: `/${'p'.repeat(512)}...`,
      detail: 'belongs to a key that is too long (line 1)',
    })
  })

  it('accepts a flow collection that is closed at the indentation of its key', () => {
    const text = [
      'list: [',
      '  1,',
      '  [',
      '    2',
      '  ]',
      ']',
      'literal: |',
      '  {',
      '    "a": [',
      '    ]',
      '  }',
      'nested:',
      '  map: {',
      '    a: {',
      '      b: "c',
      '        }"',
      '    }',
      '  }',
      '  last: x',
      '    ] y',
    ]
    const value = {
      list: [1, [2]],
      literal: '{\n  "a": [\n  ]\n}\n',
      nested: { map: { a: { b: 'c }' } }, last: 'x ] y' },
    }
    expect(read(text.join('\n'))).toEqual(value)
    expect(read(text.join('\r\n'))).toEqual(value)
    expect(errorOf(`${text.join('\n')}\nb: *c`)).toMatchObject({
      pointer: '/b',
      detail: expect.stringMatching(/\(line 21\)$/),
    })
    // A literal that begins so is rejected, since it would be changed.
    expect(errorOf('a: [\n]\nb: |\n  }\n c')).toEqual({
      pointer: '',
      detail: expect.stringMatching(/^is not valid YAML.*\(line \d\)$/),
    })
    expect(errorOf('a: [\n1\n]')).toEqual({ pointer: '', detail: 'is not valid YAML: deficient indentation (line 2)' })
  })

  it('returns the same as the yaml package, or rejects the file', () => {
    const pieces = fc.constantFrom(
      ...'a: ¦b: ¦- ¦? ¦: ¦\n¦\n  ¦\n    ¦[¦]¦{¦}¦, ¦|\n  ¦>\n  ¦"¦\'¦# c¦x¦yes¦1¦0o7¦1.5¦~¦true¦---\n¦!!str ¦!!int ¦é¦\\n¦  ¦x y¦"q"¦\'s\'¦[1, 2]¦{c: d}'.split(
        '¦',
      ),
    )
    let compared = 0
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 10 }), parts => {
        const text = `k: ${parts.join('')}`
        const [ours, theirs] = [
          attempt(() => read(text)),
          attempt(() => parseYaml(text, { stringKeys: true, logLevel: 'error' })),
        ]
        if (ours === undefined || theirs === undefined) return
        compared++
        expect([text, ours]).toEqual([text, theirs])
      }),
      { numRuns: 5000 },
    )
    expect(compared).toBeGreaterThan(500)
  })
})

function attempt(work: () => unknown): unknown {
  try {
    return work()
  } catch {
    return undefined
  }
}
