import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import type { Json } from '#libs/contracts'
import { forgetPatterns, interpret } from './interpret.js'
import { LinearRegExp } from './linear-regexp.js'
import { prepare } from './prepare.js'

function findingOf(schema: Json, value: Json) {
  forgetPatterns()
  const prepared = prepare(schema)
  if ('findings' in prepared) throw new Error(JSON.stringify(prepared.findings))
  return interpret(prepared, value)
}

// An object with `then` looks like a promise to the linter.
const parsed = (text: string) => JSON.parse(text) as Json
const fits = (schema: Json, value: Json) => findingOf(schema, value) === undefined

it.each<[Json, Json[], Json[]]>([
  [true, [1, null, {}], []],
  [false, [], [1, null, {}]],
  [{ type: 'integer' }, [1, 1.0, -0, 1e300], [1.5, '1', null, true]],
  [{ type: ['string', 'null'] }, ['', null], [1, {}, []]],
  [{ type: 'object' }, [{}], [[], null]],
  [{ const: { a: [1, { b: null }] } }, [{ a: [1, { b: null }] }], [{ a: [1, { b: 0 }] }, null]],
  [{ const: null }, [null], [0, '', false]],
  [{ enum: [1, 'a', null, [true]] }, [1, 'a', null, [true]], [2, 'b', [], [false], true]],
  [{ enum: [] }, [], [1]],
  [{ multipleOf: 0.1 }, [0.3, 1, 0], [0.35]],
  [{ minimum: 1, exclusiveMaximum: 3 }, [1, 2.9, 'x'], [0.9, 3]],
  [{ exclusiveMinimum: 1, maximum: 3 }, [1.1, 3], [1, 3.1]],
  [{ minLength: 2, maxLength: 2 }, ['ab', '\u{1F680}\u{1F681}', 1], ['a', 'abc', '\u{1F680}']],
  [{ pattern: '^\\d+s$' }, ['180s', 7], ['3 min', '']],
  [{ items: { type: 'number' }, minItems: 1, maxItems: 2 }, [[1], [1, 2], 'x'], [[], [1, 2, 3], ['a']]],
  [{ prefixItems: [{ type: 'number' }], items: false }, [[], [1]], [['a'], [1, 2]]],
  [{ contains: { type: 'number' } }, [[1], ['a', 1]], [[], ['a']]],
  [{ items: { contains: { pattern: '^a' } } }, [[[null]], []], [[[null], []]]],
  [{ prefixItems: [true], contains: true }, [[1]], [[]]],
  [{ contains: { type: 'number' }, minContains: 0 }, [[], ['a'], [1]], []],
  [
    { contains: { type: 'number' }, minContains: 2, maxContains: 3 },
    [
      [1, 2],
      [1, 'a', 2, 3],
    ],
    [[1], [1, 2, 3, 4]],
  ],
  [
    { uniqueItems: true },
    [[1, true, '1', [1]], []],
    [
      [1, 1],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  [{ required: ['toString', 'a'] }, [{ toString: 1, a: 1 }], [{ a: 1 }, {}]],
  [{ properties: { constructor: { type: 'string' } } }, [{}, { constructor: 'a' }], [{ constructor: 1 }]],
  [{ properties: { a: { type: 'string' } }, additionalProperties: false }, [{}, { a: '' }], [{ a: 1 }, { b: 1 }]],
  [{ patternProperties: { '^a': { type: 'string' } } }, [{ a: '', b: 1 }, {}], [{ ab: 1 }]],
  [{ propertyNames: { maxLength: 2 } }, [{ ab: 1 }], [{ abc: 1 }]],
  [{ minProperties: 1, maxProperties: 2 }, [{ a: 1 }], [{}, { a: 1, b: 1, c: 1 }]],
  [{ dependentRequired: { a: ['b'] } }, [{ b: 1 }, { a: 1, b: 1 }], [{ a: 1 }]],
  [{ dependentSchemas: { a: { required: ['b'] } } }, [{ b: 1 }, { a: 1, b: 1 }], [{ a: 1 }]],
  [{ allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1, 2], [0, 3]],
  [{ anyOf: [{ type: 'string' }, { minimum: 2 }] }, ['', 2], [1]],
  [{ oneOf: [{ type: 'number' }, { minimum: 2 }] }, [1, 'x'], [2]],
  [{ not: { type: 'string' } }, [1], ['']],
  [parsed('{"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"minimum": 1}}'), ['a', 1], ['', 0]],
  [{ $defs: { n: { type: 'number' } }, items: { $ref: '#/$defs/n' } }, [[1]], [['a']]],
  [{ $defs: { n: { type: 'number' } }, $ref: '#/$defs/n', minimum: 1 }, [1], [0, 'a']],
  [{ type: 'object', additionalProperties: { $ref: '#' } }, [{ a: { b: {} } }], [{ a: { b: 1 } }]],
  [{ properties: { a: true }, unevaluatedProperties: false }, [{ a: 1 }], [{ a: 1, b: 1 }]],
  [{ if: { patternProperties: { b$: true } }, unevaluatedProperties: false }, [{ ab: 1 }], [{ a: 1 }]],
  [{ allOf: [{ contains: true }], unevaluatedItems: false }, [[null]], []],
  [{ oneOf: [{ prefixItems: [false] }, true], unevaluatedItems: { const: 1 } }, [[1]], [[2]]],
  [
    {
      allOf: [{ properties: { a: true } }],
      anyOf: [{ required: ['b'], properties: { b: true } }, true],
      unevaluatedProperties: false,
    },
    [{ a: 1 }, { a: 1, b: 1 }],
    [{ c: 1 }],
  ],
  [{ prefixItems: [true], unevaluatedItems: false }, [[1], []], [[1, 2]]],
  // Annotations, by the standard.
  [{ format: 'email' }, ['nobody'], []],
  [{ contentMediaType: 'application/json' }, ['{'], []],
])('interpret accepts and rejects the listed values for %j', (schema, good, bad) => {
  expect(good.filter(value => !fits(schema, value))).toEqual([])
  expect(bad.filter(value => fits(schema, value))).toEqual([])
})

it.each<[Json, Json, string, RegExp]>([
  [{ type: 'object' }, null, '', /"null" is invalid. Expected "object"$/],
  [{ properties: { size: { enum: ['s', 'm'] } } }, { size: 'xl' }, '/size', /any of \["s","m"\]$/],
  [{ required: ['name'] }, {}, '', /required property "name"$/],
  [
    { properties: { 'a/b~c %#': { items: { type: 'string' } } } },
    { 'a/b~c %#': ['x', 1] },
    '/a~1b~0c %#/1',
    /"number"/,
  ],
  [{ additionalProperties: false }, { a: 1 }, '/a', /^is not allowed here$/],
  [{ $defs: { n: { type: 'number' } }, allOf: [{ items: { $ref: '#/$defs/n' } }] }, ['a'], '/0', /Expected "number"/],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 1, '', /any subschemas$/],
  [false, 1, '', /^is not allowed here$/],
])(
  'interpret reports the pointer and the reason for a value that does not match %j',
  (schema, value, pointer, detail) =>
    expect(findingOf(schema, value)).toEqual({ pointer, detail: expect.stringMatching(detail) }),
)

it('interpret quotes at most 200 characters of a schema or a value', () => {
  const long = 'x'.repeat(60_000)
  for (const [schema, value] of [
    [{ enum: [long] }, 'a'],
    [{ const: long }, 'a'],
    [{ required: [long] }, {}],
    [{ propertyNames: { maxLength: 1 } }, { [long]: 1 }],
    [{ additionalProperties: { type: 'string' } }, { [long]: 1 }],
  ] as [Json, Json][]) {
    const { pointer, detail } = findingOf(schema, value)!
    expect(pointer.length + detail.length).toBeLessThan(450)
  }
})

it('interpret does not match patterns with the backtracking engine', () => {
  const value = `${'a'.repeat(5000)}!`
  expect(fits({ pattern: '^(a+)+$' }, value)).toBe(false)
  expect(fits({ patternProperties: { '^(a+)+$': false } }, { [value]: 1 })).toBe(true)
  expect(fits({ propertyNames: { pattern: '^(a+)+$' } }, { [value]: 1 })).toBe(false)
  // The global RegExp is restored.
  expect(new RegExp('a', 'u')).not.toBeInstanceOf(LinearRegExp)
})

describe('interpret compared with Ajv', () => {
  // Without `toString` and other members of Object.prototype, which Ajv does not support.
  const name = fc.constantFrom('a', 'b', 'ab', 'tab')
  const value = fc.letrec<{ value: Json }>(tie => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<Json>(null, true, false, 0, 1, 2, 3, 1.5, -1, '', 'a', 'ab', 'abc', '1'),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value
  const count = fc.integer({ min: 0, max: 3 })
  const types = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']
  const byName = <T>(to: fc.Arbitrary<T>) => fc.dictionary(name, to, { maxKeys: 2, noNullPrototype: true })
  /** Schemas with some of these keywords. */
  const some = (keywords: Record<string, fc.Arbitrary<Json>>, maxLength: number) =>
    fc
      .array(fc.oneof(...Object.entries(keywords).map(([keyword, of]) => of.map(part => [keyword, part] as const))), {
        maxLength,
      })
      .map(entries => Object.fromEntries(entries) as Json)
  // Without `contains` and `unevaluated*`, which the table above covers: Ajv accepts some empty arrays for `contains`, treats failed
  // branches as evaluated, and what `if` evaluates as not evaluated.
  const { schema } = fc.letrec<{ schema: Json }>(tie => {
    const schemas = fc.array(tie('schema'), { minLength: 1, maxLength: 3 })
    return {
      schema: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        fc.boolean(),
        some(
          {
            type: fc.uniqueArray(fc.constantFrom(...types), { minLength: 3 }),
            enum: fc.uniqueArray(value, { minLength: 1, maxLength: 4, selector: each => JSON.stringify(each) }),
            const: value,
            minimum: count,
            maximum: count,
            exclusiveMinimum: count,
            exclusiveMaximum: count,
            multipleOf: fc.constantFrom(1, 2, 3),
            minLength: count,
            maxLength: count,
            pattern: fc.constantFrom('^a', 'b$', '^\\d+$', 'a|b', '^$'),
            minItems: count,
            maxItems: count,
            uniqueItems: fc.boolean(),
            minProperties: count,
            maxProperties: count,
            required: fc.uniqueArray(name, { maxLength: 2 }),
            dependentRequired: byName(fc.uniqueArray(name, { maxLength: 2 })),
          },
          2,
        ),
        some(
          {
            allOf: schemas,
            anyOf: schemas,
            oneOf: schemas,
            not: tie('schema'),
            if: tie('schema'),
            ['then' as string]: tie('schema'),
            else: tie('schema'),
            properties: byName(tie('schema')),
            patternProperties: fc.dictionary(fc.constantFrom('^a', 'b$', '^t'), tie('schema'), {
              maxKeys: 2,
              noNullPrototype: true,
            }),
            additionalProperties: tie('schema'),
            propertyNames: tie('schema'),
            dependentSchemas: byName(tie('schema')),
            prefixItems: schemas,
            items: tie('schema'),
            $ref: fc.constantFrom('#/$defs/a', '#/$defs/b'),
          },
          4,
        ),
      ),
    }
  })
  const whole = fc.tuple(schema, schema, value).map(([root, definition, constant]) => {
    const object = typeof root === 'object' ? root : { not: !root }
    // No nested reference: it could be circular.
    const a = JSON.parse(JSON.stringify(definition).replaceAll('"$ref"', '"x-ref"')) as Json
    return { ...object, $defs: { a, b: { const: constant } } } as Json
  })

  const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false, logger: false })

  /** The results of Ajv, or `undefined` if the code that it generates throws. */
  function valid(root: Json, values: Json[]): boolean[] | undefined {
    const validate = ajv.compile(root as object)
    try {
      return values.map(each => validate(each))
    } catch {
      return undefined
    }
  }

  it('gives the same results', () => {
    fc.assert(
      fc.property(whole, fc.array(value, { minLength: 4, maxLength: 8 }), (root, values) => {
        const others = valid(root, values)
        fc.pre(others !== undefined)
        expect(values.map(each => fits(root, each))).toEqual(others)
      }),
      { numRuns: Number(process.env['NUM_RUNS'] ?? 500) },
    )
  })
})
