import { collectLog } from '../independent/log/log-reader.js'
import {
  brokers,
  deploymentsPath,
  expectProblem,
  type HttpClient,
  type Service,
  startService,
  Written,
} from '../kit/index.js'

// Tenants are isolated: data of another tenant is not visible, and its keys and ids can be used.

const id = '33333333-3333-4333-8333-333333333333'
const deployment = { id, environment: 'prod', imageTag: 'v1', deployedAt: '2026-02-12T10:00:00Z' }

let service: Service
let written: Written
let owner: HttpClient
let stranger: HttpClient

beforeAll(async () => {
  service = await startService('standalone')
  stranger = service.http.as('stranger')
  owner = service.http.as('owner')
  const older = { environment: 'prod', imageTag: 'v0', deployedAt: '2026-02-11T10:00:00Z' }
  owner = owner.after(await owner.record(older), await owner.record(deployment))
  // Read once, so that nothing is projected later on.
  await owner.get(`${deploymentsPath}/${id}`)
  written = await Written.watch(service)
}, 60_000)
afterAll(async () => {
  await written?.end()
  await service?.end()
})

describe('a deployment of another tenant', () => {
  it.each<[string, string, object | undefined]>([
    ['GET', id, undefined],
    ['GET', `${id}/events`, undefined],
    ['GET', `rollback-target?deploymentId=${id}`, undefined],
    ['GET', 'rollback-target?environment=prod', undefined],
    ['POST', `${id}/rollback`, {}],
    ['POST', 'tag/v1/rollback', {}],
    ['POST', `${id}/complete`, { status: 'FAILED' }],
    ['POST', `${id}/correct`, { notes: 'mine', reason: 'because' }],
  ])('is not found by %s %s', async (method, path, body) => {
    const before = await written.look()
    const url = `${deploymentsPath}/${path}`
    expectProblem(method === 'GET' ? await stranger.get(url) : await stranger.post(url, body), 404)
    expect(await written.look()).toEqual(before)
  })

  it('has a command that is not found', async () => {
    const [record] = await collectLog(brokers(), service.topic)
    const path = `/api/v1/commands/${record!.headers['ce_causationid']}`
    expect((await owner.get(path)).json).toMatchObject({ status: 'appended' })
    expectProblem(await stranger.get(path), 404)
  })
})

describe('an ETag of another tenant', () => {
  it.each(['pipeline', 'pipeline/freezes', 'environments/prod/configurations/k', 'environments/prod/flags/k'])(
    'does not match %s with the same content',
    async path => {
      const url = `/api/v1/config/${path}`
      const [its, own] = [owner.as('etag-a'), owner.as('etag-b')]
      if (path.endsWith('/k')) {
        const body = path.includes('flags') ? { enabled: true } : { value: 1 }
        const headers = { 'Content-Type': 'application/json' }
        for (const tenant of [its, own]) {
          const put = await tenant.send({ method: 'PUT', path: url, headers, body: JSON.stringify(body) })
          await tenant.after(put).get(url)
        }
      }
      const { headers, text } = await its.get(url)
      const match = { 'If-None-Match': String(headers['etag']) }
      expect([await its.get(url, match), await its.send({ method: 'HEAD', path: url, headers: match })]).toMatchObject([
        { status: 304, text: '', headers: { etag: headers['etag'], vary: 'Authorization, X-Tenant-ID' } },
        { status: 304, text: '' },
      ])
      expect(await own.get(url, match)).toMatchObject({ status: 200, ...(path.endsWith('/k') ? {} : { text }) })
      const ifMatch = { 'If-Match': String(headers['etag']) }
      const change = path.endsWith('/k')
        ? { method: 'DELETE', path: url, headers: ifMatch }
        : { method: 'PUT', path: url, headers: { ...ifMatch, 'Content-Type': 'application/json' }, body: text }
      expectProblem(await own.send(change), 412)
      expect((await its.send(change)).status).toBe(path.endsWith('/k') ? 204 : 200)
    },
  )
})

it('lists contain no deployments of another tenant', async () => {
  for (const list of ['history', 'history?imageTag=v1', 'current', 'current?environment=prod']) {
    const [its, not] = [await owner.get(`${deploymentsPath}/${list}`), await stranger.get(`${deploymentsPath}/${list}`)]
    expect([list, its.json.length > 0, not.json]).toEqual([list, true, []])
  }
  const exists = `${deploymentsPath}/tag/v1/exists`
  expect([(await owner.get(exists)).json.exists, (await stranger.get(exists)).json.exists]).toEqual([true, false])
})

