import { compileKeySchema, EndlessSchema, keySchemaFinding, type Json } from './index.js'

it('holds values against a schema, each for itself', () => {
  const check = compileKeySchema({ type: 'object', properties: { size: { enum: ['s', 'm'] } }, required: ['name'] })
  expect(check([{ name: 'a', size: 's' }, { name: 'b', size: 'xl' }, {}, null])).toEqual([
    [],
    [{ pointer: '/size', detail: 'must be equal to one of the allowed values: ["s","m"]' }],
    [{ pointer: '', detail: "must have required property 'name'" }],
    [{ pointer: '', detail: 'must be object' }],
  ])
})

it.each<[string, Json, Json, boolean]>([
  ['true', true, 7, true],
  ['false', false, 7, false],
  ['an unknown keyword', { colour: 'red' }, 7, true],
  ['an unknown format', { format: 'colour' }, 'red', true],
  ['a pattern', { pattern: '^\\d+s$' }, '180s', true],
  ['a pattern that it does not fit', { pattern: '^\\d+s$' }, '3 min', false],
  ['a reference within', { $defs: { n: { type: 'number' } }, items: { $ref: '#/$defs/n' } }, [1, 'x'], false],
  ['a tree', { type: 'object', additionalProperties: { $ref: '#' } }, { a: { b: {} } }, true],
])('takes %s', (_, schema, value, fits) => {
  expect(compileKeySchema(schema)([value])[0]!.length === 0).toBe(fits)
})

it.each<[string, Json, RegExp]>([
  ['a type that there is none of', { type: 'colour' }, /type/],
  ['a keyword of another form', { minimum: 'x' }, /minimum/],
  ['a pattern that is none', { pattern: '[' }, /regular expression/],
  ['a reference elsewhere', { $ref: 'https://schemas.example.com/a.json' }, /can't resolve reference/],
  ['a reference to nothing', { $ref: '#/$defs/a' }, /can't resolve reference/],
  ['another dialect', { $schema: 'http://json-schema.org/draft-07/schema#' }, /draft-07/],
  ['a list', [], /must be an object/],
  ['a text', 'string', /must be an object/],
  ['null', null, /must be an object/],
  ['64 KiB and more', { $comment: 'x'.repeat(64 * 1024) }, /more than 65536/],
])('refuses %s', (_, schema, why) => {
  expect(keySchemaFinding(schema)).toMatch(why)
})

it('knows nothing of a schema that was compiled before', () => {
  const schema = { $id: 'https://acme.example/timeout', type: 'string' }
  expect(keySchemaFinding(schema)).toBeUndefined()
  expect(compileKeySchema({ ...schema, type: 'number' })([7])).toEqual([[]])
  expect(keySchemaFinding({ $ref: schema.$id })).toMatch(/can't resolve reference/)
})

describe('what would never end is stopped', () => {
  const chain = Array.from({ length: 40 }, (_, n) => {
    const next = { $ref: `#/$defs/a${n + 1}` }
    return [`a${n}`, { allOf: [next, next] }]
  })
  const bomb = { $ref: '#/$defs/a0', $defs: { ...Object.fromEntries(chain), a40: { type: 'string' } } }

  it.each<[string, Json, Json]>([
    ['a pattern', { pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`],
    ['references that multiply', bomb, 'x'],
    ['a reference to itself', { allOf: [{ $ref: '#' }] }, 'x'],
  ])('%s', (_, schema, value) => {
    expect(() => compileKeySchema(schema)([value])).toThrow(EndlessSchema)
    // Whatever came before, the next one is held against its schema.
    expect(compileKeySchema({ type: 'number' })([1])).toEqual([[]])
  })
})
