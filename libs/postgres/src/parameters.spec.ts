import fc from 'fast-check'
import { parseParameters } from './parameters.js'

test('numbers each name once, in the order of first occurrence', () => {
  expect(parseParameters('SELECT $b::text[] || $a, $b, $_2[$a:$b]')).toEqual({
    text: 'SELECT $1::text[] || $2, $1, $3[$2:$1]',
    names: ['b', 'a', '_2'],
  })
})

test.each([
  [`'$a'`, 'a string'],
  [`'it''s $a'`, 'a quote in a string'],
  [`E'it\\'s $a'`, 'an escape string'],
  [`"$a"`, 'a quoted name'],
  [`"a""$a"`, 'a quote in a quoted name'],
  ['-- $a\n', 'a comment'],
  ['/* $a */', 'a block comment'],
  ['a$b', 'a name with a dollar'],
])('leaves %s as it is: %s', literal => {
  expect(parseParameters(`${literal} $x`)).toEqual({ text: `${literal} $1`, names: ['x'] })
})

test.each([
  ['SELECT $1', 'a parameter has a name, as in $tenant: $1'],
  ['SELECT $', 'a parameter has a name, as in $tenant: $'],
  ['SELECT $$text$$', 'use quotes instead of dollar quotes: $$text$$'],
  ['SELECT $tag$text$tag$', 'use quotes instead of dollar quotes: $tag$text$tag$'],
  [`SELECT 'text`, `' has no end: 'text`],
  ['SELECT "name', '" has no end: "name'],
  ['SELECT /* comment', '/* has no end: /* comment'],
  ['SELECT /* one /* two */ */ $a', '/* has no end: /* one /* two */ */ $a'],
])('refuses %s', (text, message) => {
  expect(() => parseParameters(text)).toThrow(message)
})

test('any text comes back with the names in place of the numbers', () => {
  const name = fc.stringMatching(/^[a-zäß_][a-z0-9_ä]{0,5}$/)
  const piece = fc.oneof(
    name.map(parameter => ({ sql: `$${parameter}`, parameter })),
    fc
      .oneof(
        fc.constantFrom('::text[]', ' = ANY (', ')', 'SELECT', ' ', '->>', '\n', ',', '1', 'e', 'x'),
        fc.string({ unit: fc.constantFrom('$', 'a', ' ', '1', "''", '"', '-') }).map(text => `'${text}'`),
        fc.string({ unit: fc.constantFrom('$', 'a', ' ', '1', "'", '""', '-') }).map(text => `"${text}"`),
        fc.string({ unit: fc.constantFrom('$', 'a', "'", '"', '1') }).map(text => `--${text}\n`),
      )
      .map(sql => ({ sql })),
  )
  fc.assert(
    fc.property(fc.array(piece), pieces => {
      // Separated, since two pieces side by side may make another token.
      const { text, names } = parseParameters(pieces.map(({ sql }) => sql).join(' '))
      const numbered = pieces.map(each => ('parameter' in each ? `$${names.indexOf(each.parameter) + 1}` : each.sql))
      expect(text).toBe(numbered.join(' '))
      expect(names).toEqual([...new Set(pieces.flatMap(each => ('parameter' in each ? [each.parameter] : [])))])
    }),
  )
})
