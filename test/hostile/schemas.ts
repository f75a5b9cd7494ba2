import type { HostileCase } from './hostile-case.js'
import {
  checked,
  config,
  draft,
  globs,
  keyed,
  list,
  long,
  multiplied,
  nested,
  put,
  refused,
  set,
  taken,
  validate,
} from './steps.js'

// Schemas, patterns and globs of a tenant that ended, blocked or bloated the process, each in several shapes.

const refusedSchemas: HostileCase[] = [
  refused('an asynchronous schema', { $async: true, type: 'number' }),
  refused('an asynchronous schema within', { properties: { a: { items: { $async: true } } } }),
  refused('an asynchronous schema in a definition', { $defs: { a: { $async: true } }, $ref: '#/$defs/a' }),
  refused('an asynchronous schema behind a pattern', { patternProperties: { '': { $async: 1 } } }),
  refused('data of the value', { maximum: { $data: '1/a' } }),
  refused('a schema elsewhere', { $ref: 'http://127.0.0.1:9/schema.json' }),
  refused('a schema in a file', { $ref: 'file:///etc/passwd' }),
  refused('a schema of the interpreter', { $ref: 'https://github.com/cfworker#/$defs/a', $defs: { a: true } }),
  refused('a dynamic reference', { $dynamicRef: '#a', $defs: { a: { $dynamicAnchor: 'a' } } }),
  refused('a recursive reference', { $recursiveRef: '#', $recursiveAnchor: true }),
  refused('another identity within', { $defs: { a: { $id: 'https://json-schema.org/draft/2020-12/schema' } } }),
  refused('a vocabulary', { $vocabulary: { 'https://acme.example/v': true } }),
  refused('another dialect', { $schema: 'http://json-schema.org/draft-04/schema#' }),
  refused('keywords that reach for a prototype', JSON.parse('{"properties": {"__proto__": {"type": "string"}}}')),
  refused('a look-ahead', { pattern: '^(?=(a+)+$)b' }),
  refused('a back-reference', { pattern: '^(a+)\\1+$' }),
  refused('repeats of repeats', { pattern: '((a{100}){100}){100}' }),
  refused('groups within groups', { pattern: '('.repeat(20_000) + ')'.repeat(20_000) }),
  refused('ten thousand faults', { allOf: list(4000, () => ({ type: 'x' })) }),
  refused('long words', { [`$${long(50_000)}`]: 1, properties: { [long(5000)]: 1 } }),
  { name: 'a schema of a mebibyte', requests: [put('*', { $comment: long(1_000_000) }, 413)] },
  {
    name: 'a schema that is nested too deeply',
    requests: [
      put(
        '*',
        nested(100, inner => ({ not: inner })),
        400,
      ),
    ],
  },
]

