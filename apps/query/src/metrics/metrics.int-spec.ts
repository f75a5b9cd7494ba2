import { randomUUID } from 'node:crypto'
import { afterwards, GivenLog, recorded } from '#test/specs/read-models/given-log'
import { brokers, freshTopicName, until } from '#test/kit'
import { deploymentsPath, startQueryApp, type QueryResponse, type TestQueryApp } from '#test/kit/apps/query-app'

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

const at = (time: string) => `2026-02-12T${time}Z`
const here = (facts: Parameters<typeof recorded>[0] = {}) => recorded({ tenant, ...facts })
const day = `from=${at('00:00:00')}&to=2026-02-13T00:00:00Z`

function get(path: string, headers: Record<string, string> = {}): Promise<QueryResponse> {
  return app.get(path.startsWith('/') ? path : `${deploymentsPath}/${path}`, { 'X-Tenant-ID': tenant, ...headers })
}

async function everything(path: string): Promise<object[]> {
  const entries: object[] = []
  for (let next: string | undefined = path; next !== undefined;) {
    const response: QueryResponse = await get(next)
    expect([next, response.status]).toEqual([next, 200])
    entries.push(...response.json)
    next = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
  }
  return entries
}

/** Two tags, the second rolled back to the first, and a failure of another application without a later success. */
async function givenFailures() {
  const commits = [{ sha: 'abc', committedAt: at('08:00:00') }]
  const v1 = here({ imageTag: 'v1', deployedAt: at('09:00:00'), completedAt: at('09:10:00'), commits })
  const v2 = here({ imageTag: 'v2', deployedAt: at('10:00:00'), completedAt: at('10:20:00'), unplanned: true })
  const back = here({ imageTag: 'v1', deployedAt: at('11:00:00') })
  const failed = here({ application: 'search', status: 'FAILED', deployedAt: at('12:00:00') })
  const dev = here({ imageTag: 'v1', environment: 'dev', deployedAt: at('08:30:00') })
  await log.given(v1, v2, back, failed, dev)
  return { v1, v2, back, failed, dev }
}

