import fc from 'fast-check'
import { canonicalize } from 'json-canonicalize'
import { canonicalJson, equalJson, hashJson, type Json } from '../index.js'

describe('canonicalJson', () => {
  it('is the text that another implementation of RFC 8785 writes', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('10', '9', 'a', 'B', 'é', '\u{1F680}', '\uFFFD', '', '"', '\n', 'toJSON'),
    )
    const scalar = fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }))
    const { json } = fc.letrec<{ json: unknown }>(tie => ({
      json: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.constantFrom<unknown>(null, true, false, 0, -0, 1e21, 1e-7, 5e-324),
        fc.array(tie('json')),
        fc.array(scalar),
        fc.dictionary(name, fc.oneof(tie('json'), fc.constant(undefined)), { noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(json, value => expect(canonicalJson(value)).toBe(canonicalize(value))),
      { numRuns: 2000 },
    )
  })

  it.each([
    [{ b: 1, a: [1, 'x'] }, '{"a":[1,"x"],"b":1}'],
    [{ b: undefined, 9: 1, 10: 2 }, '{"10":2,"9":1}'],
  ])('of %j', (value, text) => expect(canonicalJson(value)).toBe(text))

  it('does not exist for numbers that are not finite', () => {
    for (const value of [Number.NaN, [Infinity], { a: [1, -Infinity] }])
      expect(() => canonicalJson(value)).toThrow(/JSON/)
  })
})

it('hashJson is the SHA-256 of the canonical form', () => {
  expect(hashJson({ b: [1], a: null })).toBe('98b8af4db27ca74550205512d9b8a9a03b9d0ff1dd687e2366f5d876f5de2530')
})

it('equalJson compares by the canonical form', () => {
  const name = fc.constantFrom('a', 'b', '1', '10')
  const { json } = fc.letrec<{ json: unknown }>(tie => ({
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(null, true, 0, -0, 1, '', '1'),
      fc.array(tie('json'), { maxLength: 2 }),
      fc.dictionary(name, fc.oneof(tie('json'), fc.constant(undefined)), { maxKeys: 3, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(equalJson(a as Json, b as Json)).toBe(canonicalJson(a) === canonicalJson(b))
      expect(equalJson(a as Json, structuredClone(a) as Json)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

it('equalJson ignores the order of members', () => {
  expect(equalJson({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 })).toBe(true)
  expect(equalJson({ a: 1 }, { a: 2 })).toBe(false)
  expect(equalJson([1, 2], [2, 1])).toBe(false)
})
