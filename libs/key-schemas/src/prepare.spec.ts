import type { Json } from '#libs/contracts'
import { prepare } from './prepare.js'

const findings = (schema: Json) => {
  const prepared = prepare(schema)
  return 'findings' in prepared ? prepared.findings : []
}

it.each<[string, Json]>([
  ['true', true],
  ['false', false],
  ['an empty object', {}],
  ['the dialect', { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'https://acme.example/timeout' }],
  [
    'annotations',
    { title: 'a', description: 'b', default: 1, examples: [1], deprecated: true, readOnly: true, $comment: 'c' },
  ],
  ['unknown keywords', { colour: 'red', 'x-team': { $async: true }, __absolute_ref__: 'a' }],
  ['unknown formats', { format: 'colour' }],
  [
    'values that look like schemas',
    { const: { $async: true }, enum: [{ $ref: 'https://a.example' }], default: { $id: 1 } },
  ],
  [
    'properties named like keywords',
    { properties: { $async: true, $ref: { type: 'string' }, items: {}, constructor: {} } },
  ],
  ['an internal reference', { $defs: { n: { type: 'number' } }, items: { $ref: '#/$defs/n' } }],
  ['a reference with an escaped pointer', { $defs: { 'a/b~c d%': {} }, $ref: '#/$defs/a~1b~0c%20d%25' }],
  ['a reference to the root', { properties: { next: { $ref: '#' } } }],
  ['an anchor', { $defs: { n: { $anchor: 'n', type: 'number' } }, $ref: '#n' }],
  ['definitions of earlier drafts', { definitions: { n: true }, $ref: '#/definitions/n' }],
])('prepare accepts %s', (_, schema) => expect(findings(schema)).toEqual([]))

it.each<[string, Json, string, RegExp]>([
  ['an asynchronous schema', { $async: true, type: 'number' }, '/$async', /not a keyword of JSON Schema 2020-12/],
  [
    'a nested asynchronous schema',
    { properties: { a: { items: { $async: true } } } },
    '/properties/a/items/$async',
    /not a keyword/,
  ],
  ['an asynchronous schema in an array', { anyOf: [true, { $async: false }] }, '/anyOf/1/$async', /not a keyword/],
  ['an asynchronous schema in `$defs`', { $defs: { a: { $async: true } } }, '/$defs/a/$async', /not a keyword/],
  [
    'an asynchronous schema in `patternProperties`',
    { patternProperties: { '^a': { $async: true } } },
    '/patternProperties/^a/$async',
    /not a keyword/,
  ],
  ['a `$data` reference', { minimum: { $data: '1/max' } }, '/minimum', /must be a number/],
  ['`$data`', { $data: true }, '/$data', /not a keyword/],
  ['a vocabulary', { $vocabulary: {} }, '/$vocabulary', /not a keyword/],
  ['a dynamic reference', { $dynamicRef: '#a' }, '/$dynamicRef', /write \$ref/],
  ['a dynamic anchor', { $dynamicAnchor: 'a' }, '/$dynamicAnchor', /write \$anchor/],
  ['a recursive reference', { $recursiveRef: '#' }, '/$recursiveRef', /earlier draft/],
  ['`dependencies`', { dependencies: { a: ['b'] } }, '/dependencies', /earlier draft/],
  ['`additionalItems`', { additionalItems: false }, '/additionalItems', /earlier draft/],
  ['an array of `items`', { items: [{ type: 'string' }] }, '/items', /write prefixItems/],
  ['`nullable`', { type: 'string', nullable: true }, '/nullable', /null to the types/],
  ['__proto__', JSON.parse('{"__proto__": {"type": "string"}}') as Json, '/__proto__', /not allowed/],
  [
    'a property __proto__',
    JSON.parse('{"properties": {"__proto__": true}}') as Json,
    '/properties/__proto__',
    /not allowed/,
  ],
  ['a remote reference', { $ref: 'https://schemas.example.com/a.json' }, '/$ref', /are not loaded/],
  ['a reference to a file', { items: { $ref: 'a.json#/b' } }, '/items/$ref', /are not loaded/],
  ['a dangling reference', { $ref: '#/$defs/a' }, '/$ref', /refers to #\/\$defs\/a, which is not a schema/],
  [
    'a reference to an object that is not a schema',
    { properties: {}, $ref: '#/properties' },
    '/$ref',
    /is not a schema/,
  ],
  ['a reference into a constant', { const: { a: {} }, $ref: '#/const/a' }, '/$ref', /is not a schema/],
  ['a reference into an unknown keyword', { 'x-defs': { a: {} }, $ref: '#/x-defs/a' }, '/$ref', /is not a schema/],
  ['the same anchor twice', { $defs: { a: { $anchor: 'n' }, b: { $anchor: 'n' } } }, '/$defs/b/$anchor', /used twice/],
  ['a nested `$id`', { $defs: { a: { $id: 'b' } } }, '/$defs/a/$id', /only allowed at the root/],
  ['another dialect', { $schema: 'http://json-schema.org/draft-07/schema#' }, '/$schema', /draft-07/],
  ['an unknown type', { type: 'colour' }, '/type', /one or more of/],
  ['an empty array of types', { type: [] }, '/type', /one or more of/],
  ['a string as a number', { minimum: 'x' }, '/minimum', /must be a number/],
  ['a negative limit', { maxLength: -1 }, '/maxLength', /must be an integer/],
  ['a multiple of 0', { multipleOf: 0 }, '/multipleOf', /greater than 0/],
  ['a bound of draft 4', { exclusiveMinimum: true }, '/exclusiveMinimum', /must be a number/],
  [
    '`required` as in draft 3',
    { properties: { a: { required: true } } },
    '/properties/a/required',
    /array of distinct strings/,
  ],
  ['an empty `anyOf`', { anyOf: [] }, '/anyOf', /non-empty/],
  ['a string instead of a schema', { not: 'a' }, '/not', /must be an object, true or false/],
  ['an invalid pattern', { pattern: '[' }, '/pattern', /not a regular expression/],
  ['an invalid property pattern', { patternProperties: { 'a/(': {} } }, '/patternProperties/a~1(', /not a regular/],
  ['a lookahead', { pattern: '^(?!a)' }, '/pattern', /linear time/],
  ['an array', [], '', /must be an object, true or false/],
  ['a string', 'string', '', /must be an object, true or false/],
  ['null', null, '', /must be an object, true or false/],
])('prepare rejects %s', (_, schema, pointer, detail) =>
  expect(findings(schema)).toEqual([{ pointer, detail: expect.stringMatching(detail) }]),
)

it('prepare quotes at most 200 characters', () => {
  for (const { pointer, detail } of findings({
    $ref: `#/${'a'.repeat(10_000)}`,
    $schema: 'b'.repeat(10_000),
    properties: { ['c'.repeat(10_000)]: 1 },
    pattern: `(?=${'d'.repeat(10_000)})`,
  })) {
    expect(pointer.length).toBeLessThan(210)
    expect(detail.length).toBeLessThan(300)
  }
})

it('prepare lists at most 20 findings', () => {
  expect(findings({ allOf: Array.from({ length: 10_000 }, () => ({ type: 'colour' })) })).toHaveLength(20)
})
