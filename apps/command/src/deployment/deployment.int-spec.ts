import { randomUUID } from 'node:crypto'
import { deploymentsPath } from './deployment-response.js'
import * as stack from '#test/kit'
import { seed, startCommandApp, type TestCommandApp, type TestTenant } from '#test/kit/apps/command-app'

let app: TestCommandApp
const tenant = (headers?: Record<string, string>): TestTenant => app.tenant(headers)

beforeAll(async () => {
  app = await startCommandApp(stack)
})
afterAll(() => app.close())

describe('recording', () => {
  it('answers 201 with the record, its URL and its position', async () => {
    const post = tenant({ 'X-User-ID': 'ci' })
    const { status, headers, json } = await post('', seed)
    expect(status).toBe(201)
    expect(json).toEqual({
      ...seed,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      application: 'platform',
      durationSeconds: 300,
      actor: 'ci',
      recordedAt: expect.any(String),
      position: expect.stringMatching(/^\d+:\d+$/),
      version: 1,
    })
    expect(headers.get('location')).toBe(`${deploymentsPath}/${json['id']}`)
    expect(headers.get('shiplog-position')).toBe(json['position'])
    expect(Object.keys(json).slice(0, 4)).toEqual(['id', 'application', 'environment', 'imageTag'])
  })

  it('fills in what is left out', async () => {
    const before = Date.now()
    const { json } = await tenant()('', { environment: 'prod', imageTag: 'v1' })
    expect(json).toMatchObject({ application: 'platform', status: 'DEPLOYED', environment: 'prod' })
    expect(Date.parse(json['deployedAt'])).toBeGreaterThanOrEqual(before)
    expect(json).not.toHaveProperty('active')
    expect(json).not.toHaveProperty('actor')
  })

  it('normalizes instants and ids, and keeps everything else', async () => {
    const sent = {
      id: '0198C0DE-0000-7000-8000-0000000000AA',
      environment: 'staging',
      imageTag: 'release/1',
      deployedAt: '2026-02-12T11:00:00.000+01:00',
      rollbackOf: '0198C0DE-0000-7000-8000-0000000000BB',
      commits: [{ sha: 'a1', committedAt: '2026-02-11T10:00:00.250-00:30' }],
      labels: { team: 'payments' },
      actor: 'jürgen',
    }
    const { json } = await tenant({ 'X-User-ID': 'ci' })('', sent)
    expect(json).toMatchObject({
      ...sent,
      id: '0198c0de-0000-7000-8000-0000000000aa',
      deployedAt: '2026-02-12T10:00:00Z',
      rollbackOf: '0198c0de-0000-7000-8000-0000000000bb',
      rollbackDetected: 'reported',
      commits: [{ sha: 'a1', committedAt: '2026-02-11T10:30:00.250Z' }],
    })
  })

  it('refuses what a rule forbids: 422 with the place, and nothing is kept', async () => {
    const post = tenant()
    const id = randomUUID()
    const { status, json } = await post('', { ...seed, id, completedAt: '2026-02-12T09:00:00Z' })
    expect([status, json['errors'][0].pointer]).toEqual([422, '/completedAt'])
    expect((await post('', { ...seed, id })).status).toBe(201)
  })
})

describe('repeats', () => {
  it.each([
    ['the same id', { id: randomUUID() }, {}],
    ['the same key', {}, { 'Idempotency-Key': 'build 17' }],
  ])('%s and body: 200 and the same record; another body: 422', async (_, more, headers) => {
    const post = tenant()
    const first = await post('', { ...seed, ...more }, headers)
    const again = await post('', { ...more, ...seed }, headers)
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.json).toEqual(first.json)
    expect(again.headers.get('shiplog-position')).toBe(first.headers.get('shiplog-position'))
    expect((await post('', { ...seed, ...more, imageTag: 'other' }, headers)).status).toBe(422)
  })

  it.each([
    ['an id', '', { ...seed, id: randomUUID() }, {}, { pointer: '/id' }],
    ['a key', '', seed, { 'Idempotency-Key': 'k' }, { header: 'Idempotency-Key' }],
    ['a key of a rollback', '/tag/v9/rollback', {}, { 'Idempotency-Key': 'k' }, { header: 'Idempotency-Key' }],
  ])('%s belongs to its actor: of another one, and of nobody, 422', async (_, path, body, headers, slot) => {
    const post = tenant()
    if (path !== '') await post('', { ...seed, imageTag: 'v9' })
    const as = (user: object) => post(path, body, { ...headers, ...user })
    const first = await as({ 'X-User-ID': 'Bob@acme.example' })
    expect(first.status).toBeLessThan(300)
    for (const other of [{ 'X-User-ID': 'carol' }, {}]) {
      const { status, json } = await as(other)
      expect([status, json['errors'], json['imageTag']]).toMatchObject([422, [slot], undefined])
    }
    const again = await as({ 'X-User-Email': 'bob@ACME.example' })
    expect([again.status, again.json]).toEqual([200, first.json])
  })

  it('ids and keys belong to their tenant, keys to their path', async () => {
    const id = randomUUID()
    const headers = { 'Idempotency-Key': 'k' }
    for (const post of [tenant(), tenant()]) expect((await post('', { ...seed, id }, headers)).status).toBe(201)
    const post = tenant()
    await post('', { ...seed, id }, headers)
    expect((await post(`/${id}/rollback`, {}, headers)).status).toBe(200)
  })

  it('what is not there by now is not kept under a key: later it may be', async () => {
    const post = tenant()
    const headers = { 'Idempotency-Key': 'k' }
    const gone = randomUUID()
    expect((await post(`/${gone}/rollback`, {}, headers)).status).toBe(404)
    await post('', { ...seed, id: gone })
    expect((await post(`/${gone}/rollback`, {}, headers)).status).toBe(200)
    expect((await post(`/${gone}/rollback`, {}, headers)).status).toBe(200)
    expect((await post(`/${gone}/rollback`, {})).status).toBe(409)
  })

  it('what is refused whatever happens is kept: another body needs another key', async () => {
    const post = tenant()
    const headers = { 'Idempotency-Key': 'k' }
    const wrong = { ...seed, completedAt: '2026-02-12T09:00:00Z' }
    for (const _ of [1, 2]) expect((await post('', wrong, headers)).json['errors'][0].pointer).toBe('/completedAt')
    const { status, json } = await post('', seed, headers)
    expect([status, json['errors'][0].header]).toEqual([422, 'Idempotency-Key'])
  })
})

