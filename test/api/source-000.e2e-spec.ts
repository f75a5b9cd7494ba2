import { deploymentsPath, type HttpClient, type Service, startService } from '../kit/index.js'

// The requests and answers of source document 000, as they are written there; `uuid-1` and `uuid-2` stand for UUIDs.

const uuid1 = '11111111-1111-4111-8111-111111111111'
const uuid2 = '22222222-2222-4222-8222-222222222222'

let service: Service
let tenants = 0

beforeAll(async () => {
  service = await startService('standalone')
}, 60_000)
afterAll(() => service?.end())

/** A tenant with nothing in it. */
function freshTenant(): HttpClient {
  return service.http.as(`tenant-${++tenants}`)
}

describe('source 000, "Deployment History"', () => {
  const first = {
    id: uuid1,
    imageTag: 'v2.1.0-abc1234',
    gitCommit: 'abc1234',
    gitBranch: 'main',
    environment: 'dev',
    status: 'DEPLOYED',
    deployedAt: '2026-02-12T10:00:00Z',
    completedAt: '2026-02-12T10:05:00Z',
  }
  const second = {
    id: uuid2,
    imageTag: 'v2.0.0-def5678',
    gitCommit: 'def5678',
    gitBranch: 'main',
    environment: 'dev',
    status: 'ROLLED_BACK',
    deployedAt: '2026-02-11T14:00:00Z',
    completedAt: '2026-02-11T14:08:00Z',
  }
  /** What we document beyond the source's fields. */
  const additions = {
    application: 'platform',
    recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/),
    position: expect.stringMatching(/^\d+:\d+$/),
    version: 1,
  }

  it('GET history?environment=dev&limit=10 returns what POST recorded, most recent first', async () => {
    const http = freshTenant()
    const older = await http.record(second)
    const newer = await http.record(first)

    const { status, json, headers } = await http
      .after(older, newer)
      .get('/api/v1/platform/deployments/history?environment=dev&limit=10')

    expect([status, headers['content-type']]).toEqual([200, expect.stringMatching(/^application\/json/)])
    expect(json).toEqual([
      { ...first, ...additions, active: true, durationSeconds: 300 },
      { ...second, ...additions, active: false, durationSeconds: 480 },
    ])
    expect(newer.json).toEqual({ ...first, ...additions, durationSeconds: 300 })
    expect(newer.headers['location']).toBe(`/api/v1/platform/deployments/${uuid1}`)
  })

  it('returns the same history when the older one is recorded later, and marked after it was deployed', async () => {
    const http = freshTenant()
    await http.record(first)
    await http.record({ ...second, status: 'DEPLOYED' })
    const rolledBackAt = '2026-02-11T15:00:00Z'
    const marked = await http.post(`${deploymentsPath}/tag/v2.0.0-def5678/rollback`, { rolledBackAt })

    const { json } = await http.after(marked).get(`${deploymentsPath}/history?environment=dev&limit=10`)

    expect(json).toEqual([
      { ...first, ...additions, active: true, durationSeconds: 300 },
      { ...second, ...additions, active: false, durationSeconds: 480, rolledBackAt, version: 2 },
    ])
  })

  it('accepts the four statuses, and no other', async () => {
    const http = freshTenant()
    for (const status of ['PENDING', 'DEPLOYED', 'FAILED', 'ROLLED_BACK']) {
      const { json } = await http.record({ imageTag: `tag-${status}`, environment: 'dev', status })
      expect(json.status).toBe(status)
    }
    const refused = await http.post(deploymentsPath, { imageTag: 'v1', environment: 'dev', status: 'deployed' })
    expect([refused.status, refused.json.errors]).toEqual([400, [{ pointer: '/status', detail: expect.any(String) }]])
  })

  it('"stores the record and updates the current image tag reference"', async () => {
    const http = freshTenant()
    await http.record({ ...second, status: 'DEPLOYED' })
    const newer = await http.record(first)
    const { json } = await http.after(newer).get(`${deploymentsPath}/current?environment=dev`)
    expect(json).toEqual([expect.objectContaining({ environment: 'dev', imageTag: 'v2.1.0-abc1234', active: true })])
  })

  it('"Tracking Environment Promotion": returns one record per environment with the same image tag', async () => {
    const http = freshTenant()
    const at = (hour: number) => `2026-02-12T${hour}:00:00Z`
    await http.record({ imageTag: 'feature-1', gitBranch: 'feature', environment: 'dev', deployedAt: at(10) })
    for (const [index, environment] of ['dev', 'staging', 'prod'].entries()) {
      await http.record({ imageTag: 'v3', gitBranch: 'main', environment, deployedAt: at(11 + index) })
    }
    const last = await http.record({ imageTag: 'v4', gitBranch: 'main', environment: 'dev', deployedAt: at(14) })

    const { json } = await http.after(last).get(`${deploymentsPath}/history?imageTag=v3`)

    expect(json.map((found: { environment: string }) => found.environment)).toEqual(['prod', 'staging', 'dev'])
  })

  it('"Monitoring Deployments": returns the data for each use case', async () => {
    const http = freshTenant()
    const on = (day: number) => ({
      deployedAt: `2026-03-0${day}T10:00:00Z`,
      completedAt: `2026-03-0${day}T10:0${day}:00Z`,
    })
    await http.record({ imageTag: 'v1', environment: 'prod', ...on(1) })
    await http.record({ imageTag: 'v2', environment: 'prod', status: 'ROLLED_BACK', ...on(2) })
    await http.record({ imageTag: 'v2', environment: 'dev', ...on(2) })
    const last = await http.record({ imageTag: 'v1', environment: 'prod', ...on(3) })
    const reading = http.after(last)
    const history = async (filters: string) => (await reading.get(`${deploymentsPath}/history?${filters}`)).json

    const window = 'from=2026-03-01T10:00:00Z&to=2026-03-03T10:00:00Z'
    const frequency = await history(`environment=prod&${window}`)
    const rolledBack = await history('environment=prod&status=ROLLED_BACK')
    const durations = await history('environment=prod')
    const { json: current } = await reading.get(`${deploymentsPath}/current`)

    expect([frequency.length, rolledBack.length]).toEqual([2, 1])
    expect(durations.map((found: { durationSeconds: number }) => found.durationSeconds)).toEqual([180, 120, 60])
    expect(current.map((found: Record<string, unknown>) => [found['environment'], found['imageTag']])).toEqual([
      ['dev', 'v2'],
      ['prod', 'v1'],
    ])
  })
})
