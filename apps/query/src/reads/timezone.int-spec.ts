import { GivenLog } from '#test/specs/read-models/given-log'
import { canonicalTimezone } from './timezone.js'

let log: GivenLog

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())

test('canonicalTimezone maps every name that Postgres knows to one that Postgres knows', async () => {
  const text = `SELECT name FROM pg_timezone_names WHERE name <> 'Factory'`
  const names = (await log.query<{ name: string }>({ text, values: [] })).map(({ name }) => name)
  expect(names.length).toBeGreaterThan(400)
  const unknown = names.filter(name => !names.includes(canonicalTimezone(name) ?? 'none'))
  expect(unknown).toEqual([])
})

test('canonicalTimezone maps CET and MET to zones with summer time', async () => {
  const text = `SELECT ('2026-07-01T00:00:00Z'::timestamptz AT TIME ZONE $1)::text AS summer`
  for (const name of ['CET', 'MET', 'cet']) {
    const [row] = await log.query<{ summer: string }>({ text, values: [canonicalTimezone(name)] })
    expect([name, row!.summer]).toEqual([name, '2026-07-01 02:00:00'])
  }
})

test.each(['Mars/Olympus', 'JST', 'PST', '+01:00', 'UTC+1', 'SystemV/AST4', ' UTC', 'Europe/Berlin\0', ''])(
  'canonicalTimezone rejects %j',
  name => {
    expect(canonicalTimezone(name)).toBeUndefined()
  },
)
