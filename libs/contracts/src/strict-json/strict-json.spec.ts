import fc from 'fast-check'
import { parseStrictJson } from '../index.js'

const parse = (text: string) => parseStrictJson(Buffer.from(text))

describe('parseStrictJson', () => {
  it('parses what JSON.stringify writes', () => {
    const text = fc.string({ unit: 'grapheme' }).filter(text => !text.includes('\0') && text.isWellFormed())
    const key = text.filter(key => key !== '__proto__')
    const safe = { noNaN: true, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }
    const { json } = fc.letrec<{ json: unknown }>(tie => ({
      json: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.double(safe).map(number => (Object.is(number, -0) ? 0 : number)),
        fc.constantFrom(null, true, false),
        fc.array(tie('json')),
        fc.dictionary(key, tie('json'), { noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 2, '\t'), (value, space) => {
        expect(parse(JSON.stringify(value, null, space))).toEqual({ value })
      }),
    )
  })

  it('never throws for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        const parsed = parseStrictJson(bytes)
        expect('value' in parsed || parsed.finding.detail.length > 0).toBe(true)
      }),
    )
  })

  it('accepts the same texts as JSON.parse', () => {
    const pieces = fc.constantFrom(
      ...'{¦}¦[¦]¦,¦:¦"¦"a"¦"b"¦1¦-¦0¦.¦e¦+¦true¦nul¦null¦ ¦\n¦\t¦\\¦u¦0041¦\\u0041¦\\n¦\u0001¦é¦\ufeff¦[1,2]¦{"a":1}¦"a":¦1.5e3¦01¦"\\""'.split(
        '¦',
      ),
    )
    const written = fc.array(pieces, { maxLength: 12 }).map(parts => parts.join(''))
    const valid = fc.json({ maxDepth: 3 })
    const broken = fc.tuple(valid, fc.nat(), pieces).map(([text, at, piece]) => {
      const position = at % (text.length + 1)
      return text.slice(0, position) + piece + text.slice(position)
    })
    fc.assert(
      fc.property(fc.oneof(written, valid, broken), text => {
        const parsed = parseStrictJson(Buffer.from(`\ufeff${text}`))
        // The parser stops at the first fault: a number that is too large may precede a syntax error.
        if ('finding' in parsed && !parsed.finding.detail.startsWith('is not JSON')) return
        expect([text, 'value' in parsed]).toEqual([text, isParsed(text)])
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['{"password": "secret",}', 'character 23'],
    ['', 'character 1'],
    ['{"a": 1', 'character 8'],
    ['{"a":\n  "s3cr3t\n"}', 'line 2, character 10'],
    ['[1,\r\n2,\r\n x]', 'line 3, character 2'],
  ])('reports the position of the syntax error in %j without quoting the text', (text, position) => {
    expect(parse(text)).toEqual({
      finding: { pointer: '', detail: `is not JSON: it cannot be parsed at ${position}` },
    })
  })

  it.each(
    withTitles([
      ['{"limit": 9, "limit": 0}', '/limit', 'occurs twice'],
      [String.raw`{"limit": 9, "limi\u0074": 0}`, '/limit', 'occurs twice'],
      ['{"a": [0, {"b": 1, "c": 2, "b": 1}]}', '/a/1/b', 'occurs twice'],
      ['{"": 1, "": 1}', '/', 'occurs twice'],
      ['{"__proto__": 1}', '/__proto__', '__proto__'],
      [String.raw`{"a": {"\u005f_proto__": 1}}`, '/a/__proto__', '__proto__'],
      ['{"a/b": {"constructor": {"prototype": 1}}}', '/a~1b/constructor', 'prototype'],
      [String.raw`{"a": ["x", "\u0000"]}`, '/a/1', 'NUL'],
      [String.raw`{"a": {"b\u0000": 1}}`, '/a', 'NUL'],
      [String.raw`{"a": "\ud800"}`, '/a', 'surrogate'],
      [String.raw`{"a": "\udc00\ud800"}`, '/a', 'surrogate'],
      [String.raw`{"a": "\ud800\u0041"}`, '/a', 'surrogate'],
      ['{\n"a": 1,\n"b": [\n9007199254740993]}', '/b/0', '(line 4)'],
      [`${'['.repeat(33)}${']'.repeat(33)}`, '/0'.repeat(32), 'deeper than 32'],
      ['['.repeat(1_000_000), '', 'cannot be parsed at character 1000001'],
      [`${'['.repeat(1_000_000)}]`, '/0'.repeat(32), 'deeper than 32'],
      [`${'{"a":'.repeat(1_000_000)}}\n`, '/a'.repeat(32), 'deeper than 32'],
      [`[${'1,'.repeat(30_000)}1]`, '/19999', 'more than 20000 values'],
      [`{"${'k'.repeat(100_000)}": 1e400}`, `/${'k'.repeat(512)}...`, 'beyond'],
    ]),
  )('rejects %s and reports the pointer', (_, text, pointer, detail) => {
    expect(parse(text)).toEqual({ finding: { pointer, detail: expect.stringContaining(detail) } })
  })

  it('accepts values that only resemble rejected ones', () => {
    const value = {
      labels: { constructor: 'acme', prototype: '1', is__proto__: 'x' },
      notes: '__proto__',
      list: [{ a: 1 }, { a: 1 }, '\ud83d\ude00'],
      a: { a: { a: 1 } },
    }
    expect(parse(JSON.stringify(value))).toEqual({ value })
    expect(parse(`${'['.repeat(32)}${']'.repeat(32)}`)).toHaveProperty('value')
    expect(parse(String.raw`["\ud83d\ude00\u00e9"]`)).toEqual({ value: ['😀é'] })
  })
})

/** Shortens texts of several MiB for the titles of the tests. */
function withTitles(cases: [text: string, pointer: string, detail: string][]) {
  return cases.map(([text, pointer, detail]) => [text.slice(0, 50), text, pointer, detail] as const)
}

function isParsed(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