const slowSchemas: HostileCase[] = [
  checked('references that multiply', multiplied(40, 2, 'allOf', { type: 'string' }), 'x'),
  checked('choices that multiply', multiplied(30, 3, 'anyOf', { type: 'number' }), 'x'),
  checked('errors that multiply', multiplied(4, 60, 'anyOf', { type: 'number' }), 'x'),
  checked('conditions that multiply', multiplied(40, 2, 'oneOf', { type: 'string' }), 'x', 5),
  checked('a reference to itself', { allOf: [{ $ref: '#' }] }, 'x'),
  checked(
    'references in a ring',
    { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
    'x',
  ),
  checked('a pattern that backtracks', { pattern: '^(a+)+$' }, `${long(5000)}!`),
  checked(
    'a pattern of properties that backtracks',
    { patternProperties: { '^(a|a)*$': false } },
    { [`${long(5000)}!`]: 1 },
  ),
  checked('a pattern with large counts', { pattern: '^(a?){500}a{500}$' }, long(100_000)),
  checked('a long pattern', { pattern: '[a-z]'.repeat(12_000) }, long(200_000)),
  checked('a format that backtracks elsewhere', { format: 'url' }, `http://${'a-'.repeat(20_000)}`),
  checked(
    'items that are unique',
    { uniqueItems: true },
    list(10_000, n => n),
  ),
  checked('keys like methods', { const: {} }, { toString: [], valueOf: 1, constructor: null, hasOwnProperty: 1 }),
  {
    name: 'eight schemas with a slow pattern',
    requests: [
      ...list(8, n => taken(`*${'?'.repeat(n)}*`, { pattern: '^(a?){400}a{400}$' })),
      set(keyed(100, n => [`key.${n}`, long(5000)])),
      draft(),
      validate(),
    ],
  },
  {
    name: 'a value against a large enum, 1,500 times',
    requests: [
      taken('*', { enum: list(5000, n => `value ${n}`) }),
      set(keyed(1500, n => [`key.${n}`, 'x'])),
      draft(),
      validate(),
    ],
  },
  {
    name: 'large values against a large constant',
    requests: [
      taken('*', { enum: list(500, n => ({ a: long(100), n })) }),
      set(keyed(1000, n => [`key.${n}`, { a: long(100), n: -n }])),
      draft(),
      validate(),
    ],
  },
  {
    name: 'forty schemas of 44 KB at once',
    requests: [
      {
        ...put(
          'a.*',
          { properties: keyed(900, n => [`p${n}`, { type: 'string', pattern: `^a{${n}}[0-9]$` }]) },
          200,
          429,
        ),
        times: 40,
      },
    ],
  },
  {
    name: 'more schemas than there is room for',
    requests: [
      ...list(9, n => put(`${n}.*`, { $comment: long(60_000) }, n < 8 ? 200 : 422)),
      { method: 'DELETE', path: `${config}/schemas/0.*`, statuses: [204] },
    ],
  },
]

const glob = (n: number) => `${'*a'.repeat(120)}*${n}`
const slowGlobs: HostileCase[] = [
  {
    name: '2,000 keys by 100 globs with many stars',
    requests: [set(keyed(2000, n => [`${long(500)}${n}`, n])), globs(list(100, glob)), validate()],
  },
  {
    name: '2,000 keys by 100 globs with stars and sets',
    requests: [
      set(keyed(2000, n => [`${long(500)}${n}`, n])),
      globs(list(100, n => `${'*[a-c]'.repeat(40)}*b${n}`)),
      validate(),
    ],
  },
  {
    name: '10,000 keys by 1,000 globs',
    requests: [
      set(keyed(10_000, n => [`service.${n}.query.timeout`, n])),
      globs(list(1000, n => `*.${n}.*`)),
      validate(3),
    ],
  },
  {
    name: '1,000 globs that match everything',
    requests: [set(keyed(10_000, n => [`key.${n}`, n])), globs(list(1000, () => '*')), validate()],
  },
  {
    name: 'a glob of a schema with many stars',
    requests: [taken(glob(1), true), set({ [long(512)]: 1 }), draft(), validate()],
  },
  { name: 'a glob that is too long', requests: [put('*'.repeat(257), true, 400)] },
  {
    name: 'ten thousand ids',
    requests: [set({ a: 1 }), draft({ promotionType: 'SELECTIVE', configIds: list(10_000, String) }), validate()],
  },
  {
    name: 'a flag with many rules and variants',
    requests: [
      {
        method: 'PUT',
        path: `${config}/environments/staging/flags/f`,
        body: {
          enabled: true,
          variants: list(15_000, n => `v${n}`),
          rules: list(1000, n => ({ variant: `v${15_000 - n}` })),
        },
        statuses: [200, 201],
      },
      draft(),
      validate(),
    ],
  },
]

/** Each is answered in time, with a problem that names the place or within its budget, while others are served. */
export const hostileSchemas: HostileCase[] = [...refusedSchemas, ...slowSchemas, ...slowGlobs]