describe('GET metrics', () => {
  test('returns all metrics of the last environment of the pipeline, with the positions that they reflect', async () => {
    await givenFailures()
    const { status, json, headers } = await get(`metrics?${day}`)
    expect(status).toBe(200)
    expect(headers.get('shiplog-position')).toMatch(/^\d+:\d+(,\d+:\d+)*$/)
    const expected = {
      environment: 'production',
      from: at('00:00:00'),
      to: '2026-02-13T00:00:00Z',
      timezone: 'UTC',
      deployments: 4,
      deploymentFrequency: { count: 3, perDay: 3, buckets: [{ start: at('00:00:00'), count: 3 }] },
      cancelled: 0,
      changeFailRate: {
        rate: 0.5,
        failed: 1,
        rolledBackReported: 0,
        rolledBackInferred: 1,
        incidents: 0,
        unattributed: 0,
      },
      leadTimeForChange: { medianSeconds: 4200, p95Seconds: 4200, commits: 1 },
      failedDeploymentRecoveryTime: { medianSeconds: 2400, recovered: 1, open: 1 },
      reworkRate: { rate: 0.25, unplanned: 1 },
      deploymentDuration: { medianSeconds: 900, p95Seconds: 1170, count: 2 },
      promotionLeadTime: { medianSeconds: 2400, p95Seconds: 2400, tags: 1 },
    }
    expect(json).toEqual(expected)
    // and the same by recomputation
    expect((await get(`metrics?${day}&asOf=2026-02-14T00:00:00Z`)).json).toEqual(expected)
    expect((await get(`metrics?${day}&knownAt=2030-01-01T00:00:00Z`)).json).toEqual(expected)
  })

  test('filters by environment and application, and excludes inferred rollbacks', async () => {
    await givenFailures()
    expect((await get(`metrics?${day}&environment=prod&application=search`)).json).toMatchObject({
      environment: 'production',
      application: 'search',
      deployments: 1,
      changeFailRate: { rate: 1, failed: 1 },
      deploymentDuration: { medianSeconds: null, p95Seconds: null, count: 0 },
    })
    expect((await get(`metrics?${day}&rollbacks=reported`)).json).toMatchObject({
      changeFailRate: { rate: 0.25, rolledBackInferred: 0 },
      failedDeploymentRecoveryTime: { medianSeconds: null, recovered: 0, open: 1 },
    })
  })

  test('count two regions as one production, whose commits and tags arrive once', async () => {
    const commits = [{ sha: 'abc', committedAt: at('08:00:00') }]
    const told = [
      { environment: 'dev', imageTag: 'v1', deployedAt: at('08:30:00') },
      { imageTag: 'v1', deployedAt: at('09:00:00'), completedAt: at('09:10:00'), commits },
      { imageTag: 'v1', deployedAt: at('10:00:00'), completedAt: at('10:20:00'), commits },
      { imageTag: 'v2', status: 'FAILED' as const, deployedAt: at('11:00:00') },
      { imageTag: 'v2', deployedAt: at('12:00:00'), gitCommit: 'abc', unplanned: true },
    ]
    const regions = ['dev', 'eu', 'us', 'us', 'us']
    await log.given(...told.map((facts, n) => here({ ...facts, environment: regions[n]! })))
    await log.given(...told.map(facts => recorded({ tenant: `${tenant}-one`, environment: 'production', ...facts })))
    for (const moment of ['', '&asOf=2026-02-14T00:00:00Z', '&knownAt=2030-01-01T00:00:00Z']) {
      const { json } = await get(`metrics?${day}&environment=us&environment=EU&environment=eu${moment}`)
      const { environment, ...expected } = (await get(`metrics?${day}${moment}`, { 'X-Tenant-ID': `${tenant}-one` }))
        .json
      expect([environment, json]).toEqual(['production', { environments: ['eu', 'us'], ...expected }])
      expect(json).toMatchObject({ deployments: 4, leadTimeForChange: { commits: 1 }, promotionLeadTime: { tags: 1 } })
      const arrivals = await everything(
        `metrics?${day}&environment=us&environment=eu&explain=leadTimeForChange&limit=1${moment}`,
      )
      expect(arrivals).toMatchObject([{ environment: 'eu', commit: { sha: 'abc' } }])
    }
    const spelled = (await get(`metrics?${day}&environment=EU&environment=eu`)).json
    expect(spelled).toEqual((await get(`metrics?${day}&environment=eu`)).json)
  })

  test('count the deployments with a label like those of its applications', async () => {
    await givenFailures()
    const labels = { team: 'payments' }
    await log.given(
      here({ application: 'cart', imageTag: 'v1', deployedAt: at('09:00:00'), completedAt: at('09:30:00'), labels }),
      here({ application: 'bill', imageTag: 'v1', deployedAt: at('10:00:00'), labels }),
      here({ application: 'bill', imageTag: 'v2', status: 'FAILED', deployedAt: at('11:00:00'), labels }),
      // It recovers the failed one, without being counted.
      here({ application: 'bill', imageTag: 'v3', environment: 'PROD', deployedAt: at('12:00:00') }),
      recorded({ tenant: `${tenant}-other`, application: 'bill', deployedAt: at('11:00:00'), labels }),
    )
    for (const moment of ['', '&asOf=2026-02-14T00:00:00Z', '&knownAt=2030-01-01T00:00:00Z']) {
      const { labels: asked, ...byLabel } = (await get(`metrics?${day}&label=team=payments${moment}`)).json
      const applications = 'application=cart&application=bill'
      const { applications: both, ...ofBoth } = (await get(`metrics?${day}&${applications}${moment}`)).json
      expect([asked, both]).toEqual([['team=payments'], ['cart', 'bill']])
      expect(byLabel).toMatchObject({
        deployments: 3,
        changeFailRate: { failed: 1 },
        failedDeploymentRecoveryTime: { medianSeconds: 3600, recovered: 1, open: 0 },
      })
      expect(ofBoth).toMatchObject({ deployments: 4, deploymentDuration: { medianSeconds: 1800, count: 1 } })
      const narrowed = (await get(`metrics?${day}&${applications}&label=team=payments${moment}`)).json
      expect(narrowed).toMatchObject(byLabel)
    }
  })

  test('counts cancelled deployments apart: they are in no other metric', async () => {
    const { v2 } = await givenFailures()
    const { json: before } = await get(`metrics?${day}`)
    const commits = [{ sha: 'def', committedAt: at('08:00:00') }]
    const planned = here({ status: 'PENDING', imageTag: 'v3', deployedAt: at('13:00:00'), unplanned: true, commits })
    const stopped = here({ status: 'CANCELLED', application: 'search', deployedAt: at('14:00:00') })
    await log.given(
      planned,
      stopped,
      afterwards(planned, { type: 'DeploymentCompleted', status: 'CANCELLED', completedAt: at('13:30:00') }),
      // A success that undoes it undoes nothing: it never ran.
      here({ environment: 'qa', deployedAt: at('15:00:00'), rollbackOf: stopped.id }),
    )
    const expected = { ...before, cancelled: 2 }
    for (const moment of ['', '&asOf=2026-02-14T00:00:00Z', '&knownAt=2030-01-01T00:00:00Z'])
      expect((await get(`metrics?${day}${moment}`)).json).toEqual(expected)
    const cancelledOf = async (more: string) => (await get(`metrics?${day}${more}`)).json.cancelled
    expect(await cancelledOf(`&asOf=${at('13:29:59')}`)).toBe(0)
    expect(await cancelledOf(`&asOf=${at('13:30:00')}`)).toBe(1)
    expect(await cancelledOf('&application=search')).toBe(1)
    expect(await cancelledOf('&rollbacks=reported')).toBe(2)
    const entries = await everything(`metrics?${day}&explain=cancelled`)
    expect(entries).toMatchObject([
      { deploymentId: stopped.id, part: 'counted' },
      { deploymentId: planned.id, part: 'counted', because: [{ deploymentId: planned.id }, {}] },
    ])
    expect(await everything(`metrics?${day}&explain=cancelled&knownAt=2030-01-01T00:00:00Z`)).toEqual(entries)
    for (const metric of ['deployments', 'changeFailRate', 'reworkRate'])
      expect(await everything(`metrics?${day}&explain=${metric}`)).toHaveLength(4)

    // and: a correction moves all of them
    const was = { field: 'status' as const, before: 'DEPLOYED', after: 'CANCELLED' }
    await log.given(afterwards(v2, { type: 'DeploymentCorrected', corrections: [was], reason: 'it never ran' }))
    const corrected = { deployments: 3, cancelled: 3, reworkRate: { unplanned: 0 }, deploymentFrequency: { count: 2 } }
    expect((await get(`metrics?${day}`)).json).toMatchObject(corrected)
    expect((await get(`metrics?${day}&knownAt=2030-01-01T00:00:00Z`)).json).toMatchObject(corrected)
  })

  test('has a change fail rate without the cancelled one: 2 failures of 9', async () => {
    const deployments = Array.from({ length: 10 }, (_, n) =>
      here({
        imageTag: `v${n}`,
        deployedAt: at(`1${n}:00:00`),
        ...(n === 1 && { status: 'FAILED' as const }),
        ...(n === 2 && { status: 'ROLLED_BACK' as const }),
        ...(n === 3 && { status: 'CANCELLED' as const }),
      }),
    )
    await log.given(...deployments)
    expect((await get(`metrics?${day}`)).json).toMatchObject({
      deployments: 9,
      cancelled: 1,
      changeFailRate: { rate: 2 / 9 },
    })
  })

  test('divides time by the time zone, and returns its name as requested', async () => {
    await givenFailures()
    const { json } = await get(`metrics?${day}&bucket=week&timezone=europe/vienna`)
    expect(json).toMatchObject({ timezone: 'europe/vienna', deploymentFrequency: { count: 3, perDay: 1.5 } })
    expect(json.deploymentFrequency.buckets).toEqual([{ start: '2026-02-08T23:00:00Z', count: 3 }])
  })

  test('covers by default the last 30 days, or those before asOf', async () => {
    const today = new Date()
    await log.given(here({ deployedAt: new Date(today.getTime() - 29 * 86_400_000).toISOString() }))
    const { json } = await get('metrics')
    expect(json.deployments).toBe(1)
    expect(Date.parse(json.to) - Date.parse(json.from)).toBe(30 * 86_400_000)
    expect((await get(`metrics?asOf=${at('00:00:00')}`)).json).toMatchObject({
      from: '2026-01-13T00:00:00Z',
      to: at('00:00:00'),
    })
  })

  test('returns every bucket of a window of decades', async () => {
    await log.given(here({ deployedAt: at('10:00:00') }))
    const { json } = await get('metrics?from=1970-01-01T00:00:00Z&to=2026-03-01T00:00:00Z')
    const days = (Date.parse('2026-03-01T00:00:00Z') - Date.parse('1970-01-01T00:00:00Z')) / 86_400_000
    expect(json.deploymentFrequency).toMatchObject({ count: 1, perDay: 1 / days })
    expect(json.deploymentFrequency.buckets).toHaveLength(days)
  })

  test('returns zeroes without deployments, also for an unknown environment', async () => {
    const nothing = { deployments: 0, changeFailRate: { rate: null, failed: 0 }, reworkRate: { rate: null } }
    expect((await get(`metrics?${day}&environment=staging`)).json).toMatchObject({ environment: 'staging', ...nothing })
    expect((await get(`metrics?${day}&environment=moon`)).json).toMatchObject({ environment: 'moon', ...nothing })
  })

  test.each([
    ['from=2026-02-12T00:00:00Z&to=2026-02-12T00:00:00Z', 'from'],
    ['from=2100-01-01T00:00:00Z', 'from'],
    ['from=0500-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ['bucket=year', 'bucket'],
    ['timezone=Mars/Olympus', 'timezone'],
    ['timezone=JST', 'timezone'],
    ['rollbacks=none', 'rollbacks'],
    ['explain=happiness', 'explain'],
    ['explain=deployments&cursor=abc', 'cursor'],
    ['since=2026-01-01T00:00:00Z', 'since'],
    ['asOf=yesterday', 'asOf'],
  ])('rejects %s with 400 that names the parameter', async (query, parameter) => {
    const { status, json } = await get(`metrics?${query}`)
    expect(status).toBe(400)
    expect(json.errors).toEqual([{ parameter, detail: expect.any(String) }])
  })
})

describe('GET metrics with explain', () => {
  const recordedType = 'io.shiplog.deployment.recorded.v1'

  /** The contributions, which are checked to be the same by recomputation and in pages of one. */
  async function explained(
    metric: string,
    more = '',
  ): Promise<{ part: string; because: { deploymentId: string }[] }[]> {
    const path = `metrics?${day}&explain=${metric}${more}`
    const entries = await everything(path)
    expect(await everything(`${path}&knownAt=2030-01-01T00:00:00Z`)).toEqual(entries)
    expect(await everything(`${path}&limit=1`)).toEqual(entries)
    return entries as never
  }

  test('lists the contributions to a rate, failures first, with the events that cause them', async () => {
    const { v1, v2, back, failed } = await givenFailures()
    const entries = await explained('changeFailRate')
    expect(entries).toMatchObject([
      { deploymentId: failed.id, part: 'failed', application: 'search', finishedAt: at('12:00:00') },
      {
        deploymentId: v2.id,
        part: 'rolledBackInferred',
        because: [{ deploymentId: v2.id }, { deploymentId: back.id }],
      },
      { deploymentId: back.id, part: 'counted' },
      { deploymentId: v1.id, part: 'counted', environment: 'production', imageTag: 'v1' },
    ])
    const { json: trail } = await get(`${failed.id}/events`)
    const { position, eventId } = trail[0]
    expect(entries[0]!.because).toEqual([{ deploymentId: failed.id, type: recordedType, position, eventId }])
    expect((await explained('changeFailRate', '&rollbacks=reported')).map(({ part }) => part)).toEqual([
      'failed',
      'counted',
      'counted',
      'counted',
    ])
  })

  test('references the deployment that reported a rollback, and the one that recovered from it', async () => {
    const { v2, back, failed } = await givenFailures()
    const referencing = here({ deployedAt: at('13:00:00'), rollbackOf: v2.id })
    const next = here({ application: 'search', deployedAt: at('13:00:00'), rollbackOf: v2.id })
    await log.given(referencing, next, here({ status: 'PENDING', deployedAt: at('09:00:00'), rollbackOf: v2.id }))
    expect((await explained('changeFailRate')).find(({ part }) => part === 'rolledBackReported')).toMatchObject({
      because: [{ deploymentId: v2.id }, { deploymentId: referencing.id }],
    })
    expect(await explained('failedDeploymentRecoveryTime')).toMatchObject([
      { part: 'recovered', seconds: 3600, because: [{ deploymentId: failed.id }, { deploymentId: next.id }] },
      {
        part: 'recovered',
        seconds: 2400,
        because: [{ deploymentId: v2.id }, { deploymentId: referencing.id }, { deploymentId: back.id }],
      },
    ])
  })

  test('lists the values of commits, tags and durations', async () => {
    const { v1, v2, dev } = await givenFailures()
    expect(await explained('leadTimeForChange')).toMatchObject([
      { deploymentId: v1.id, part: 'counted', seconds: 4200, commit: { sha: 'abc', committedAt: at('08:00:00') } },
    ])
    expect(await explained('promotionLeadTime')).toMatchObject([
      { deploymentId: v1.id, seconds: 2400, because: [{ deploymentId: v1.id }, { deploymentId: dev.id }] },
    ])
    expect(await explained('deploymentDuration')).toMatchObject([
      { deploymentId: v2.id, seconds: 1200 },
      { deploymentId: v1.id, seconds: 600 },
    ])
    expect((await explained('reworkRate')).map(({ part }) => part)).toEqual([
      'unplanned',
      'counted',
      'counted',
      'counted',
    ])
    expect(await explained('deployments')).toHaveLength(4)
    expect(await explained('deploymentFrequency')).toHaveLength(3)
  })

  test('keeps the window of the first page, also the default one', async () => {
    const today = Date.now()
    const deployedAt = (daysAgo: number) => new Date(today - daysAgo * 86_400_000).toISOString()
    const [first, second, third] = [here({ deployedAt: deployedAt(1) }), here({ deployedAt: deployedAt(2) }), here()]
    await log.given(first, second, third)
    const ids = async (path: string) =>
      (await everything(path)).map(entry => (entry as { deploymentId: string }).deploymentId)
    expect(await ids('metrics?explain=deployments&limit=1')).toEqual([first.id, second.id])
    expect(await ids(`metrics?explain=deployments&limit=1&to=${deployedAt(0)}`)).toEqual([first.id, second.id])
  })

  test('lists the events that had happened by asOf, or were known by knownAt', async () => {
    const one = here({ status: 'PENDING', deployedAt: at('10:00:00'), recordedTime: at('10:00:01') })
    await log.given(one)
    const append = (event: Parameters<typeof afterwards>[1], recordedTime: string) =>
      log.given({ ...afterwards(one, event), recordedTime })
    await append({ type: 'DeploymentCompleted', status: 'DEPLOYED', completedAt: at('10:30:00') }, at('10:30:01'))
    await append({ type: 'DeploymentRolledBack', rolledBackAt: at('11:00:00') }, at('12:00:00'))
    const events = async (moment: string) => {
      const entries = await everything(`metrics?${day}&explain=deployments&${moment}`)
      return entries.flatMap(entry => (entry as { because: object[] }).because).length
    }
    expect(await events(`asOf=${at('10:29:59')}`)).toBe(0)
    expect(await events(`asOf=${at('10:30:00')}`)).toBe(2)
    expect(await events(`asOf=${at('11:00:00')}`)).toBe(3)
    expect(await events(`knownAt=${at('11:59:59')}`)).toBe(2)
    expect(await events(`knownAt=${at('12:00:00')}`)).toBe(3)
  })

  test('uses corrected times with asOf', async () => {
    const one = here({ status: 'PENDING', deployedAt: at('12:00:00') })
    const corrected = (field: 'deployedAt' | 'completedAt', after: string) =>
      afterwards(one, { type: 'DeploymentCorrected', corrections: [{ field, after }], reason: 'the clock was wrong' })
    await log.given(
      one,
      afterwards(one, { type: 'DeploymentCompleted', status: 'DEPLOYED', completedAt: at('12:30:00') }),
      corrected('deployedAt', at('09:00:00')),
      corrected('completedAt', at('09:30:00')),
    )
    const entries = await everything(`metrics?${day}&explain=deployments&asOf=${at('10:00:00')}`)
    expect(entries).toMatchObject([{ deploymentId: one.id, finishedAt: at('09:30:00') }])
    const types = (entries as { because: { type: string }[] }[])[0]!.because.map(({ type }) => type)
    expect(types.map(type => type.split('.').at(-2))).toEqual(['recorded', 'completed', 'corrected', 'corrected'])
  })

  test('accepts a window of 1,500 years', async () => {
    const one = here({ deployedAt: at('10:00:00') })
    await log.given(one)
    const entries = await everything('metrics?from=0500-01-01T00:00:00Z&to=2026-03-01T00:00:00Z&explain=deployments')
    expect(entries).toMatchObject([{ deploymentId: one.id }])
  })
})
