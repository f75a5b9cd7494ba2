import { deploymentsPath, type HttpAnswer, type HttpClient, type Service, startService } from '../kit/index.js'

// Late and corrected deployments appear in the trail of their deployment, and
// change the metrics to which they belong and no others.

const months = ['2026-01', '2026-02', '2026-03', '2026-04']
const applications = ['checkout', 'search']

let service: Service
let http: HttpClient

interface Figures {
  deployments: number
  deploymentFrequency: { count: number; perDay: number }
  changeFailRate: { rate: number | null; failed: number }
  failedDeploymentRecoveryTime: { medianSeconds: number | null; recovered: number; open: number }
  deploymentDuration: { medianSeconds: number | null; count: number }
  reworkRate: { rate: number | null; unplanned: number }
}

beforeAll(async () => {
  service = await startService('standalone')
  http = service.http.as('corrected')
  // Each month and application: two successes in production of ten minutes each; the same tags on dev the day before.
  for (const application of applications) {
    for (const [month, name] of months.slice(0, 3).entries()) {
      for (const day of [12, 20]) {
        const imageTag = `v${month}.${day}`
        const at = (date: number, clock: string) => `${name}-${date}T${clock}:00Z`
        for (const [environment, date] of [['dev', day - 1] as const, ['production', day] as const]) {
          const times = { deployedAt: at(date, '12:00'), completedAt: at(date, '12:10') }
          latest = await http.record({ application, environment, imageTag, ...times })
        }
      }
    }
  }
})
afterAll(() => service?.end())

let latest: HttpAnswer

/** All metrics of each application and month, and all other responses that could change. */
async function readAll(moment = ''): Promise<{ metrics: Record<string, Figures>; other: Record<string, unknown> }> {
  const reading = http.after(latest)
  const get = async (path: string) => {
    const { status, json, text } = await reading.get(`${deploymentsPath}/${path}`)
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
    return json
  }
  const metrics: Record<string, Figures> = {}
  const other: Record<string, unknown> = {}
  for (const application of applications) {
    for (const [month, name] of months.slice(0, 3).entries()) {
      const window = `from=${name}-01T00:00:00Z&to=${months[month + 1]}-01T00:00:00Z`
      metrics[`${application} ${name}`] = await get(`metrics?application=${application}&${window}${moment}`)
    }
    for (const path of ['current', 'tag/v0.12/path', 'tag/v2.20/path']) {
      other[`${application} ${path}`] = await get(`${path}?application=${application}${moment}`)
    }
    const drift = `drift?source=dev&target=production&application=${application}&asOf=2026-04-01T00:00:00Z`
    other[`${application} drift`] = await get(`${drift}${moment}`)
  }
  return { metrics, other }
}

type Everything = Awaited<ReturnType<typeof readAll>>

/** Expects that only these metrics have changed, and returns them. */
function expectMoved(before: Everything, after: Everything, moved: string[]): Figures[] {
  expect(after.other).toEqual(before.other)
  const names = Object.keys(before.metrics).filter(
    name => JSON.stringify(before.metrics[name]) !== JSON.stringify(after.metrics[name]),
  )
  expect(names).toEqual(moved)
  return names.map(name => after.metrics[name]!)
}

const eventsOf = async (id: string) => (await http.after(latest).get(`${deploymentsPath}/${id}/events`)).json

it('a failure of January recorded late changes the metrics of January only, and has its time of recording', async () => {
  const before = await readAll()
  expect(before.metrics['checkout 2026-01']).toMatchObject({ deployments: 2, changeFailRate: { rate: 0, failed: 0 } })

  const since = latest.json.recordedAt
  latest = await http.record({
    application: 'checkout',
    environment: 'prod',
    imageTag: 'v0.15',
    status: 'FAILED',
    deployedAt: '2026-01-15T12:00:00Z',
    completedAt: '2026-01-15T12:30:00Z',
  })
  const { id } = latest.json

  const [january] = expectMoved(before, await readAll(), ['checkout 2026-01'])
  expect(january).toEqual({
    ...before.metrics['checkout 2026-01'],
    deployments: 3,
    changeFailRate: {
      rate: 1 / 3,
      failed: 1,
      rolledBackReported: 0,
      rolledBackInferred: 0,
      incidents: 0,
      unattributed: 0,
    },
    // It lasted until the deployment of the 20th had finished.
    failedDeploymentRecoveryTime: { medianSeconds: 5 * 86_400 - 20 * 60, recovered: 1, open: 0 },
  })
  const [event, ...more] = await eventsOf(id)
  expect([event.type, event.time, more]).toEqual(['io.shiplog.deployment.recorded.v1', '2026-01-15T12:00:00Z', []])
  expect(Date.parse(event.recordedAt)).toBeGreaterThan(Date.parse('2026-04-01T00:00:00Z'))

  // The earlier state is still returned with knownAt.
  expect(await readAll(`&knownAt=${since}`)).toEqual(before)
})

