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

describe('RecordDeployment', () => {
  it('returns 201 with the record, its URL and its position', async () => {
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

  it('applies defaults to omitted fields', async () => {
    const before = Date.now()
    const { json } = await tenant()('', { environment: 'prod', imageTag: 'v1' })
    expect(json).toMatchObject({ application: 'platform', status: 'DEPLOYED', environment: 'prod' })
    expect(Date.parse(json['deployedAt'])).toBeGreaterThanOrEqual(before)
    expect(json).not.toHaveProperty('active')
    expect(json).not.toHaveProperty('actor')
  })

  it('normalizes instants and ids, and keeps all other fields', async () => {
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

  it('rejects a completion before the start with 422, and stores nothing under the id', async () => {
    const post = tenant()
    const id = randomUUID()
    const { status, json } = await post('', { ...seed, id, completedAt: '2026-02-12T09:00:00Z' })
    expect([status, json['errors'][0].pointer]).toEqual([422, '/completedAt'])
    expect((await post('', { ...seed, id })).status).toBe(201)
  })
})

describe('repeated commands', () => {
  it.each([
    ['the same id', { id: randomUUID() }, {}],
    ['the same Idempotency-Key', {}, { 'Idempotency-Key': 'build 17' }],
  ])('with %s return 200 and the first record, and 422 for another body', async (_, more, headers) => {
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
    ['an Idempotency-Key', '', seed, { 'Idempotency-Key': 'k' }, { header: 'Idempotency-Key' }],
    [
      'an Idempotency-Key of a rollback',
      '/tag/v9/rollback',
      {},
      { 'Idempotency-Key': 'k' },
      { header: 'Idempotency-Key' },
    ],
  ])('with %s return 422 to another actor and to an anonymous one', async (_, path, body, headers, location) => {
    const post = tenant()
    if (path !== '') await post('', { ...seed, imageTag: 'v9' })
    const as = (user: object) => post(path, body, { ...headers, ...user })
    const first = await as({ 'X-User-ID': 'Bob@acme.example' })
    expect(first.status).toBeLessThan(300)
    for (const other of [{ 'X-User-ID': 'carol' }, {}]) {
      const { status, json } = await as(other)
      expect([status, json['errors'], json['imageTag']]).toMatchObject([422, [location], undefined])
    }
    const again = await as({ 'X-User-Email': 'bob@ACME.example' })
    expect([again.status, again.json]).toEqual([200, first.json])
  })

  it('are distinct by tenant, and with a key by path', async () => {
    const id = randomUUID()
    const headers = { 'Idempotency-Key': 'k' }
    for (const post of [tenant(), tenant()]) expect((await post('', { ...seed, id }, headers)).status).toBe(201)
    const post = tenant()
    await post('', { ...seed, id }, headers)
    expect((await post(`/${id}/rollback`, {}, headers)).status).toBe(200)
  })

  it('do not keep a 404 under a key, so that a retry can succeed later', async () => {
    const post = tenant()
    const headers = { 'Idempotency-Key': 'k' }
    const gone = randomUUID()
    expect((await post(`/${gone}/rollback`, {}, headers)).status).toBe(404)
    await post('', { ...seed, id: gone })
    expect((await post(`/${gone}/rollback`, {}, headers)).status).toBe(200)
    expect((await post(`/${gone}/rollback`, {}, headers)).status).toBe(200)
    expect((await post(`/${gone}/rollback`, {})).status).toBe(409)
  })

  it('keep a rejection that no state can change, so that another body needs another key', async () => {
    const post = tenant()
    const headers = { 'Idempotency-Key': 'k' }
    const wrong = { ...seed, completedAt: '2026-02-12T09:00:00Z' }
    for (const _ of [1, 2]) expect((await post('', wrong, headers)).json['errors'][0].pointer).toBe('/completedAt')
    const { status, json } = await post('', seed, headers)
    expect([status, json['errors'][0].header]).toEqual([422, 'Idempotency-Key'])
  })
})

describe('rollbackOf', () => {
  const other = { application: 'search', environment: 'dev', imageTag: 'v1' }

  it('is rejected unless it references another deployment of the same application and environment', async () => {
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

  it('may reference an unknown deployment, also one that only another tenant has', async () => {
    const { json } = await tenant()('', other)
    const post = tenant()
    const id = randomUUID()
    const undoing = await post('', { ...seed, rollbackOf: id })
    expect([undoing.status, undoing.json['rollbackOf']]).toEqual([201, id])
    expect((await post('', { ...other, id })).status).toBe(201)
    expect((await post('', { ...seed, rollbackOf: json['id'] })).status).toBe(201)
  })

  it('returns the first response on a repeat, though the referenced deployment turns out to be in another slot', async () => {
    const post = tenant()
    const referenced = randomUUID()
    const body = { ...seed, id: randomUUID(), rollbackOf: referenced }
    const first = await post('', body)
    await post('', { ...other, id: referenced })
    const again = await post('', body)
    expect([again.status, again.json]).toEqual([200, first.json])
  })
})

describe('CompleteDeployment', () => {
  it('completes a pending deployment once, then returns 409', async () => {
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

  it('cancels a pending deployment, which keeps the reason, and cannot be rolled back', async () => {
    const post = tenant()
    const { json } = await post('', { ...seed, status: 'PENDING', completedAt: undefined })
    const done = await post(`/${json['id']}/complete`, { status: 'CANCELLED', reason: 'superseded' })
    expect([done.status, done.json]).toMatchObject([200, { status: 'CANCELLED', failureReason: 'superseded' }])
    const rollBack = await post(`/${json['id']}/rollback`)
    expect([rollBack.status, rollBack.json['deploymentStatus']]).toEqual([422, 'CANCELLED'])
    expect((await post(`/tag/${seed.imageTag}/rollback`)).status).toBe(409)
    const corrected = await post(`/${json['id']}/correct`, { status: 'DEPLOYED', reason: 'it ran' })
    expect(corrected.json).not.toHaveProperty('failureReason')
    expect((await post(`/tag/${seed.imageTag}/rollback`)).status).toBe(200)
  })

  it('uses the present time without completedAt', async () => {
    const post = tenant()
    const { json } = await post('', { ...seed, status: 'PENDING', completedAt: undefined })
    const before = Date.now()
    const done = await post(`/${json['id']}/complete`, { status: 'DEPLOYED' })
    expect(Date.parse(done.json['completedAt'])).toBeGreaterThanOrEqual(before)
  })
})

describe('CorrectDeployment', () => {
  it('changes fields, and removes those that are null', async () => {
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

  it('changes version, commits and rollbackOf, in their canonical form', async () => {
    const post = tenant()
    const { json: undone } = await post('', seed)
    const { json } = await post('', { ...seed, imageTag: 'v2', image: 'registry.example.com/app' })
    const change = (body: object) => post(`/${json['id']}/correct`, { reason: 'another build', ...body })
    const { status, json: corrected } = await change({
      imageTag: 'v3',
      image: null,
      commits: [{ sha: 'a1', committedAt: '2026-02-11T10:00:00.250-00:30' }],
      rollbackOf: undone['id'].toUpperCase(),
    })
    expect([status, corrected]).toMatchObject([
      200,
      {
        imageTag: 'v3',
        commits: [{ sha: 'a1', committedAt: '2026-02-11T10:30:00.250Z' }],
        rollbackOf: undone['id'],
        rollbackDetected: 'reported',
      },
    ])
    expect(corrected).not.toHaveProperty('image')
    const again = await change({ rollbackOf: null, commits: null })
    expect([again.status, again.json['version']]).toEqual([200, 3])
    for (const member of ['rollbackOf', 'rollbackDetected', 'commits']) expect(again.json).not.toHaveProperty(member)
  })

  it('rejects a rollbackOf of another environment with 422, and accepts an unknown one', async () => {
    const post = tenant()
    const { json: elsewhere } = await post('', { ...seed, environment: 'prod' })
    const { json } = await post('', seed)
    const undo = (rollbackOf: unknown) => post(`/${json['id']}/correct`, { rollbackOf, reason: 'r' })
    for (const id of [elsewhere['id'], json['id']]) {
      const refused = await undo(id)
      expect([refused.status, refused.json['errors'][0].pointer]).toEqual([422, '/rollbackOf'])
    }
    expect((await undo(randomUUID())).status).toBe(200)
  })

  it('moves a deployment to another tag for rollbacks by tag', async () => {
    const post = tenant()
    const { json } = await post('', seed)
    await post(`/${json['id']}/correct`, { imageTag: 'corrected', reason: 'another build' })
    expect((await post(`/tag/${seed.imageTag}/rollback`)).status).toBe(404)
    const { status, json: marked } = await post('/tag/corrected/rollback')
    expect([status, marked['id'], marked['status']]).toEqual([200, json['id'], 'ROLLED_BACK'])
  })

  it('returns the record unchanged where nothing differs', async () => {
    const post = tenant()
    const { json } = await post('', seed)
    const same = await post(`/${json['id']}/correct`, { gitBranch: 'main', reason: 'sure' })
    expect([same.status, same.json]).toEqual([200, json])
  })
})

describe('VoidDeployment', () => {
  const because = { reason: 'the pipeline ran against the wrong tenant' }

  it('returns the record with the time of recording, and the same record for a repeated Idempotency-Key', async () => {
    const post = tenant()
    const { json } = await post('', seed)
    const key = { 'Idempotency-Key': 'k' }
    const { status, json: voided } = await post(`/${json['id']}/void`, because, key)
    expect([status, voided]).toMatchObject([200, { ...json, position: expect.any(String), version: 2 }])
    expect(Date.parse(voided['voidedAt'])).toBeGreaterThanOrEqual(Date.parse(json['recordedAt']))
    const again = await post(`/${json['id']}/void`, because, key)
    expect([again.status, again.json]).toEqual([200, voided])
  })

  it.each(['PENDING', 'DEPLOYED', 'FAILED', 'CANCELLED', 'ROLLED_BACK'])(
    'of a deployment with the status %s makes all other commands on it a conflict, and its id unusable',
    async recordedAs => {
      const post = tenant()
      const id = randomUUID()
      await post('', { ...seed, id, status: recordedAs, completedAt: undefined })
      expect((await post(`/${id}/void`, because)).json).toMatchObject({ status: recordedAs, version: 2 })
      const changes: [string, object][] = [
        ['void', because],
        ['complete', { status: 'DEPLOYED' }],
        ['correct', { notes: 'n', reason: 'r' }],
        ['rollback', {}],
      ]
      for (const [action, body] of changes) {
        const { status, json } = await post(`/${id}/${action}`, body)
        expect([action, status, json['deploymentId'], json['voided']]).toEqual([action, 409, id, true])
      }
      expect((await post('', { ...seed, id, imageTag: 'other' })).status).toBe(422)
      expect((await post(`/tag/${seed.imageTag}/rollback`)).status).toBe(404)
    },
  )

  it('requires a reason, and an existing deployment', async () => {
    const post = tenant()
    const { json } = await post('', seed)
    const refused = await post(`/${json['id']}/void`, {})
    expect([refused.status, refused.json['errors'][0].pointer]).toEqual([400, '/reason'])
    expect((await post(`/${randomUUID()}/void`, because)).status).toBe(404)
  })

  it('leaves the older deployment of a tag as the candidate of a rollback by tag', async () => {
    const post = tenant()
    const { json: older } = await post('', seed)
    const { json: newer } = await post('', { ...seed, deployedAt: '2026-02-12T10:04:00Z' })
    await post(`/${newer['id']}/void`, because)
    const { status, json } = await post(`/tag/${seed.imageTag}/rollback`)
    expect([status, json['id']]).toEqual([200, older['id']])
  })
})

describe('metrics and log lines', () => {
  it('count commands and requests, and contain request ids but no bodies', async () => {
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

describe('incidents', () => {
  const slot = { application: 'checkout', environment: 'prod' }
  const startedAt = '2026-02-12T10:30:00Z'
  /** Sends to the path of incidents. */
  const incidents = (headers?: Record<string, string>) => {
    const send = app.client(headers)
    return (path: string, body?: object, more?: Record<string, string>) =>
      send('POST', `/platform/incidents${path}`, body, more)
  }

  it('are opened with 201, a URL and a position, and resolved once', async () => {
    const post = incidents()
    const sent = { id: 'INC/1 ü', ...slot, startedAt, title: 'down', url: 'https://example.com/1' }
    const first = await post('', sent)
    expect(first.status).toBe(201)
    expect(first.json).toEqual({
      ...sent,
      recordedAt: expect.any(String),
      position: first.headers.get('shiplog-position'),
      version: 1,
    })
    expect(first.headers.get('location')).toBe('/api/v1/platform/incidents/INC%2F1%20%C3%BC')
    const resolvedAt = '2026-02-12T11:00:00Z'
    const early = await post('/INC%2F1%20%C3%BC/resolve', { resolvedAt: '2026-02-12T10:29:59Z' })
    expect([early.status, early.json['errors'][0].pointer]).toEqual([422, '/resolvedAt'])
    const key = { 'Idempotency-Key': 'one' }
    const ended = await post('/INC%2F1%20%C3%BC/resolve', { resolvedAt }, key)
    expect([ended.status, ended.json]).toEqual([200, expect.objectContaining({ ...sent, resolvedAt, version: 2 })])
    expect((await post('/INC%2F1%20%C3%BC/resolve', { resolvedAt }, key)).json).toEqual(ended.json)
    const twice = await post('/INC%2F1%20%C3%BC/resolve')
    expect([twice.status, twice.json['resolvedAt']]).toEqual([409, resolvedAt])
    expect((await post('/INC-2/resolve')).status).toBe(404)
  })

  it('with the same id and body return 200 and the first, with another body 422; an id is made without', async () => {
    const post = incidents()
    const first = await post('', { id: 'INC-1', ...slot, startedAt })
    const repeated = await post('', { id: 'INC-1', ...slot, startedAt })
    expect([repeated.status, repeated.json]).toEqual([200, first.json])
    const other = await post('', { id: 'INC-1', ...slot, startedAt, title: 'x' })
    expect([other.status, other.json['errors'][0].pointer]).toEqual([422, '/id'])
    const before = Date.now()
    const { status, json } = await post('', { environment: 'prod' })
    expect([status, json['application']]).toEqual([201, 'platform'])
    expect(json['id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(Date.parse(json['startedAt'])).toBeGreaterThanOrEqual(before)
  })

  it('share the partition of their deployment, and are refused for one of elsewhere', async () => {
    const headers = { 'X-Tenant-ID': `incidents-${randomUUID().slice(0, 8)}` }
    const [post, deploy] = [incidents(headers), tenant(headers)]
    const deployment = (await deploy('', { ...seed, ...slot })).json
    const named = await post('', { deploymentId: String(deployment['id']).toUpperCase(), startedAt })
    expect([named.status, named.json]).toEqual([
      201,
      expect.objectContaining({ ...slot, deploymentId: deployment['id'], startedAt }),
    ])
    const partition = (answer: { headers: Headers }) => answer.headers.get('shiplog-position')!.split(':')[0]
    expect(String(deployment['position']).split(':')[0]).toBe(partition(named))
    const stray = await post('', { deploymentId: deployment['id'], environment: 'dev' })
    expect([stray.status, stray.json['errors'][0].pointer]).toEqual([422, '/deploymentId'])
    expect((await post('', { deploymentId: randomUUID() })).status).toBe(201)
  })

  it.each([
    ['neither a deployment nor an environment', { application: 'checkout' }, '/environment'],
    ['an unknown field', { ...slot, severity: 1 }, '/severity'],
    ['an empty id', { ...slot, id: '' }, '/id'],
    ['an id with a control character', { ...slot, id: 'a\n' }, '/id'],
    ['an id of 129 characters', { ...slot, id: 'x'.repeat(129) }, '/id'],
    ['a time without a zone', { ...slot, startedAt: '2026-02-12T10:30:00' }, '/startedAt'],
    ['a deployment that is no UUID', { deploymentId: '1' }, '/deploymentId'],
  ])('with %s are a 400', async (_, body, pointer) => {
    const { status, json } = await incidents()('', body)
    expect([status, json['errors'][0].pointer]).toEqual([400, pointer])
  })
})
