import { canonicalJson } from '#libs/contracts'
import type { HttpProblem } from '#libs/http'
import { ConfigurationFiles } from './configuration-files.js'

const yaml = 'application/yaml'
let files: ConfigurationFiles

beforeAll(() => (files = new ConfigurationFiles()))
afterAll(() => files.onApplicationShutdown())

async function read(body: unknown, mediaType = yaml, flatten = false) {
  const { values, canonical } = await files.read('acme', { body, mediaType, flatten })
  expect(canonical).toBe(canonicalJson(values))
  return values
}
const problemOf = (body: unknown, mediaType = yaml) =>
  read(body, mediaType).catch((error: HttpProblem) => error.toProblem())

/** Longer than a file that is read at once. */
const padding = `# ${'x'.repeat(20_000)}\n`
/** How a text is read at once, and in a thread. */
const inBoth = (text: string) => [text, padding + text]

it.each(inBoth('a: {b: 1, c: [x, -0.5, true, null]}\n10: é'))('reads YAML: %.10s', async text => {
  expect(await read(text)).toEqual({ a: { b: 1, c: ['x', -0.5, true, null] }, 10: 'é' })
  expect(await read(text, yaml, true)).toEqual({ 'a.b': 1, 'a.c': ['x', -0.5, true, null], 10: 'é' })
})

it('reads JSON and .properties in a thread', async () => {
  expect(await read(`{"a": 1, "b": {"c": "${'x'.repeat(20_000)}"}}`, 'application/json')).toMatchObject({ a: 1 })
  expect(await read(`${padding}a=1`, 'text/plain')).toEqual({ a: '1' })
})

it.each(inBoth('a: 1\na: 2'))('throws the same 400 wherever it reads: %.10s', async text => {
  expect(await problemOf(text)).toMatchObject({
    status: 400,
    detail: expect.stringMatching(
      /^The body is malformed: `\/a` occurs twice in its map: remove one of them \(line \d\)\.$/,
    ),
    errors: [{ pointer: '/a' }],
  })
})

it('throws a 400 with the first of many errors, and the number of the others', async () => {
  const keys = Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`\n${n}`, 1]))
  const problem = await problemOf(JSON.stringify(keys), 'application/json')
  expect(problem).toMatchObject({ status: 400, detail: expect.stringMatching(/ and 2980 more\.$/) })
  expect((problem as { errors: object[] }).errors).toHaveLength(20)
})

it('throws a 429 if too many files of a tenant are waiting, and serves another tenant', async () => {
  const text = `a: [${'1,'.repeat(150_000)}]`
  const all = Array.from({ length: 60 }, () => problemOf(text))
  expect(await files.read('other', { body: `${padding}a: 1`, mediaType: yaml })).toMatchObject({ values: { a: 1 } })
  const refused = (await Promise.all(all)).filter(result => 'status' in result)
  expect(refused.length).toBeGreaterThan(0)
  for (const problem of refused) expect(problem).toMatchObject({ status: 429, title: 'Too many requests' })
})
