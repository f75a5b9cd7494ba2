import { randomUUID } from 'node:crypto'
import { afterwards, GivenLog, opened, resolved, recorded, type GivenEvent } from '#test/specs/read-models/given-log'
import { brokers, freshTopicName, until } from '#test/kit'
import { deploymentsPath, startQueryApp, type TestQueryApp } from '#test/kit/apps/query-app'

let log: GivenLog
let app: TestQueryApp
let tenant: string

beforeAll(async () => {
  log = await GivenLog.start()
  app = await startQueryApp({ databaseUrl: log.database.url, brokers: brokers(), topic: freshTopicName('query') })
  await until(async () => (await app.get('/readyz')).status === 200, 'the query app is ready')
})
afterAll(async () => {
  await app.close()
  await log.end()
})
beforeEach(() => {
  tenant = `tenant-${randomUUID().slice(0, 8)}`
})

const get = (path: string) =>
  app.get(path.startsWith('/') ? path : `${deploymentsPath}/metrics/${path}`, { 'X-Tenant-ID': tenant })

/** A deployment that was recorded when it started, unless `facts` differ. */
const on = (deployedAt: string, facts: Parameters<typeof recorded>[0] = {}) =>
  recorded({ tenant, deployedAt, recordedTime: deployedAt, ...facts })

const later = (event: GivenEvent, what: Parameters<typeof afterwards>[1], recordedTime: string): GivenEvent => ({
  ...afterwards(event, what),
  recordedTime,
})

