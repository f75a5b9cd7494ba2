import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deploymentsPath, type HttpAnswer, type HttpClient, type Service, startService } from '../kit/index.js'

// The requests and answers of source document 001, as they are written there.

let registry: Server
let inRegistry: string[] = []
let service: Service
let tenants = 0

beforeAll(async () => {
  registry = createServer((request, answer) => {
    const known = request.method === 'HEAD' && inRegistry.includes(request.url ?? '')
    answer.writeHead(known ? 200 : 404).end()
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => registry.once('listening', resolve))
  const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`
  service = await startService('standalone', { SHIPLOG_REGISTRY_URL: url })
}, 60_000)
afterAll(async () => {
  await service?.end()
  registry.close()
})

const old = {
  imageTag: 'v2.0.0-def5678',
  gitCommit: 'def5678',
  environment: 'prod',
  image: 'acme/platform',
  deployedAt: '2026-02-10T14:00:00Z',
}
const problem = {
  imageTag: 'v2.1.0-abc1234',
  gitCommit: 'abc1234',
  environment: 'prod',
  image: 'acme/platform',
  deployedAt: '2026-02-12T10:00:00Z',
}
const tagPath = `${deploymentsPath}/tag/v2.1.0-abc1234`

/** A tenant in which `problem` is active in prod after `old`. */
async function givenTheProblem(more: object = {}): Promise<{ http: HttpClient; old: HttpAnswer; problem: HttpAnswer }> {
  const http = service.http.as(`tenant-${++tenants}`)
  const [first, second] = [await http.record(old), await http.record({ ...problem, ...more })]
  return { http, old: first, problem: second }
}

const fields = (records: Record<string, unknown>[], ...names: string[]) =>
  records.map(record => names.map(name => record[name]))

describe('"Marking a Deployment as Rolled Back"', () => {
  it('POST tag/{imageTag}/rollback marks the record with the present time, and returns it', async () => {
    const { http, problem } = await givenTheProblem()
    const { active: _, ...recorded } = problem.json
    const before = Date.now()

    const answer = await http.send({ method: 'POST', path: '/api/v1/platform/deployments/tag/v2.1.0-abc1234/rollback' })

    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      ...recorded,
      status: 'ROLLED_BACK',
      rolledBackAt: expect.any(String),
      position: answer.headers['shiplog-position'],
      version: 2,
    })
    const rolledBackAt = Date.parse(answer.json.rolledBackAt)
    expect(rolledBackAt).toBeGreaterThanOrEqual(before)
    expect(rolledBackAt).toBeLessThanOrEqual(Date.now())
    const { json: read } = await http.after(answer).get(`${deploymentsPath}/${problem.json.id}`)
    expect(read).toEqual({ ...answer.json, active: false })
  })

  it('a second rollback returns 409, and one of an unknown tag 404', async () => {
    const { http } = await givenTheProblem()
    await http.post(`${tagPath}/rollback`)
    expect((await http.post(`${tagPath}/rollback`)).status).toBe(409)
    expect((await http.post(`${deploymentsPath}/tag/v0/rollback`)).status).toBe(404)
  })

  it('a tag that is active in several slots returns 409 with candidates, unless one is selected', async () => {
    const { http } = await givenTheProblem()
    await http.record({ ...problem, environment: 'staging' })
    const ambiguous = await http.post(`${tagPath}/rollback`)
    expect([ambiguous.status, fields(ambiguous.json.candidates, 'environment').flat().toSorted()]).toEqual([
      409,
      ['prod', 'staging'],
    ])
    const narrowed = await http.post(`${tagPath}/rollback?environment=prod`)
    expect([narrowed.status, narrowed.json.environment, narrowed.json.status]).toEqual([200, 'prod', 'ROLLED_BACK'])
  })
})

describe('"Rollback Process" and "Rollback vs. New Deployment"', () => {
  it('the five steps succeed, and the history is the documented table', async () => {
    const { http, old: original, problem } = await givenTheProblem()

    // 1. "the most recent deployment with DEPLOYED status that predates the problematic deployment"
    const path = '/api/v1/platform/deployments/history?environment=prod&limit=5'
    const { json: history } = await http.after(original, problem).get(path)
    const [, target] = history.filter(({ status }: { status: string }) => status === 'DEPLOYED')
    expect(target.imageTag).toBe('v2.0.0-def5678')
    // 2. mark; 3. the pipeline deploys; 4. record "the new deployment (which points to the older version)"
    const marked = await http.post(`${tagPath}/rollback`, { reason: 'health check failed' })
    const { imageTag, gitCommit, image } = target
    const redeployed = await http.record({ imageTag, gitCommit, image, environment: 'prod' })
    expect(marked.status).toBe(200)
    // 5. verify
    const reading = http.after(redeployed)
    const { json: table } = await reading.get(path)
    const { json: current } = await reading.get(`${deploymentsPath}/current?environment=prod`)

    expect(fields(table, 'imageTag', 'status', 'active', 'rollbackOf', 'rollbackDetected')).toEqual([
      ['v2.0.0-def5678', 'DEPLOYED', true, problem.json.id, 'inferred'],
      ['v2.1.0-abc1234', 'ROLLED_BACK', false, undefined, undefined],
      ['v2.0.0-def5678', 'DEPLOYED', false, undefined, undefined],
    ])
    expect(fields(current, 'id', 'imageTag')).toEqual([[redeployed.json.id, 'v2.0.0-def5678']])
  })

  it('without a mark the older version is active too, and the rollback is inferred', async () => {
    const { http, problem } = await givenTheProblem()
    const redeployed = await http.record({ ...old, deployedAt: '2026-02-12T11:00:00Z' })
    const { json } = await http.after(redeployed).get(`${deploymentsPath}/history?environment=prod&limit=5`)
    expect(fields(json, 'imageTag', 'status', 'active', 'rollbackOf')).toEqual([
      ['v2.0.0-def5678', 'DEPLOYED', true, problem.json.id],
      ['v2.1.0-abc1234', 'DEPLOYED', false, undefined],
      ['v2.0.0-def5678', 'DEPLOYED', false, undefined],
    ])
  })
})

describe('"Rollback Safety"', () => {
  it('GET tag/{imageTag}/exists tells whether a record exists', async () => {
    const { http, problem } = await givenTheProblem()
    const reading = http.after(problem)
    expect((await reading.get(`${tagPath}/exists`)).json).toEqual({
      imageTag: 'v2.1.0-abc1234',
      exists: true,
      deployments: 1,
    })
    expect(await reading.get(`${tagPath}/exists?environment=staging`)).toMatchObject({
      status: 200,
      json: { imageTag: 'v2.1.0-abc1234', exists: false, deployments: 0 },
    })
  })

  it('rollback-target checks the record, the image in the registry, notes and migrations', async () => {
    inRegistry = ['/v2/acme/platform/manifests/v2.0.0-def5678']
    const migrations = [
      { id: '0042-drop-column', reversible: false, backwardCompatible: false },
      { id: '0043-add-index', reversible: true, backwardCompatible: true },
    ]
    const { http, old, problem } = await givenTheProblem({ notes: 'drains the queue first', migrations })
    const failed = await http.record({
      imageTag: 'v2.0.5',
      environment: 'prod',
      status: 'FAILED',
      deployedAt: '2026-02-11T14:00:00Z',
    })

    const { status, json } = await http
      .after(problem, failed)
      .get(`${deploymentsPath}/rollback-target?environment=prod`)

    expect([status, json.problem.id, json.target.id]).toEqual([200, problem.json.id, old.json.id])
    expect(json.passedOver).toEqual([
      { deployment: expect.objectContaining({ id: failed.json.id }), reason: expect.stringMatching(/FAILED/) },
    ])
    expect(json.checks).toEqual(
      expect.arrayContaining([
        { name: 'record', result: 'pass', detail: expect.stringContaining(old.json.id) },
        { name: 'image', result: 'pass', detail: expect.stringContaining('v2.0.0-def5678') },
        { name: 'notes', result: 'warn', detail: expect.stringContaining('v2.1.0-abc1234') },
        { name: 'migrations', result: 'fail', detail: expect.stringContaining('0042-drop-column') },
        { name: 'backwardCompatibility', result: 'fail', detail: expect.stringContaining('0042-drop-column') },
      ]),
    )
  })

  it('the check of an image that the registry does not have fails', async () => {
    inRegistry = []
    const { http, problem } = await givenTheProblem()
    const { json } = await http.after(problem).get(`${deploymentsPath}/rollback-target?environment=prod`)
    expect(json.checks).toContainEqual({ name: 'image', result: 'fail', detail: expect.any(String) })
  })

  it('rollback-target returns 404 with the reason where no older version exists', async () => {
    const http = service.http.as('nothing-before')
    const only = await http.record(problem)
    const answer = await http.after(only).get(`${deploymentsPath}/rollback-target?deploymentId=${only.json.id}`)
    const detail = `No rollback target: no deployment started before ${problem.imageTag} (${only.json.id}) in prod of platform.`
    expect([answer.status, answer.json.detail]).toEqual([404, detail])
  })
})

it('"Automated Rollback": a failed deployment is marked by id, and the previous success found and deployed again', async () => {
  const { http, old: original, problem: failed } = await givenTheProblem({ status: 'FAILED' })
  // By tag, only a success can be marked, and this one failed.
  expect((await http.post(`${tagPath}/rollback`)).status).toBe(409)
  const path = `${deploymentsPath}/${failed.json.id}/rollback`
  const marked = await http.post(path, { reason: 'health check failed' })
  expect([marked.status, marked.json.status]).toEqual([200, 'ROLLED_BACK'])
  const target = `${deploymentsPath}/rollback-target?deploymentId=${marked.json.id}`
  const { json } = await http.after(marked).get(target)
  expect(json.target.id).toBe(original.json.id)
  const redeployed = await http.record({ ...old, deployedAt: '2026-02-12T11:00:00Z' })
  const { json: current } = await http.after(redeployed).get(`${deploymentsPath}/current?environment=prod`)
  // The failed deployment never was active, so that no rollback is inferred.
  expect(fields(current, 'id', 'rollbackOf')).toEqual([[redeployed.json.id, undefined]])
})
