import { parse as parseProperties } from 'dot-properties'
import fc from 'fast-check'
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml'
import { parse as parseYaml } from 'yaml'
import type { Json } from '#libs/contracts'
import { acceptedForm, environmentFile } from './environment-file.js'

test.each([
  [undefined, 'json', 'application/json'],
  ['*/*', 'json', 'application/json'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'json', 'application/json'],
  ['application/json, text/plain, */*', 'json', 'application/json'],
  ['application/yaml', 'yaml', 'application/yaml'],
  ['Text/YAML; charset=utf-8', 'yaml', 'text/yaml'],
  ['text/x-java-properties', 'properties', 'text/x-java-properties'],
  ['application/json;q=0.1, application/yaml;q=0.9', 'yaml', 'application/yaml'],
  ['application/yaml;q=0', 'json', 'application/json'],
  ['image/png', 'json', 'application/json'],
])('Accept: %s selects %s', (accept, form, type) => {
  expect(acceptedForm(accept)).toEqual({ form, type })
})

type Values = [key: string, value: Json][]

const fileOf = (values: Values, form: 'json' | 'yaml' | 'properties') =>
  environmentFile(
    values.map(([key, value]) => ({ key, value })),
    form,
  )

/** The libraries with which YAML is read, those that the product does not use included. */
const yamlReaders: [string, (text: string) => unknown][] = [
  ['yaml', text => parseYaml(text)],
  ['yaml by YAML 1.1', text => parseYaml(text, { version: '1.1' })],
  ['js-yaml', text => load(text, { schema: CORE_SCHEMA })],
  ['js-yaml by YAML 1.1', text => load(text, { schema: YAML11_SCHEMA })],
]
// Readers in other languages treat these as line breaks or reject them; those here are more lenient.
const lessPortable = /[^\n -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\u007f-\u00a0\u2028\u2029\ufeff]/u
const expectYaml = (values: Values) => {
  const text = fileOf(values, 'yaml')
  expect(text).not.toMatch(lessPortable)
  const expected: unknown = JSON.parse(fileOf(values, 'json'))
  for (const [name, read] of yamlReaders) expect([name, text, read(text)]).toEqual([name, text, expected])
}