it('GET metrics/changes returns the failure that was recorded late', async () => {
  const [{ id, recordedAt }] = (await http.get(`${deploymentsPath}/history?application=checkout&imageTag=v0.15`)).json
  const since = new Date(Date.parse(recordedAt) - 1).toISOString()
  const changes = `metrics/changes?metric=changeFailRate&since=${since}&environment=production&application=checkout`
  const { status, json } = await http.after(latest).get(`${deploymentsPath}/${changes}`)
  const [{ eventId }] = await eventsOf(id)
  expect([status, json]).toEqual([
    200,
    [
      expect.objectContaining({
        start: '2026-01-01T00:00:00Z',
        events: [expect.objectContaining({ deploymentId: id, eventId, type: 'io.shiplog.deployment.recorded.v1' })],
      }),
    ],
  ])
})

it('a corrected time changes the durations of its month only, and the trail keeps both times', async () => {
  const [{ id }] = (await http.get(`${deploymentsPath}/history?application=search&environment=prod&imageTag=v1.12`))
    .json
  const before = await readAll()
  latest = await http.post(`${deploymentsPath}/${id}/correct`, {
    completedAt: '2026-02-12T12:30:00Z',
    reason: 'the clock of the runner was wrong',
  })
  expect(latest.status).toBe(200)

  const [february] = expectMoved(before, await readAll(), ['search 2026-02'])
  const was = before.metrics['search 2026-02']!
  expect(february).toEqual({
    ...was,
    // Between ten minutes and thirty.
    deploymentDuration: { medianSeconds: 1200, p95Seconds: expect.closeTo(600 + 0.95 * 1200, 6), count: 2 },
    promotionLeadTime: { medianSeconds: 86_400 + 600, p95Seconds: expect.closeTo(86_400 + 0.95 * 1200, 6), tags: 2 },
  })
  const [, corrected, ...more] = await eventsOf(id)
  expect(more).toEqual([])
  expect(corrected).toMatchObject({
    type: 'io.shiplog.deployment.corrected.v1',
    data: {
      corrections: [{ field: 'completedAt', before: '2026-02-12T12:10:00Z', after: '2026-02-12T12:30:00Z' }],
      reason: 'the clock of the runner was wrong',
    },
  })
})

it('a success corrected to a failure changes its month and the drift, and correcting it back restores them', async () => {
  const [{ id }] = (await http.get(`${deploymentsPath}/history?application=search&environment=prod&imageTag=v2.20`))
    .json
  const before = await readAll()
  latest = await http.post(`${deploymentsPath}/${id}/correct`, { status: 'FAILED', reason: 'it never came up' })
  const after = await readAll()
  expect(after.metrics['search 2026-03']).toMatchObject({
    deployments: 2,
    deploymentFrequency: { count: 1 },
    changeFailRate: { rate: 0.5, failed: 1 },
    failedDeploymentRecoveryTime: { medianSeconds: null, recovered: 0, open: 1 },
  })
  expect(after.other['search drift']).toMatchObject({
    applications: [
      {
        state: 'different',
        direction: 'ahead',
        aheadBy: 1,
        source: { imageTag: 'v2.20' },
        target: { imageTag: 'v2.12' },
      },
    ],
  })
  const others = (all: Everything) => ({ ...all.metrics, 'search 2026-03': undefined })
  expect(others(after)).toEqual(others(before))

  latest = await http.post(`${deploymentsPath}/${id}/correct`, { status: 'DEPLOYED', reason: 'it had, after all' })
  const again = await readAll()
  expect(again.metrics).toEqual(before.metrics)
  expect(again.other['search drift']).toEqual(before.other['search drift'])
  expect((await eventsOf(id)).map(({ type }: { type: string }) => type)).toEqual([
    'io.shiplog.deployment.recorded.v1',
    'io.shiplog.deployment.corrected.v1',
    'io.shiplog.deployment.corrected.v1',
  ])
})

it('a voided deployment is in no response, as if it had never been recorded, but with a knownAt before', async () => {
  const before = await readAll()
  const times = { deployedAt: '2026-02-25T12:00:00Z', completedAt: '2026-02-25T12:10:00Z' }
  latest = await http.record({ application: 'search', environment: 'prod', imageTag: 'v2.20', ...times })
  const { id, recordedAt } = latest.json
  const recorded = await readAll()
  expect(recorded.metrics['search 2026-02']).not.toEqual(before.metrics['search 2026-02'])
  expect(recorded.other['search tag/v2.20/path']).not.toEqual(before.other['search tag/v2.20/path'])

  latest = await http.post(`${deploymentsPath}/${id}/void`, { reason: 'it was a rehearsal' })
  expect(latest.status).toBe(200)
  expect(await readAll()).toEqual(before)
  expect(await readAll(`&knownAt=${recordedAt}`)).toEqual(recorded)
  expect((await http.after(latest).get(`${deploymentsPath}/${id}`)).json.voidedAt).toBe(latest.json.voidedAt)
  expect((await eventsOf(id)).at(-1)).toMatchObject({
    type: 'io.shiplog.deployment.voided.v1',
    recordedAt: latest.json.voidedAt,
    data: { reason: 'it was a rehearsal' },
  })
})