it('two tenants can use the same id for independent deployments', async () => {
  const third = service.http.as('third')
  const taken = await third.post(deploymentsPath, { ...deployment, imageTag: 'v9' })
  const marked = await third.post(`${deploymentsPath}/${id}/rollback`, {})
  expect([taken.status, marked.status]).toEqual([201, 200])
  const [mine, its] = [
    await third.after(marked).get(`${deploymentsPath}/${id}`),
    await owner.get(`${deploymentsPath}/${id}`),
  ]
  expect([mine.json.imageTag, mine.json.status, its.json.imageTag, its.json.status]).toEqual([
    'v9',
    'ROLLED_BACK',
    'v1',
    'DEPLOYED',
  ])
})

describe('an Idempotency-Key', () => {
  const body = { environment: 'dev', imageTag: 'v1' }
  const key = { 'Idempotency-Key': 'run-17' }

  it('identifies a command within one tenant only', async () => {
    const [a, b] = [service.http.as('key-a'), service.http.as('key-b')]
    const first = await a.post(deploymentsPath, body, key)
    const again = await a.post(deploymentsPath, { imageTag: 'v1', environment: 'dev' }, key)
    const elsewhere = await b.post(deploymentsPath, body, key)
    expect([first.status, again.status, elsewhere.status]).toEqual([201, 200, 201])
    expect(again.json).toEqual(first.json)
    expect(elsewhere.json.id).not.toBe(first.json.id)
  })

  it('returns 422 with another body, and identifies another command on another path', async () => {
    const http = service.http.as('key-c')
    const first = await http.post(deploymentsPath, body, key)
    await http.after(first).get(`${deploymentsPath}/history`)
    const before = await written.look()
    expectProblem(await http.post(deploymentsPath, { ...body, status: 'DEPLOYED' }, key), 422)
    expect(await written.look()).toEqual(before)
    const marked = await http.post(`${deploymentsPath}/${first.json.id}/rollback`, {}, key)
    const again = await http.post(`${deploymentsPath}/${first.json.id}/rollback`, {}, key)
    expect([marked.status, again.status, again.json]).toEqual([200, 200, marked.json])
  })

  it('keeps a rejection that depends on the request alone, and not one that depends on state', async () => {
    const http = service.http.as('key-d')
    const path = `${deploymentsPath}/tag/v1/rollback`
    expectProblem(await http.post(path, {}, key), 404)
    await http.record(body)
    const [marked, again] = [await http.post(path, {}, key), await http.post(path, {}, key)]
    expect([marked.status, again.status, again.json]).toEqual([200, 200, marked.json])

    const wrong = { ...body, deployedAt: '2026-02-12T10:00:00Z', completedAt: '2026-02-12T09:00:00Z' }
    const other = { 'Idempotency-Key': 'run-18' }
    expectProblem(await http.post(deploymentsPath, wrong, other), 422, { pointer: '/completedAt' })
    expectProblem(await http.post(deploymentsPath, wrong, other), 422, { pointer: '/completedAt' })
    expectProblem(await http.post(deploymentsPath, body, other), 422, { header: 'Idempotency-Key' })
  })

  it('belongs to the actor that used it first', async () => {
    const http = service.http.as('key-f')
    const [bob, carol] = ['bob', 'carol'].map(person => http.with({ 'X-User-ID': person }))
    const first = await bob!.post(deploymentsPath, body, key)
    await http.after(first).get(`${deploymentsPath}/history`)
    const before = await written.look()
    for (const other of [carol!, http]) {
      expectProblem(await other.post(deploymentsPath, body, key), 422, { header: 'Idempotency-Key' })
    }
    expect(await written.look()).toEqual(before)
    expect((await bob!.post(deploymentsPath, body, key)).json).toEqual(first.json)
  })

  it('may have 255 printable characters, spaces included', async () => {
    const http = service.http.as('key-e')
    const long = { 'Idempotency-Key': `a ${'~'.repeat(253)}` }
    const [first, again] = [await http.post(deploymentsPath, body, long), await http.post(deploymentsPath, body, long)]
    expect([first.status, again.status]).toEqual([201, 200])
  })
})