const noRollbacks = { rolledBackReported: 0, rolledBackInferred: 0, incidents: 0 }
const december = { start: '2025-12-01T00:00:00Z', end: '2026-01-01T00:00:00Z' }
const january = { start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' }

interface PresentedPeriod {
  start: string
  from: number
  to: number
  events: { position: string; from: number; to: number }[]
}

async function allPages(path: string): Promise<PresentedPeriod[][]> {
  const pages: PresentedPeriod[][] = []
  for (let next: string | undefined = path; next !== undefined;) {
    const { json, headers } = await get(next)
    pages.push(json)
    next = /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
    expect(pages.length).toBeLessThan(60)
  }
  return pages
}

describe('GET metrics/changes', () => {
  test('returns the late failure that changed the rate of a past month, with the values before and after', async () => {
    // given: three months without a failure, then a late failure of the month before last
    await log.given(
      ...['2025-12-03', '2025-12-10', '2026-01-05', '2026-01-12', '2026-02-03'].map(date => on(`${date}T10:00:00Z`)),
    )
    const window = `from=${january.start}&to=${january.end}`
    const rate = async (more = '') =>
      (await get(`/api/v1/platform/deployments/metrics?${window}${more}`)).json.changeFailRate.rate
    expect(await rate()).toBe(0)
    const late = on('2026-01-20T10:00:00Z', { status: 'FAILED', recordedTime: '2026-03-02T08:00:00Z' })
    const [record] = log.append([late])
    await log.project()

    // then: the rate of that month has changed, and the event is returned
    expect(await rate()).toBe(1 / 3)
    expect(await rate('&knownAt=2026-03-01T00:00:00Z')).toBe(0)
    const { status, json, headers } = await get('changes?metric=changeFailRate&since=2026-03-01T00:00:00Z')
    expect(status).toBe(200)
    expect(headers.get('shiplog-position')).toMatch(/^\d+:\d+/)
    const [from, to] = [
      { rate: 0, failed: 0, ...noRollbacks },
      { rate: 1 / 3, failed: 1, ...noRollbacks },
    ]
    const event = {
      position: `${record!.partition}:${record!.headers['ce_ledgerseq']!.toString()}`,
      eventId: record!.headers['ce_id']!.toString(),
      type: 'io.shiplog.deployment.recorded.v1',
      deploymentId: late.id,
      application: 'checkout',
      time: '2026-01-20T10:00:00Z',
      recordedAt: '2026-03-02T08:00:00Z',
      from,
      to,
    }
    expect(json).toEqual([{ ...january, from, to, events: [event] }])
    expect((await get('changes?metric=changeFailRate&since=2026-03-02T08:00:00Z')).json).toEqual([])
    expect((await get('changes?metric=reworkRate&since=2026-03-01T00:00:00Z')).json).toEqual([])
  })

  test('returns the correction that made a deployment of a past month a cancelled one', async () => {
    const [first, second] = [on('2026-01-05T10:00:00Z', { unplanned: true }), on('2026-01-06T10:00:00Z')]
    await log.given(first, second)
    const corrections = [{ field: 'status' as const, before: 'DEPLOYED', after: 'CANCELLED' }]
    const corrected = { type: 'DeploymentCorrected' as const, corrections, reason: 'it never ran' }
    await log.given(later(first, corrected, '2026-03-01T10:00:00Z'))
    const changeOf = async (metric: string) =>
      (await get(`changes?metric=${metric}&since=2026-02-28T00:00:00Z`)).json.map(
        ({ from, to, events }: PresentedPeriod) => [from, to, events.length],
      )
    expect(await changeOf('cancelled')).toEqual([[0, 1, 1]])
    expect(await changeOf('deployments')).toEqual([[2, 1, 1]])
    expect(await changeOf('reworkRate')).toEqual([[{ rate: 0.5, unplanned: 1 }, { rate: 0, unplanned: 0 }, 1]])
    expect(await changeOf('deploymentFrequency')).toMatchObject([[{ count: 2 }, { count: 1 }, 1]])
  })

  test('returns each of several changes in order of recording, with the values before and after', async () => {
    const first = on('2026-01-05T10:00:00Z', { application: 'app-0' })
    const second = on('2026-01-06T10:00:00Z', { application: 'app-1' })
    const third = on('2026-01-07T10:00:00Z', { application: 'app-2' })
    await log.given(
      first,
      second,
      third,
      ...Array.from({ length: 9 }, (_, n) => on(`2026-02-1${n}T10:00:00Z`, { application: 'app-0' })),
    )
    const corrections = [{ field: 'status' as const, before: 'DEPLOYED', after: 'FAILED' }]
    const corrected = { type: 'DeploymentCorrected' as const, corrections, reason: 'it was not so' }
    await log.given(
      later(second, corrected, '2026-03-01T10:00:00Z'),
      later(first, corrected, '2026-03-01T11:00:00Z'),
      later(third, { type: 'DeploymentRolledBack', rolledBackAt: '2026-01-07T11:00:00Z' }, '2026-03-01T12:00:00Z'),
    )
    const { json } = await get('changes?metric=changeFailRate&since=2026-02-28T00:00:00Z')
    expect(json).toMatchObject([{ ...january, from: { rate: 0 }, to: { rate: 1, failed: 2, rolledBackReported: 1 } }])
    expect(
      json[0].events.map((event: { application: string; from: object; to: object }) => [
        event.application,
        event.from,
        event.to,
      ]),
    ).toEqual([
      ['app-1', { rate: 0, failed: 0, ...noRollbacks }, { rate: 1 / 3, failed: 1, ...noRollbacks }],
      ['app-0', { rate: 1 / 3, failed: 1, ...noRollbacks }, { rate: 2 / 3, failed: 2, ...noRollbacks }],
      [
        'app-2',
        { rate: 2 / 3, failed: 2, ...noRollbacks },
        { rate: 1, failed: 2, ...noRollbacks, rolledBackReported: 1 },
      ],
    ])
  })

  test('returns the deployments that made another one a rollback, reported its rollback or recovered it', async () => {
    const [v2, v1] = [on('2025-12-10T10:00:00Z', { imageTag: 'v2' }), on('2026-01-10T10:00:00Z', { imageTag: 'v1' })]
    const late = on('2025-11-10T10:00:00Z', { imageTag: 'v1', recordedTime: '2026-02-01T10:00:00Z' })
    await log.given(v2, v1, late)
    const since = 'since=2026-01-15T00:00:00Z'
    const inferred = (await get(`changes?metric=changeFailRate&${since}`)).json
    expect(inferred.at(-1)).toMatchObject({
      ...december,
      from: { rolledBackInferred: 0 },
      to: { rolledBackInferred: 1 },
      events: [{ deploymentId: late.id }],
    })
    // when: a later deployment reports a rollback of v1; so does one of another application, which does not count
    const referencing = on('2026-02-10T10:00:00Z', { imageTag: 'v2', rollbackOf: v1.id })
    await log.given(referencing, on('2026-02-10T11:00:00Z', { application: 'search', rollbackOf: v1.id }))
    const { json } = await get('changes?metric=failedDeploymentRecoveryTime&since=2026-02-05T00:00:00Z')
    const recovered = (days: number) => ({ medianSeconds: days * 86_400, recovered: 1, open: 0 })
    expect(json).toMatchObject([
      { ...january, from: { recovered: 0, open: 0 }, to: recovered(31), events: [{ deploymentId: referencing.id }] },
    ])
    expect(json[0].events).toHaveLength(1)
    // when: an earlier recovery is recorded late
    const next = on('2026-01-20T10:00:00Z', { imageTag: 'v3', recordedTime: '2026-03-10T10:00:00Z' })
    await log.given(next)
    expect((await get('changes?metric=failedDeploymentRecoveryTime&since=2026-03-01T00:00:00Z')).json).toMatchObject([
      { ...january, from: recovered(31), to: recovered(10), events: [{ deploymentId: next.id }] },
    ])
  })

  test('names an incident that was told late, and its resolution', async () => {
    const failing = on('2026-01-05T10:00:00Z')
    const late = opened({ tenant, startedAt: '2026-01-06T10:00:00Z', recordedTime: '2026-03-02T08:00:00Z' })
    const ended = resolved(late, '2026-01-06T12:00:00Z', '2026-03-02T09:00:00Z')
    await log.given(failing, on('2026-01-12T10:00:00Z'), on('2026-02-03T10:00:00Z'))
    const records = log.append([late, ended])
    await log.project()
    const [first, second] = records.map((record, n) => ({
      position: `${record.partition}:${record.headers['ce_ledgerseq']!.toString()}`,
      eventId: record.headers['ce_id']!.toString(),
      type: `io.shiplog.incident.${n === 0 ? 'opened' : 'resolved'}.v1`,
      deploymentId: failing.id,
      incidentId: late.id,
      application: 'checkout',
      time: n === 0 ? '2026-01-06T10:00:00Z' : '2026-01-06T12:00:00Z',
      recordedAt: `2026-03-02T0${8 + n}:00:00Z`,
    }))
    const rates = [0, 1].map(incidents => ({ rate: incidents / 2, failed: 0, ...noRollbacks, incidents }))
    const [from, to] = rates
    const since = 'since=2026-03-01T00:00:00Z'
    expect((await get(`changes?metric=changeFailRate&${since}`)).json).toEqual([
      { ...january, from, to, events: [{ ...first, from, to }] },
    ])
    // Until it is resolved the next success is its recovery.
    const times = [
      { medianSeconds: null, recovered: 0, open: 0 },
      { medianSeconds: 6 * 86_400, recovered: 1, open: 0 },
      { medianSeconds: 7200, recovered: 1, open: 0 },
    ]
    expect((await get(`changes?metric=failedDeploymentRecoveryTime&${since}`)).json).toEqual([
      {
        ...january,
        from: times[0],
        to: times[2],
        events: [
          { ...first, from: times[0], to: times[1] },
          { ...second, from: times[1], to: times[2] },
        ],
      },
    ])
  })

  test('returns only changes after the end of a period that had not ended at `since`', async () => {
    await log.given(
      on('2026-01-05T10:00:00Z'),
      on('2026-01-20T10:00:00Z'),
      on('2026-01-25T10:00:00Z', { recordedTime: '2026-02-02T00:00:00Z' }),
    )
    const { json } = await get('changes?metric=deploymentFrequency&since=2026-01-10T00:00:00Z')
    expect(json).toMatchObject([{ ...january, from: { count: 2, perDay: 2 / 31 }, to: { count: 3, perDay: 3 / 31 } }])
    expect(json[0].events).toHaveLength(1)
    expect(json[0].from).not.toHaveProperty('buckets')
  })

  test('includes the first period where a correction moved all of its deployments to a later one', async () => {
    const first = on('2025-12-10T10:00:00Z')
    await log.given(first, on('2026-01-03T10:00:00Z'))
    const corrections = [
      { field: 'deployedAt' as const, before: '2025-12-10T10:00:00Z', after: '2026-01-10T10:00:00Z' },
    ]
    const what = { type: 'DeploymentCorrected' as const, corrections, reason: 'the clock was wrong' }
    await log.given(later(first, what, '2026-02-10T10:00:00Z'))
    const { json } = await get('changes?metric=deployments&since=2026-02-01T00:00:00Z')
    const moved = [{ deploymentId: first.id, type: 'io.shiplog.deployment.corrected.v1' }]
    expect(json).toMatchObject([
      { ...december, from: 1, to: 0, events: moved },
      { ...january, from: 1, to: 2, events: moved },
    ])
  })

  test('is paged by period in the time zone', async () => {
    const days = Array.from({ length: 20 }, (_, n) => `2026-01-${String(n + 1).padStart(2, '0')}T22:30:00Z`)
    await log.given(...days.map(day => on(day, { completedAt: day, recordedTime: '2026-06-01T00:00:00Z' })))
    const starts: string[] = []
    let next: string | undefined =
      'changes?metric=deployments&since=2026-01-05T00:00:00Z&bucket=day&timezone=Europe/Vienna&limit=3'
    for (let pages = 0; next !== undefined; pages++) {
      const { json, headers } = await get(next)
      expect(json.length).toBeLessThanOrEqual(3)
      starts.push(...json.map(({ start }: { start: string }) => start))
      for (const { from, to } of json) expect([from, to]).toEqual([0, 1])
      next = /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
      expect(pages).toBeLessThan(60)
    }
    expect(starts).toEqual(
      days.map(day => `${new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)}T23:00:00Z`),
    )
  })

  describe('of events recorded in one millisecond', () => {
    const imported = '2026-03-01T10:00:00.123Z'
    const since = 'since=2026-02-15T00:00:00Z'
    const late = (facts: Parameters<typeof recorded>[0] = {}) =>
      on('2026-01-20T10:00:00Z', { recordedTime: imported, ...facts })
    const correct = (event: GivenEvent, field: 'gitBranch' | 'status', after: string) => {
      const corrections = [{ field, before: 'DEPLOYED', after }]
      return later(event, { type: 'DeploymentCorrected', corrections, reason: 'it was not so' }, imported)
    }

    test('omits deployments of other environments', async () => {
      const moving = late({ imageTag: 'v2' })
      await log.given(on('2026-01-05T10:00:00Z'), late({ environment: 'dev', imageTag: 'v2' }), moving)
      const { json } = await get(`changes?metric=deployments&${since}`)
      expect(json).toMatchObject([
        { ...january, from: 1, to: 2, events: [{ deploymentId: moving.id, from: 1, to: 2 }] },
      ])
      expect(json[0].events).toHaveLength(1)
    })

    test('omits pending deployments and those of other periods', async () => {
      const moving = late({ status: 'FAILED' })
      await log.given(
        on('2026-01-05T10:00:00Z'),
        late({ status: 'PENDING' }),
        moving,
        late({ deployedAt: '2026-02-25T10:00:00Z', status: 'FAILED' }),
      )
      const { json } = await get(`changes?metric=changeFailRate&${since}`)
      expect(json[0]).toMatchObject({ ...january, from: { failed: 0 }, to: { rate: 0.5, failed: 1 } })
      expect(json[0].events.map(({ deploymentId }: { deploymentId: string }) => deploymentId)).toEqual([moving.id])
    })

    test('omits corrections that do not change the value', async () => {
      const [first, second] = [on('2026-01-05T10:00:00Z'), on('2026-01-06T10:00:00Z', { imageTag: 'v2' })]
      await log.given(first, second)
      await log.given(correct(first, 'gitBranch', 'main'), correct(second, 'status', 'FAILED'))
      const { json } = await get(`changes?metric=changeFailRate&${since}`)
      expect(json).toMatchObject([{ ...january, from: { failed: 0 }, to: { failed: 1 } }])
      expect(json[0].events.map(({ deploymentId }: { deploymentId: string }) => deploymentId)).toEqual([second.id])
    })

    test('returns each event that changed the value, with its own step, in log order', async () => {
      const failures = [late({ status: 'FAILED' }), late({ status: 'FAILED' }), late()]
      await log.given(on('2026-01-05T10:00:00Z'), ...failures)
      const { json } = await get(`changes?metric=changeFailRate&${since}`)
      expect(
        json[0].events.map(
          ({ deploymentId, from, to }: { deploymentId: string; from: { rate: number }; to: { rate: number } }) => [
            deploymentId,
            from.rate,
            to.rate,
          ],
        ),
      ).toEqual([
        [failures[0]!.id, 0, 1 / 2],
        [failures[1]!.id, 1 / 2, 2 / 3],
        [failures[2]!.id, 2 / 3, 2 / 4],
      ])
    })

    test('continues a period on the next page from the last value of the page before', async () => {
      const many = Array.from({ length: 8 }, (_, n) => late({ application: `app-${n % 3}`, imageTag: `v${n}` }))
      await log.given(on('2025-12-05T10:00:00Z'), on('2025-12-05T10:00:00Z', { recordedTime: imported }), ...many)
      const pages = await allPages(`changes?metric=deployments&${since}&limit=3`)
      expect(pages.map(page => page.map(({ start, from, to, events }) => [start, from, to, events.length]))).toEqual([
        [
          [december.start, 1, 2, 1],
          [january.start, 0, 8, 2],
        ],
        [[january.start, 0, 8, 3]],
        [[january.start, 0, 8, 3]],
      ])
      const events = pages.flat().flatMap(page => page.events)
      expect(new Set(events.map(({ position }) => position)).size).toBe(9)
      expect(events.map(({ from, to }) => [from, to])).toEqual([[1, 2], ...many.map((_, n) => [n, n + 1])])
    })
  })

  test('returns all of 150 changed periods', async () => {
    const day = (n: number) => new Date(Date.UTC(2025, 0, 1 + n, 12)).toISOString().replace('.000Z', 'Z')
    const days = Array.from({ length: 150 }, (_, n) => day((n * 77) % 150))
    await log.given(...days.map(at => on(at, { recordedTime: '2026-06-01T00:00:00Z' })))
    const pages = await allPages('changes?metric=deployments&since=2026-05-01T00:00:00Z&bucket=day&limit=500')
    expect(pages.flat().map(({ start }) => start)).toEqual(days.map(at => `${at.slice(0, 10)}T00:00:00Z`).toSorted())
  })

  test.each([
    ['changes', ['metric', 'since']],
    ['changes?metric=joy&since=2026-01-01T00:00:00Z', ['metric']],
    ['changes?metric=deployments&since=2026-01-01T00:00:00Z&timezone=PST', ['timezone']],
    ['changes?metric=deployments&since=2026-01-01T00:00:00Z&cursor=abc', ['cursor']],
  ])('rejects %s with 400 that names %j', async (path, parameters) => {
    const { status, json } = await get(path)
    expect(status).toBe(400)
    expect(json.errors.map(({ parameter }: { parameter: string }) => parameter)).toEqual(parameters)
  })
})
