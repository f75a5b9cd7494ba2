import { GivenLog } from '#test/specs/read-models/given-log'
import { canonicalTimezone } from './timezone.js'

let log: GivenLog

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())

test('every name that Postgres knows is known, and what it becomes is known to Postgres', async () => {
  const text = `SELECT name FROM pg_timezone_names WHERE name <> 'Factory'`
  const names = (await log.query<{ name: string }>({ text, values: [] })).map(({ name }) => name)
  expect(names.length).toBeGreaterThan(400)
  const unknown = names.filter(name => !names.includes(canonicalTimezone(name) ?? 'none'))
  expect(unknown).toEqual([])
})

test('what Postgres takes for an abbreviation has its summer', async () => {
  const text = `SELECT ('2026-07-01T00:00:00Z'::timestamptz AT TIME ZONE $1)::text AS summer`
  for (const name of ['CET', 'MET', 'cet']) {
    const [row] = await log.query<{ summer: string }>({ text, values: [canonicalTimezone(name)] })
    expect([name, row!.summer]).toEqual([name, '2026-07-01 02:00:00'])
  }
})

test.each(['Mars/Olympus', 'JST', 'PST', '+01:00', 'UTC+1', 'SystemV/AST4', ' UTC', 'Europe/Berlin\0', ''])(
  '%j is none',
  name => {
    expect(canonicalTimezone(name)).toBeUndefined()
  },
)
