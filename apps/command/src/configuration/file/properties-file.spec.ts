import { stringify } from 'dot-properties'
import fc from 'fast-check'
import { getProperties } from 'properties-file'
import type { HttpProblem } from '#libs/http'
import { readConfigurationFile } from './configuration-file.js'

const read = (text: string) => readConfigurationFile(text, 'text/x-java-properties')

/** The only error of the problem that reading throws. */
function errorOf(text: string): unknown {
  try {
    return read(text)
  } catch (problem) {
    const { errors = [] } = problem as HttpProblem
    return errors.length === 1 ? errors[0] : errors
  }
}

describe('readConfigurationFile of .properties', () => {
  it.each(['\n', '\r\n', '\r'])('reads a file as Java does, with lines that end in %j', end => {
    const lines = [
      '# a comment = of C:\\users\\app',
      '  ! another \\',
      'equals=a',
      'colon : b',
      'space c d ',
      'nothing',
      'empty=',
      'separators\t=\f= e : f',
      String.raw`escaped\ key\:\=\#=\t\n\r\f\\ \u00fc\uD83D\uDE00\"\:\ `,
      'two\\',
      '  lines = a\\',
      '\t# b \\\\\\',
      '   c',
      'backslashes=a\\\\',
      'last=1',
    ]
    expect(read(lines.join(end))).toEqual({
      equals: 'a',
      colon: 'b',
      space: 'c d ',
      nothing: '',
      empty: '',
      separators: '= e : f',
      'escaped key:=#': '\t\n\r\f\\ ü😀": ',
      twolines: 'a# b \\c',
      backslashes: 'a\\',
      last: '1',
    })
  })

  it.each(['', '\n', ' \r\n\t', '# all of it', '!'])('rejects an empty file: %j', text => {
    expect(errorOf(text)).toEqual({ pointer: '', detail: expect.stringMatching(/^is empty/) })
  })

  it.each(
    [
      ['a=1\nb=2\na=3', '/a', 'first on line 1', 3],
      ['a=1\n\\u0061=3', '/a', 'occurs twice', 2],
      ['a=1\n__proto__=2', '/__proto__', '__proto__', 2],
      ['home=C:\\users\\app', '/home', 'does not begin an escape', 1],
      ['home=C:\\Users\\app', '/home', 'does not begin an escape', 1],
      ['a=1\nlong=x\\\n  y \\d+', '/long', 'does not begin an escape', 2],
      ['a=\\u12', '/a', 'does not begin an escape', 1],
      ['a=\\u12g4', '/a', 'does not begin an escape', 1],
      ['a=\\x41', '/a', 'does not begin an escape', 1],
      ['a=\\0', '/a', 'does not begin an escape', 1],
      ['a=1\nC\\users=1', '', 'does not begin an escape', 2],
      ['a=\\u0000', '/a', 'NUL', 1],
      ['a=\\ud800x', '/a', 'surrogate', 1],
      ['a\\u0000=1', '', 'NUL', 1],
      ['a=1\nhome=C:\\', '', 'ends with a backslash', 2],
      ['a=1\nhome=C:\\\n', '', 'ends with a backslash', 2],
      ['a=1\n=2', '/', '1 characters', 2],
      ['a=1\nb\\nc=2', '/b\nc', 'control characters', 2],
      [`a=1\n${'k'.repeat(513)}=2`, `/${'k'.repeat(512)}...`, '512 characters', 2],
      [Array.from({ length: 10_001 }, (_, n) => `k${n}=`).join('\n'), '', 'more than 10000 keys', 10_001],
    ].map(([text, ...rest]) => [String(text).slice(0, 50), text, ...rest] as [string, string, string, string, number]),
  )('rejects a file with the pointer and line of the error: %j', (_, text, pointer, detail, line) => {
    expect(errorOf(text)).toEqual({
      pointer,
      detail: expect.stringMatching(new RegExp(`${detail}.* \\(line ${line}\\)$`)),
    })
  })

  it('reads what dot-properties writes', () => {
    const text = fc.string({ unit: 'grapheme' }).filter(text => !text.includes('\0') && text.isWellFormed())
    // oxlint-disable-next-line no-control-regex -- a key has none of them
    const key = text.filter(key => !/^$|[\u0000-\u001f\u007f]/.test(key) && key !== '__proto__')
    fc.assert(
      fc.property(fc.dictionary(key, text, { minKeys: 1, noNullPrototype: true }), values => {
        expect(read(stringify(values, { pathSep: '\0', lineWidth: null }))).toEqual(values)
      }),
    )
  })

  it('returns the same as the properties-file package, or rejects the file', () => {
    const pieces = fc.constantFrom(...'a¦b¦=¦:¦ ¦\t¦\f¦\\¦\\\\¦\n¦\r\n¦\r¦#¦!¦\\n¦\\u00fc¦\\:¦\\ ¦\\u¦x'.split('¦'))
    let compared = 0
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 16 }), parts => {
        const text = parts.join('')
        const ours = attempt(() => read(text))
        if (ours === undefined) return
        compared++
        expect([text, ours]).toEqual([text, getProperties(text)])
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
