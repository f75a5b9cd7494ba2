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

describe('a body that records a deployment', () => {
  const validate = compileSchema(recordDeploymentSchema)
  const good = { environment: 'dev', imageTag: 'v1' }

  it('needs an environment and a tag, and nothing else', () => {
    expect(validate(good)).toEqual([])
    expect(validate({ ...good, imageTag: '' })).toEqual([])
    expect(validate({})).toEqual([
      { pointer: '/environment', detail: 'is required' },
      { pointer: '/imageTag', detail: 'is required' },
    ])
  })

  it.each<[string, object, string, RegExp]>([
    ['an unknown field', { colour: 'red' }, '/colour', /not a known field/],
    ['an unknown field within', { pipeline: { 'a/b~c': 1 } }, '/pipeline/a~1b~0c', /not a known field/],
    ['an unknown status', { status: 'DONE' }, '/status', /one of PENDING, DEPLOYED/],
    ['no UUID', { id: '12' }, '/id', /must be a UUID/],
    ['no zone', { deployedAt: '2026-02-12T10:00:00' }, '/deployedAt', /RFC 3339/],
    ['30 February', { completedAt: '2026-02-30T00:00:00Z' }, '/completedAt', /RFC 3339/],
    ['a number for a tag', { imageTag: 7 }, '/imageTag', /must be string/],
    ['an empty environment', { environment: '' }, '/environment', /fewer than 1/],
    ['a long tag', { imageTag: 'x'.repeat(257) }, '/imageTag', /more than 256/],
    ['a line break in a name', { application: 'a\nb' }, '/application', /control characters/],
    ['a label that is no text', { labels: { team: 1 } }, '/labels/team', /must be string/],
    ['null', { notes: null }, '/notes', /must be string/],
  ])('is refused with %s', (_, more, pointer, detail) => {
    expect(validate({ ...good, ...more })).toEqual([{ pointer, detail: expect.stringMatching(detail) }])
  })
})

it('a correction needs a reason and something to correct', () => {
  const validate = compileSchema(correctDeploymentSchema)
  expect(validate({ reason: 'wrong', notes: null, gitCommit: 'abc' })).toEqual([])
  expect(validate({ reason: 'wrong' })).toEqual([{ pointer: '', detail: 'must have at least 2 fields' }])
  expect(validate({ notes: 'x', environment: 'prod', reason: 'moved' })).toEqual([
    { pointer: '/environment', detail: 'is not a known field' },
  ])
})

describe('hostile text', () => {
  const deep = (depth: number): unknown => (depth === 0 ? 1 : { a: deep(depth - 1) })

  it.each<[string, unknown, string, RegExp]>([
    ['NUL in a value', { a: ['x', 'y\0'] }, '/a/1', /NUL/],
    ['NUL in a key', { a: { 'k\0': 1 } }, '/a', /NUL/],
    ['a lone surrogate', { a: '\ud800' }, '/a', /surrogate/],
    ['a lone surrogate in a key', { '\udc00': 1 }, '', /surrogate/],
    ['a number that JSON.parse makes infinite', { a: [JSON.parse('-1e400')] }, '/a/0', /range of a double/],
    ['depth', deep(5000), '/a'.repeat(32), /deeper than 32/],
    ['many values', Array.from({ length: 20_001 }, () => 0), '/19999', /more than 20000/],
  ])('is found: %s', (_, value, pointer, detail) => {
    const finding = findHostileText(value)
    expect(finding).toEqual({ pointer, detail: expect.stringMatching(detail) })
  })

  it('is not found in any well-formed value of ordinary size', () => {
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

it('the hash of a value does not depend on the order of its keys, and of nothing else', () => {
  expect(hashJson({ b: 1, a: [1, { d: 2, c: 3 }] })).toBe(hashJson({ a: [1.0, { c: 3, d: 2 }], b: 1 }))
  expect(hashJson({ a: 1 })).not.toBe(hashJson({ a: '1' }))
  expect(hashJson({ a: [1, 2] })).not.toBe(hashJson({ a: [2, 1] }))
})

describe('positions', () => {
  it('are read back as they were written', () => {
    const entries = fc.uniqueArray(fc.tuple(fc.nat({ max: 11 }), fc.nat()), {
      selector: ([partition]) => partition,
      minLength: 1,
    })
    fc.assert(
      fc.property(entries, list => expect(parsePositions(formatPositions(new Map(list)))).toEqual(new Map(list))),
    )
  })

  it.each(['', '1', '1:', ':1', '1:-1', '1:1,', 'a:b', '1:1.5', '99999:1'])('%j are none', text => {
    expect(parsePositions(text)).toBeUndefined()
  })
})
