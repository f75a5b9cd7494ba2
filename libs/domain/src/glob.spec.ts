import fc from 'fast-check'
import { globMatcher } from './index.js'

describe('a glob', () => {
  it.each([
    ['query.*', 'query.timeout', true],
    ['query.*', 'query.', true],
    ['query.*', 'query', false],
    ['query.*', 'the query.timeout', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['*.timeout', 'apps/checkout.db.timeout', true],
    ['a*b*c', 'a/x.b/b.y/c', true],
    ['a*b*c', 'a/x.b/b.y/c/', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a?c', 'a/c', true],
    ['?', '\u{1F680}', true],
    ['[abc]', 'b', true],
    ['[abc]', 'd', false],
    ['[abc]', 'ab', false],
    ['[a-c]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[!a-c]x', 'dx', true],
    ['[!a-c]x', 'ax', false],
    ['[!a]', '', false],
    ['[c-a]', 'b', false],
    ['[a-]', '-', true],
    ['[-a]', '-', true],
    ['[]a]', ']', true],
    ['[!]a]', ']', false],
    ['[!]a]', 'b', true],
    ['[a^]', '^', true],
    ['[*]', '*', true],
    ['[*]', 'a', false],
    ['[\u{1F680}-\u{1F682}]', '\u{1F681}', true],
    ['a[b', 'a[b', true],
    ['a[b', 'ab', false],
    ['[]', '[]', true],
    ['a.c', 'abc', false],
    ['(a|b)+$', '(a|b)+$', true],
    ['a\\*', 'a\\bc', true],
    ['a\\*', 'a*', false],
    ['{a,b}', 'a', false],
    ['{a,b}', '{a,b}', true],
    ['Query', 'query', false],
    ['**', 'a/b', true],
    ['a\nb*', 'a\nb\nc', true],
  ])('%j and the key %j: %s', (glob, key, matches) => {
    expect(globMatcher(glob)(key)).toBe(matches)
  })

  it('tells what a matcher that tries everything tells', () => {
    const glob = fc.array(fc.constantFrom('*', '?', 'a', 'b', '[ab]', '[!a]', '[b-d]'), { maxLength: 6 })
    const key = fc.array(fc.constantFrom('a', 'b', 'c', '/'), { maxLength: 8 }).map(letters => letters.join(''))
    fc.assert(
      fc.property(glob, key, (tokens, text) => expect(globMatcher(tokens.join(''))(text)).toBe(tries(tokens, text))),
      { numRuns: 500 },
    )
  })

  it('that is any text without signs of its own matches that text alone', () => {
    const plain = fc.string({ unit: 'binary' }).filter(text => !/[*?[]/.test(text))
    fc.assert(fc.property(plain, plain, (glob, key) => expect(globMatcher(glob)(key)).toBe(glob === key)))
    fc.assert(fc.property(plain, glob => expect(globMatcher(glob)(glob)).toBe(true)))
  })

  it('cannot be so made that a key takes for ever', () => {
    const key = 'a'.repeat(512)
    // One that tries every run at every star would not be done in the life of the universe.
    expect(globMatcher('*a'.repeat(127) + '*b')(key)).toBe(false)
    expect(globMatcher('*[!b]'.repeat(51) + 'b')(key)).toBe(false)
    expect(globMatcher('a*'.repeat(128))(key)).toBe(true)
  })
})

/** The same by trying everything: exponential, and plain to see. */
function tries([token, ...tokens]: string[], key: string): boolean {
  if (token === undefined) return key === ''
  if (token === '*') return tries(tokens, key) || (key !== '' && tries([token, ...tokens], key.slice(1)))
  const sets: Record<string, RegExp> = { '?': /./, '[ab]': /[ab]/, '[!a]': /[^a]/, '[b-d]': /[b-d]/ }
  const letter = key[0]
  return letter !== undefined && (sets[token]?.test(letter) ?? letter === token) && tries(tokens, key.slice(1))
}