describe('what a deployment undoes', () => {
  const other = { application: 'search', environment: 'dev', imageTag: 'v1' }

  it('is one of the same application and environment, and not itself', async () => {
    const post = tenant()
    const { json: elsewhere } = await post('', other)
    const { json: here } = await post('', { ...seed, environment: ' Development' })
    const undo = async (rollbackOf: string, more: object = {}) => {
      const { status, json } = await post('', { ...seed, rollbackOf, ...more })
      return [status, json['errors']?.[0].pointer]
    }
    expect(await undo(here['id'])).toEqual([201, undefined])
    expect(await undo(elsewhere['id'])).toEqual([422, '/rollbackOf'])
    expect(await undo(here['id'], { environment: 'staging' })).toEqual([422, '/rollbackOf'])
    const id = randomUUID()
    expect(await undo(id.toUpperCase(), { id })).toEqual([422, '/rollbackOf'])
  })

  it('may be unknown yet, and is another tenant’s to none', async () => {
    const { json } = await tenant()('', other)
    const post = tenant()
    const id = randomUUID()
    const undoing = await post('', { ...seed, rollbackOf: id })
    expect([undoing.status, undoing.json['rollbackOf']]).toEqual([201, id])
    expect((await post('', { ...other, id })).status).toBe(201)
    expect((await post('', { ...seed, rollbackOf: json['id'] })).status).toBe(201)
  })

  it('is repeated with the first answer, also where it turned out to be elsewhere', async () => {
    const post = tenant()
    const named = randomUUID()
    const body = { ...seed, id: randomUUID(), rollbackOf: named }
    const first = await post('', body)
    await post('', { ...other, id: named })
    const again = await post('', body)
    expect([again.status, again.json]).toEqual([200, first.json])
  })
})

describe('a pending deployment', () => {
  it('is completed once', async () => {
    const post = tenant()
    const { json } = await post('', { ...seed, status: 'PENDING', completedAt: undefined })
    const reason = 'the readiness probe failed'
    const completed = { status: 'FAILED', completedAt: '2026-02-12T10:03:00Z', reason }
    const done = await post(`/${json['id']}/complete`, completed)
    expect(done.json['failureReason']).toBe(reason)
    expect(done.status).toBe(200)
    expect(done.json).toMatchObject({ id: json['id'], status: 'FAILED', durationSeconds: 180, version: 2 })
    const again = await post(`/${json['id']}/complete`, { status: 'DEPLOYED' })
    expect([again.status, again.json['deploymentStatus']]).toEqual([409, 'FAILED'])
  })

  it('is completed now where no time is given', async () => {
    const post = tenant()
    const { json } = await post('', { ...seed, status: 'PENDING', completedAt: undefined })
    const before = Date.now()
    const done = await post(`/${json['id']}/complete`, { status: 'DEPLOYED' })
    expect(Date.parse(done.json['completedAt'])).toBeGreaterThanOrEqual(before)
  })
})

describe('correcting', () => {
  it('changes facts, and takes away what is null', async () => {
    const post = tenant()
    const { json } = await post('', seed)
    const { status, json: corrected } = await post(`/${json['id']}/correct`, {
      completedAt: '2026-02-12T11:07:00+01:00',
      gitBranch: null,
      reason: 'clock skew',
    })
    expect(status).toBe(200)
    expect(corrected).toMatchObject({ completedAt: '2026-02-12T10:07:00Z', durationSeconds: 420, version: 2 })
    expect(corrected).not.toHaveProperty('gitBranch')
  })

  it('of nothing is the record as it is', async () => {
    const post = tenant()
    const { json } = await post('', seed)
    const same = await post(`/${json['id']}/correct`, { gitBranch: 'main', reason: 'sure' })
    expect([same.status, same.json]).toEqual([200, json])
  })
})

describe('operations', () => {
  it('counts commands and requests, and logs requests with their ids, never bodies', async () => {
    await tenant()('', { ...seed, notes: 'confidential' }, { 'X-Request-Id': 'look-for-me' })
    const metrics = await (await fetch(`${app.url}/metrics`)).text()
    expect(metrics).toMatch(/shiplog_commands_total\{outcome="appended"\} [1-9]/)
    expect(metrics).toMatch(/shiplog_append_batch_events_count [1-9]/)
    expect(metrics).toMatch(
      /shiplog_http_request_seconds_count\{method="POST",route="\/api\/v1\/platform\/deployments",status="201"\}/,
    )
    const lines = app.logged.join('')
    expect(lines).toContain('"requestId":"look-for-me"')
    expect(lines).not.toContain('confidential')
  })
})
