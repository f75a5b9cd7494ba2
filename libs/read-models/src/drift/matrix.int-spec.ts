import { at, Tenant } from '#test/specs/read-models/asking'
import { afterwards, GivenLog } from '#test/specs/read-models/given-log'
import type { DriftMatrix } from '#libs/api'
import { driftHistory, driftMatrix, InvalidDays } from '../index.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

const deployed = (application: string, environment: string, imageTag: string, deployedAt: string, more: object = {}) =>
  tenant.recorded({ application, environment, imageTag, deployedAt, ...more })

describe('driftMatrix', () => {
  type MatrixRequest = Partial<Parameters<typeof driftMatrix>[1]>

  async function matrix(requested: MatrixRequest = {}): Promise<{ matrix: DriftMatrix; next?: string }> {
    const request = { tenant: tenant.name, limit: 500, asOf: at('12:00:00'), ...requested }
    return (await driftMatrix(log.query, request)).body
  }

  beforeEach(async () => {
    await log.given(
      ...['dev', 'staging', 'production'].map(environment => deployed('a', environment, 'v1', at('08:00:00'))),
      deployed('a', 'dev', 'v2', at('09:00:00')),
      deployed('a', 'staging', 'v2', at('10:00:00')),
      deployed('a', 'dev', 'v3', at('11:00:00')),
      deployed('b', 'dev', 'v1', at('08:30:00')),
      deployed('c', 'prod', 'v1', at('08:45:00')),
      ...['development', 'stage', 'prod'].map(environment => deployed('d', environment, 'v1', at('08:00:00'))),
      deployed('e', 'elsewhere', 'v1', at('08:00:00')),
    )
  })

  test.each([{}, { knownAt: '2026-12-01T00:00:00Z' }])(
    'counts the states of all applications for each pair of environments (%p)',
    async known => {
      const { pairs, environments, asOf } = (await matrix(known)).matrix
      expect({ environments, asOf }).toEqual({ environments: ['dev', 'staging', 'production'], asOf: at('12:00:00') })
      expect(pairs).toEqual([
        {
          source: 'dev',
          target: 'staging',
          applications: { same: 1, different: 1, onlyInSource: 1, onlyInTarget: 0 },
          oldest: { application: 'b', since: at('08:30:00'), ageSeconds: 12_600 },
        },
        {
          source: 'dev',
          target: 'production',
          applications: { same: 1, different: 1, onlyInSource: 1, onlyInTarget: 1 },
          oldest: { application: 'b', since: at('08:30:00'), ageSeconds: 12_600 },
        },
        {
          source: 'staging',
          target: 'production',
          applications: { same: 1, different: 1, onlyInSource: 0, onlyInTarget: 1 },
          oldest: { application: 'c', since: at('08:45:00'), ageSeconds: 11_700 },
        },
      ])
    },
  )

  test('returns the active deployments and the lagging environments of each application', async () => {
    const [a, b, c, d, ...none] = (await matrix()).matrix.applications
    expect(none).toEqual([])
    expect(a).toMatchObject({
      application: 'a',
      environments: { dev: { imageTag: 'v3', deployedAt: at('11:00:00') }, staging: { imageTag: 'v2' } },
    })
    const lag = (environment: string, behind: string, aheadBy: number, since: string, ageSeconds: number) => {
      return { environment, behind, state: 'different', direction: 'ahead', aheadBy, since, ageSeconds }
    }
    expect(a!.lagging).toEqual([
      lag('staging', 'dev', 1, at('11:00:00'), 3600),
      lag('production', 'dev', 2, at('09:00:00'), 10_800),
      lag('production', 'staging', 1, at('10:00:00'), 7200),
    ])
    expect(b!.lagging.map(({ environment, state }) => `${environment} ${state}`)).toEqual([
      'staging onlyInSource',
      'production onlyInSource',
    ])
    expect(c).toMatchObject({ application: 'c', lagging: [] })
    expect(d).toMatchObject({ application: 'd', lagging: [] })
  })

  test('is paged and filtered by application, and counts all pages', async () => {
    const names: string[] = []
    let cursor: string | undefined
    do {
      const page = await matrix({ limit: 2, cursor })
      expect(page.matrix.pairs[0]!.applications.same).toBe(1)
      names.push(...page.matrix.applications.map(({ application }) => application))
      cursor = page.next
    } while (cursor !== undefined)
    expect(names).toEqual(['a', 'b', 'c', 'd'])
    const differing = (await matrix({ onlyDiffering: true })).matrix.applications
    expect(differing.map(({ application }) => application)).toEqual(['a', 'b', 'c'])
    const one = (await matrix({ application: 'd' })).matrix
    expect(one.pairs[0]!.applications).toEqual({ same: 1, different: 0, onlyInSource: 0, onlyInTarget: 0 })
  })
})

