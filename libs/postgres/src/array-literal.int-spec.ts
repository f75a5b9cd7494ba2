import fc from 'fast-check'
import pg from 'pg'
import { createDatabase, type TestDatabase } from '#test/kit'
import { plainArray, textArray } from './array-literal.js'

let database: TestDatabase
let client: pg.Client

beforeAll(async () => {
  database = await createDatabase('array_literal')
  client = new pg.Client(database.url)
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

async function returned(literal: string, type: string): Promise<unknown[]> {
  const { rows } = await client.query(`SELECT value FROM unnest($1::${type}[]) AS value`, [literal])
  return rows.map(({ value }) => value ?? undefined)
}

test('textArray passes any text to Postgres unchanged', async () => {
  // Invalid Unicode and NUL are rejected before they get here.
  const text = fc.oneof(
    fc.string({ unit: 'binary' }).filter(value => !value.includes('\0')),
    fc.constantFrom('NULL', 'null', '', ' ', '{}', '{a,b}', '"', '\\', '\\"', "'", '$1', '\n\t\r\u2028'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text, { nil: undefined })), async values => {
      expect(await returned(textArray(values), 'text')).toEqual(values)
    }),
    { numRuns: 300 },
  )
})

test('plainArray passes numbers, booleans, instants and an empty list of ids unchanged', async () => {
  expect(await returned(plainArray([1, undefined, -2]), 'integer')).toEqual([1, undefined, -2])
  expect(await returned(plainArray([2n ** 62n, undefined]), 'bigint')).toEqual([String(2n ** 62n), undefined])
  expect(await returned(plainArray([true, undefined, false]), 'boolean')).toEqual([true, undefined, false])
  expect(await returned(plainArray([]), 'uuid')).toEqual([])
  const instants = ['0001-01-01T00:00:00Z', '2026-02-12T10:00:00.123Z', '9999-12-31T23:59:59.999Z']
  expect(await returned(plainArray(instants), 'timestamptz')).toEqual(instants.map(instant => new Date(instant)))
})
