import fc from 'fast-check'
import { globMatcher } from './glob.js'

describe('globMatcher', () => {
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
  ])('matches %j against the key %j: %s', (glob, key, matches) => {
    expect(globMatcher(glob)(key)).toBe(matches)
  })

  it('agrees with an exhaustive matcher', () => {
    const glob = fc.array(fc.constantFrom('*', '?', 'a', 'b', '[ab]', '[!a]', '[b-d]'), { maxLength: 6 })
    const key = fc.array(fc.constantFrom('a', 'b', 'c', '/'), { maxLength: 8 }).map(letters => letters.join(''))
    fc.assert(
      fc.property(glob, key, (tokens, text) =>
        expect(globMatcher(tokens.join(''))(text)).toBe(matchesExhaustively(tokens, text)),
      ),
      { numRuns: 500 },
    )
  })

  it('agrees with a matcher by positions for globs of any length', () => {
    const glob = fc.array(fc.constantFrom('*', '?', 'a', 'a', 'b', '[ab]', '[!a]', '[b-d]'), { maxLength: 100 })
    const key = fc.array(fc.constantFrom('a', 'a', 'b', 'c'), { maxLength: 120 }).map(letters => letters.join(''))
    const fitting = glob.chain(tokens =>
      fc.tuple(
        fc.constant(tokens),
        fc.tuple(...tokens.map(token => textMatching(token))).map(parts => parts.join('')),
      ),
    )
    fc.assert(
      fc.property(fc.oneof(fc.tuple(glob, key), fitting), ([tokens, text]) =>
        expect(globMatcher(tokens.join(''))(text)).toBe(matchesByPositions(tokens, text)),
      ),
      { numRuns: 500 },
    )
  })

  it('matches a glob without special characters only against itself', () => {
    const plain = fc.string({ unit: 'binary' }).filter(text => !/[*?[]/.test(text))
    fc.assert(fc.property(plain, plain, (glob, key) => expect(globMatcher(glob)(key)).toBe(glob === key)))
    fc.assert(fc.property(plain, glob => expect(globMatcher(glob)(glob)).toBe(true)))
  })

  it('matches any glob in bounded time', () => {
    const key = 'a'.repeat(512)
    // A backtracking matcher would practically never finish.
    expect(globMatcher('*a'.repeat(127) + '*b')(key)).toBe(false)
    expect(globMatcher('*[!b]'.repeat(51) + 'b')(key)).toBe(false)
    expect(globMatcher('a*'.repeat(128))(key)).toBe(true)
    expect(globMatcher('*?'.repeat(128))(key)).toBe(true)
  })
})

/** A text that a token matches. */
function textMatching(token: string): fc.Arbitrary<string> {
  const texts: Record<string, string[]> = {
    '*': ['', 'a', 'cab'],
    '?': ['a', '/'],
    '[ab]': ['a', 'b'],
    '[!a]': ['b', '-'],
  }
  return fc.constantFrom(...(texts[token] ?? (token === '[b-d]' ? ['b', 'd'] : [token])))
}

/** Matches by the set of positions in the key at which each token can end. */
function matchesByPositions(tokens: string[], key: string): boolean {
  let positions = new Set([0])
  for (const token of tokens) {
    const from = [...positions]
    const after = (at: number) => Array.from({ length: key.length - at + 1 }, (_, n) => at + n)
    positions = new Set(
      token === '*'
        ? after(Math.min(...from, key.length + 1))
        : from.filter(at => accepts(token, key[at])).map(at => at + 1),
    )
    if (positions.size === 0) return false
  }
  return positions.has(key.length)
}

/** Matches by trying everything, in exponential time. */
function matchesExhaustively([token, ...tokens]: string[], key: string): boolean {
  if (token === undefined) return key === ''
  if (token === '*')
    return matchesExhaustively(tokens, key) || (key !== '' && matchesExhaustively([token, ...tokens], key.slice(1)))
  return accepts(token, key[0]) && matchesExhaustively(tokens, key.slice(1))
}

function accepts(token: string, letter: string | undefined): boolean {
  const sets: Record<string, RegExp> = { '?': /./, '[ab]': /[ab]/, '[!a]': /[^a]/, '[b-d]': /[b-d]/ }
  return letter !== undefined && (sets[token]?.test(letter) ?? letter === token)
}