describe('driftHistory', () => {
  type HistoryRequest = Partial<Parameters<typeof driftHistory>[1]>

  async function days(requested: HistoryRequest = {}) {
    const request = { tenant: tenant.name, source: 'stage', target: 'prod', timezone: 'UTC', ...requested }
    const { body } = await driftHistory(log.query, request)
    if (body.unknown) throw new Error(`unknown: ${body.unknown.join()}`)
    return body.drift
  }

  const day = (n: number, time = '00:00:00') => `2026-03-0${n}T${time}Z`
  const presented = ({ days: returned }: Awaited<ReturnType<typeof days>>) =>
    returned.map(({ date, applications, differing, longestSeconds }) =>
      [date.slice(-2), applications, differing, ...(longestSeconds === undefined ? [] : [longestSeconds / 3600])].join(
        ' ',
      ),
    )

  beforeEach(async () => {
    const gone = deployed('b', 'staging', 'v1', day(2, '06:00:00'))
    await log.given(
      deployed('a', 'staging', 'v1', day(1, '06:00:00')),
      deployed('a', 'production', 'v1', day(1, '18:00:00')),
      deployed('a', 'staging', 'v2', day(3, '12:00:00')),
      deployed('a', 'staging', 'v3', day(4, '12:00:00')),
      deployed('a', 'production', 'v3', day(6)),
      gone,
      afterwards(gone, { type: 'DeploymentRolledBack', rolledBackAt: day(5, '12:00:00') }),
    )
  })

  test.each([{}, { knownAt: '2026-12-01T00:00:00Z' }])(
    'returns the state at the end of each day, and at asOf for the day that contains it (%p)',
    async known => {
      const requested = { ...known, from: day(1), to: day(8), asOf: day(7, '12:00:00') }
      // A change at midnight belongs to the day that begins then.
      const whole = ['01 1 0', '02 2 1 18', '03 2 2 42', '04 2 2 66', '05 1 1 60', '06 1 0', '07 1 0']
      const returned = await days(requested)
      expect(presented(returned)).toEqual(whole)
      expect(returned).toMatchObject({
        source: 'staging',
        target: 'production',
        from: day(1),
        to: day(8),
        asOf: requested.asOf,
      })
      expect(presented(await days({ ...requested, from: day(4, '23:00:00'), to: day(6) }))).toEqual(whole.slice(3, 5))
      expect(presented(await days({ ...requested, asOf: day(4, '06:00:00') })).at(-1)).toBe('04 2 2 48')
      expect(presented(await days({ ...requested, application: 'b' })).slice(0, 3)).toEqual([
        '01 0 0',
        '02 1 1 18',
        '03 1 1 42',
      ])
    },
  )

  test('has the days of the time zone, also one of 23 hours', async () => {
    await log.given(deployed('c', 'staging', 'v1', '2026-03-28T23:30:00Z'))
    const requested = { from: '2026-03-28T12:00:00Z', to: '2026-03-31T00:00:00Z', application: 'c' }
    expect(presented(await days({ ...requested, timezone: 'Europe/Berlin' }))).toEqual([
      '28 0 0',
      '29 1 1 22.5',
      '30 1 1 46.5',
      '31 1 1 70.5',
    ])
    expect(presented(await days(requested))).toEqual(['28 1 1 0.5', '29 1 1 24.5', '30 1 1 48.5'])
  })

  // Staging has the tag long before. Once production has it, they are the same; `differing` is the last day that ends with a difference.
  test.each([
    ['a repeated midnight', 'Atlantic/Azores', '2025-10-26T00:00:00Z', '2025-10-25'],
    ['between the two midnights', 'Atlantic/Azores', '2025-10-26T00:30:00Z', '2025-10-25'],
    ['just before the first of two midnights', 'Atlantic/Azores', '2025-10-25T23:59:59.999Z', '2025-10-24'],
    ['a repeated hour before midnight', 'America/Santiago', '2025-04-06T03:59:59.999Z', '2025-04-04'],
    ['the midnight after a repeated hour', 'America/Santiago', '2025-04-06T04:00:00Z', '2025-04-05'],
    ['a skipped midnight', 'America/Santiago', '2025-09-07T04:00:00Z', '2025-09-06'],
    ['just before a skipped midnight', 'America/Santiago', '2025-09-07T03:59:59.999Z', '2025-09-05'],
    ['a skipped midnight', 'Asia/Beirut', '2025-03-29T22:00:00Z', '2025-03-29'],
    ['a repeated hour before midnight', 'Asia/Beirut', '2025-10-25T21:30:00Z', '2025-10-24'],
    ['the midnight after a repeated hour', 'Asia/Beirut', '2025-10-25T22:00:00Z', '2025-10-25'],
    ['a skipped midnight', 'Africa/Cairo', '2025-04-24T22:00:00Z', '2025-04-24'],
    ['just before a skipped midnight', 'Africa/Cairo', '2025-04-24T21:59:59.999Z', '2025-04-23'],
    ['a repeated hour before midnight', 'America/Asuncion', '2023-03-26T03:30:00Z', '2023-03-24'],
    ['the midnight after a repeated hour', 'America/Asuncion', '2023-03-26T04:00:00Z', '2023-03-25'],
    ['a skipped day', 'Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-29'],
    ['just before a skipped day', 'Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-28'],
    [
      'a minute after midnight at which the clocks go back to the day before',
      'America/St_Johns',
      '2006-10-29T02:30:30Z',
      '2006-10-28',
    ],
    ['a repeated half hour', 'Australia/Lord_Howe', '2025-04-05T13:00:00Z', '2025-04-05'],
  ])('ends a day at its first midnight: %s (%s, %s)', async (_what, timezone, arrived, differing) => {
    const DAY = 86_400_000
    const around = (days: number) => new Date(Date.parse(arrived) + days * DAY).toISOString()
    await log.given(deployed('z', 'staging', 'v1', around(-4)), deployed('z', 'production', 'v1', arrived))
    const requested = { application: 'z', timezone, from: around(-2), to: around(2), asOf: around(3) }
    for (const moment of [{}, { knownAt: '2026-12-01T00:00:00Z' }]) {
      const returned = await days({ ...requested, ...moment })
      expect(returned.days.filter(each => each.differing > 0).at(-1)?.date).toBe(differing)
      expect(returned.days.map(({ date }) => date)).toEqual(returned.days.map(({ date }) => date).toSorted())
      expect(new Set(returned.days.map(({ date }) => date)).size).toBe(returned.days.length)
      if (timezone === 'Pacific/Apia') expect(returned.days.map(({ date }) => date)).not.toContain('2011-12-30')
    }
  })

  test('covers the last thirty days by default, and no future days', async () => {
    const returned = await days({ asOf: day(7, '12:00:00') })
    expect(returned).toMatchObject({ from: '2026-02-05T12:00:00Z', to: day(7, '12:00:00') })
    expect([returned.days.length, returned.days[0]!.date, returned.days.at(-1)!.date]).toEqual([
      31,
      '2026-02-05',
      '2026-03-07',
    ])
    expect((await days({ from: '2126-01-01T00:00:00Z', to: '2126-01-02T00:00:00Z' })).days).toEqual([])
  })

  test('rejects an empty period and one of too many days', async () => {
    await expect(days({ from: day(2), to: day(2) })).rejects.toThrow(InvalidDays)
    await expect(days({ from: '1926-01-01T00:00:00Z', to: day(2) })).rejects.toThrow(InvalidDays)
  })
})
