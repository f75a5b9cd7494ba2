import fc from 'fast-check'
import { LinearRegExp, UnsupportedPattern } from './linear-regexp.js'

const native = (pattern: string, text: string) => new RegExp(pattern, 'u').test(text)

it.each([
  [String.raw`^\d+s$`, ['180s', '180 s', '١s', '']],
  [String.raw`^\s$`, [' ', '\u00a0', '\u2003', '\ufeff', '\v', '\u200b', 'x']],
  [String.raw`^[\S\d]$`, [' ', '\u00a0', 'x', '1']],
  [String.raw`^[^\s]$`, [' ', '\u3000', 'x']],
  ['^.$', ['\n', '\r', '\u2028', '\u{1F680}', 'a', 'ab']],
  ['a$', ['a', 'a\n', 'b\na']],
  ['^a', ['a', 'b\na']],
  ['^[]$', ['', 'a']],
  ['^[^]$', ['\n', 'a', '']],
  [String.raw`^\u{1F680}|\uD83D\uDE81$`, ['\u{1F680}', '\u{1F681}', '\u{1F682}']],
  [String.raw`\bend\b`, ['the end', 'ends', 'vend', 'the-end.']],
  [String.raw`\Bend`, ['end', 'vend']],
  [String.raw`^[\b]$`, ['\b', 'b']],
  [String.raw`^\cA\x41\0$`, ['\u0001A\0', 'cAx41']],
  [String.raw`^\/-?$`, ['/', '/-']],
  [String.raw`^[\-\]\\^]+$`, ['-', ']', '\\', '^', 'a']],
  [String.raw`^\p{Lu}\P{Lu}$`, ['Aa', 'aA', 'Äß']],
  [String.raw`^\p{Script=Greek}+$`, ['αβ', 'ab']],
  ['^(?<year>[0-9]{4})-(?:[0-9]{2}){1,2}$', ['2026-11', '2026-1130', '2026-1']],
  ['^a{2,}?b*?c+?$', ['aac', 'ac', 'aabbcc']],
  ['a||b', ['', 'x']],
  ['()', ['', 'x']],
])('LinearRegExp matches %s as ECMA-262 specifies', (pattern, texts) => {
  const linear = new LinearRegExp(pattern)
  for (const text of texts) expect([text, linear.test(text)]).toEqual([text, native(pattern, text)])
})

it('LinearRegExp matches any combination of supported parts as ECMA-262 specifies', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    '.',
    '[ab]',
    '[^a]',
    '[a-c\\d]',
    '\\d',
    '\\w',
    '\\s',
    '\\S',
    '\\b',
    '^',
    '$',
    '\\u{61}',
    '-',
  )
  const pattern = fc.letrec<{ pattern: string }>(tie => ({
    pattern: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `${a}|${b}`),
      tie('pattern').map(a => `(${a})`),
      fc
        .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0,}', '*?'))
        .map(([a, q]) => `(?:${a})${q}`),
    ),
  })).pattern
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '\n', '\u00a0', '-'), maxLength: 6 })
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 3, maxLength: 6 }), (source, texts) => {
      const linear = new LinearRegExp(source)
      expect(texts.map(each => linear.test(each))).toEqual(texts.map(each => native(source, each)))
    }),
    { numRuns: 1000 },
  )
})

it.each([
  ['[', /not a regular expression/],
  ['(?i)a', /not a regular expression/],
  ['[[:alpha:]]', /not a regular expression/],
  [String.raw`\A`, /not a regular expression/],
  [String.raw`\Qa\E`, /not a regular expression/],
  ['a{,3}', /not a regular expression/],
  ['(?=a)b', /lookahead \(\(\?=a\)\), which cannot be matched in linear time/],
  ['(?<!a)b', /lookbehind/],
  [String.raw`(a)\1`, /back-reference/],
  [String.raw`(?<n>a)\k<n>`, /back-reference/],
  ['a{1001}', /more than 1000 times/],
  ['(a{100}){100}', /more than 1000 times/],
  [String.raw`\p{Script_Extensions=Greek}`, /not supported/],
  ['('.repeat(30_000) + ')'.repeat(30_000), /nested too deeply/],
])('LinearRegExp rejects an invalid or unsupported pattern: case %#', (pattern, why) => {
  expect(() => new LinearRegExp(pattern)).toThrow(UnsupportedPattern)
  expect(() => new LinearRegExp(pattern)).toThrow(why)
})

it('LinearRegExp does not backtrack', () => {
  // A backtracking engine would practically never finish.
  expect(new LinearRegExp('^(a+)+$').test(`${'a'.repeat(10_000)}!`)).toBe(false)
  expect(new LinearRegExp('^(a|a|a)*(a|a)*$').test(`${'a'.repeat(10_000)}!`)).toBe(false)
})