// Characters with a meaning in YAML, those that some readers treat as line breaks or reject, and all others.
const character = fc.oneof(
  fc.constantFrom(
    ...'\n\t :#-?|>\'"\\%@`!&*{}[],=~<._/0123456789abceinoxyNE\u007f\u0080\u0085\u00a0\u2028\u2029\ufeff\ufffe\uffff\u{10ffff}\r\u0001',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
)
const word = fc.constantFrom(
  ...'yes¦No¦on¦OFF¦y¦N¦true¦Null¦~¦¦=¦<<¦---¦...¦- a¦a: b¦a:¦:a¦? a¦#a¦a #b¦012¦0o17¦0x1F¦0b1¦1_000¦12:30:45¦12:30¦1e3¦1.¦.5¦.inf¦.NaN¦-.Inf¦E1¦e+12¦+1¦2026-01-01¦2026-01-01T00:00:00Z¦%YAML 1.1¦!!str a¦&a¦*a¦|¦>¦| a¦{a}¦[a]¦http://a.example:80/b?c=d&e=%2F¦180s¦v1.2.3¦C:\\users¦multi\nline\n¦a\n\nb¦ leading¦trailing ¦\n¦\n\n¦a\n¦a\n\n¦\na¦ a\nb¦a\n b¦a\n \nb¦a \nb¦a\n\tb¦\ta¦---\na\n¦a\n---\nb¦a\n...\nb¦k: |\n  x\n'.split(
    '¦',
  ),
)
const text = fc
  .oneof(
    word,
    fc.array(character, { maxLength: 12 }).map(parts => parts.join('')),
  )
  .filter(text => text.isWellFormed() && !text.includes('\0'))
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }).map(number => number + 0),
  fc.constantFrom(0, 1e-7, -1.5e-300, 5e-324, 0.1, 1e15, 100, 1.5),
)
const name = text.filter(name => name !== '__proto__')
// oxlint-disable-next-line no-control-regex -- a key has none of them
const key = name.filter(key => !/^$|[\u0000-\u001f\u007f]/.test(key))
const { json } = fc.letrec<{ json: Json }>(tie => ({
  json: fc.oneof(
    { maxDepth: 3 },
    text,
    number,
    fc.constantFrom(null, true, false),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(name, tie('json'), { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<Json>,
  ),
}))
const keysOf = <T extends Json>(value: fc.Arbitrary<T>) =>
  fc.uniqueArray(fc.tuple(key, value), { selector: ([key]) => key, maxLength: 5 }) as fc.Arbitrary<Values>

test('JSON and YAML keep the order of keys', () => {
  const values: Values = [
    ['query.timeout', '180s'],
    ['10', 'ten'],
    ['2', 'two'],
    ['yes', 'no'],
  ]
  expect([...fileOf(values, 'json').matchAll(/[{,]"(10|2)":/g)].map(([, key]) => key)).toEqual(['10', '2'])
  const read = parseYaml(fileOf(values, 'yaml'), { mapAsMap: true }) as Map<string, unknown>
  expect([...read]).toEqual(values)
})

test('YAML is formatted for people', () => {
  const values: Values = [
    ['query.timeout', '180s'],
    ['database.url', 'postgres://db.example:5432/app'],
    ['banner', 'Maintenance\nfrom 20:00: to 22:00\n'],
    ['hosts', ['a.example', { name: 'b', ports: [80, 443], tags: [] }, [1, null]]],
    ['limits', { rate: 1e-7, burst: 10, none: {}, 'of day': true }],
  ]
  expect(fileOf(values, 'yaml')).toBe(`query.timeout: "180s"
database.url: postgres://db.example:5432/app
banner: |
  Maintenance
  from 20:00: to 22:00
hosts:
  - a.example
  - name: b
    ports:
      - 80
      - 443
    tags: []
  - - 1
    - null
limits:
  rate: 1.0e-7
  burst: 10
  none: {}
  of day: true
`)
  expectYaml(values)
  expectYaml([])
})

test('YAML of any configuration is read back by every library', () => {
  fc.assert(fc.property(keysOf(json), expectYaml), { numRuns: 500 })
})

test('YAML of long names and strings is read back', () => {
  const long = 'x '.repeat(200_000)
  expectYaml([['\u2028'.repeat(512), { [long]: long, [`\u0085${long}`]: [{ [long]: {} }] }]])
})

test('JSON of any configuration is read back', () => {
  fc.assert(
    fc.property(keysOf(json), values => {
      expect(new Map(Object.entries(JSON.parse(fileOf(values, 'json')) as object))).toEqual(new Map(values))
    }),
  )
})

test('.properties of any strings are ASCII and are read back', () => {
  const expectProperties = (values: Values) => {
    const file = fileOf(values, 'properties')
    expect(file).toMatch(/^[\n -~]*$/)
    expect([file, parseProperties(file)]).toEqual([file, Object.fromEntries(values)])
  }
  expectProperties([
    ['Zürich', '\u{1F600} '],
    [':=#!', ' leading\ttab\\'],
    ['multi line', 'a\r\nb: #c\\d=e\f'],
  ])
  fc.assert(fc.property(keysOf(text), expectProperties), { numRuns: 500 })
})

test('.properties contain values other than strings as JSON', () => {
  expect(
    fileOf(
      [
        ['list', [1, 'ä']],
        ['map', { a: null }],
        ['number', 1e-7],
      ],
      'properties',
    ),
  ).toBe('list = [1,"\\u00e4"]\nmap = {"a"\\:null}\nnumber = 1e-7\n')
  expect(
    fileOf(
      [
        ['home', 'C:\\users\\app'],
        ['city', 'Zürich'],
      ],
      'properties',
    ),
  ).toBe('home = C\\:\\\\users\\\\app\ncity = Z\\u00fcrich\n')
})
