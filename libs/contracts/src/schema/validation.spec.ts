import fc from 'fast-check'
import {
  compileSchema,
  correctDeploymentSchema,
  findHostileText,
  hashJson,
  formatPositions,
  parsePositions,
  recordDeploymentSchema,
} from '#libs/contracts'

describe('recordDeploymentSchema', () => {
  const validate = compileSchema(recordDeploymentSchema)
  const good = { environment: 'dev', imageTag: 'v1' }

  it('requires an environment and a tag only', () => {
    expect(validate(good)).toEqual([])
    expect(validate({ ...good, imageTag: '' })).toEqual([])
    expect(validate({})).toEqual([
      { pointer: '/environment', detail: 'is required' },
      { pointer: '/imageTag', detail: 'is required' },
    ])
  })

  it.each<[string, object, string, RegExp]>([
    ['an unknown field', { colour: 'red' }, '/colour', /not a known field/],
    ['an unknown nested field', { pipeline: { 'a/b~c': 1 } }, '/pipeline/a~1b~0c', /not a known field/],
    ['an unknown status', { status: 'DONE' }, '/status', /one of PENDING, DEPLOYED/],
    ['an id that is not a UUID', { id: '12' }, '/id', /must be a UUID/],
    ['a time without a zone', { deployedAt: '2026-02-12T10:00:00' }, '/deployedAt', /RFC 3339/],
    ['the date 30 February', { completedAt: '2026-02-30T00:00:00Z' }, '/completedAt', /RFC 3339/],
    ['a number as the tag', { imageTag: 7 }, '/imageTag', /must be string/],
    ['an empty environment', { environment: '' }, '/environment', /fewer than 1/],
    ['a long tag', { imageTag: 'x'.repeat(257) }, '/imageTag', /more than 256/],
    ['a line break in a name', { application: 'a\nb' }, '/application', /control characters/],
    ['a label that is not a string', { labels: { team: 1 } }, '/labels/team', /must be string/],
    ['null', { notes: null }, '/notes', /must be string/],
  ])('rejects %s', (_, more, pointer, detail) => {
    expect(validate({ ...good, ...more })).toEqual([{ pointer, detail: expect.stringMatching(detail) }])
  })
})

it('correctDeploymentSchema requires a reason and at least one correction', () => {
  const validate = compileSchema(correctDeploymentSchema)
  expect(validate({ reason: 'wrong', notes: null, gitCommit: 'abc' })).toEqual([])
  expect(validate({ reason: 'wrong' })).toEqual([{ pointer: '', detail: 'must have at least 2 fields' }])
  expect(validate({ notes: 'x', environment: 'prod', reason: 'moved' })).toEqual([
    { pointer: '/environment', detail: 'is not a known field' },
  ])
})

describe('findHostileText', () => {
  const deep = (depth: number): unknown => (depth === 0 ? 1 : { a: deep(depth - 1) })

  it.each<[string, unknown, string, RegExp]>([
    ['NUL in a value', { a: ['x', 'y\0'] }, '/a/1', /NUL/],
    ['NUL in a key', { a: { 'k\0': 1 } }, '/a', /NUL/],
    ['a lone surrogate', { a: '\ud800' }, '/a', /surrogate/],
    ['a lone surrogate in a key', { '\udc00': 1 }, '', /surrogate/],
    ['a number that JSON.parse makes infinite', { a: [JSON.parse('-1e400')] }, '/a/0', /range of a double/],
    ['a depth above 32', deep(5000), '/a'.repeat(32), /deeper than 32/],
    ['more than 20,000 values', Array.from({ length: 20_001 }, () => 0), '/19999', /more than 20000/],
  ])('finds %s', (_, value, pointer, detail) => {
    const finding = findHostileText(value)
    expect(finding).toEqual({ pointer, detail: expect.stringMatching(detail) })
  })

  it('finds nothing in a well-formed value of ordinary size', () => {
    const wellFormed = fc.string({ unit: 'grapheme' }).filter(text => !text.includes('\0'))
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), wellFormed, (value, text) => {
        const clean = !JSON.stringify(value).includes('\\u0000') && JSON.stringify(value).isWellFormed()
        fc.pre(clean && !/\\ud[89a-f]/i.test(JSON.stringify(value)))
        expect(findHostileText({ value, text })).toBeUndefined()
      }),
    )
  })
})

it('hashJson depends on the values and the order of arrays, but not on the order of keys', () => {
  expect(hashJson({ b: 1, a: [1, { d: 2, c: 3 }] })).toBe(hashJson({ a: [1.0, { c: 3, d: 2 }], b: 1 }))
  expect(hashJson({ a: 1 })).not.toBe(hashJson({ a: '1' }))
  expect(hashJson({ a: [1, 2] })).not.toBe(hashJson({ a: [2, 1] }))
})

describe('positions', () => {
  it('survive formatting and parsing', () => {
    const entries = fc.uniqueArray(fc.tuple(fc.nat({ max: 11 }), fc.nat()), {
      selector: ([partition]) => partition,
      minLength: 1,
    })
    fc.assert(
      fc.property(entries, list => expect(parsePositions(formatPositions(new Map(list)))).toEqual(new Map(list))),
    )
  })

  it.each(['', '1', '1:', ':1', '1:-1', '1:1,', 'a:b', '1:1.5', '99999:1'])('reject %j', text => {
    expect(parsePositions(text)).toBeUndefined()
  })
})
