import { randomUUID } from 'node:crypto'
import * as stack from '#test/kit'
import { startCommandApp, startReplica, type TestClient, type TestCommandApp } from '#test/kit/apps/command-app'
import { promotionsPath } from './promotion-response.js'
import { approved, author, by, full, pattern, promotions, set } from '#test/specs/command/promotions'

let app: TestCommandApp
let replica: TestCommandApp

beforeAll(async () => {
  app = await startCommandApp(stack)
  replica = await startReplica(stack, app)
})
afterAll(async () => {
  await replica.close()
  await app.close()
})

const get = (send: TestClient, environment: string, key: string) =>
  send('PUT', `/config/environments/${environment}/configurations?dryRun=true`, {}).then(({ json }) =>
    (json['removed'] as { key: string; value: unknown }[]).find(removed => removed.key === key),
  )

describe('promotions of source document 004', () => {
  it('accept its literal example with 201, and report the unknown ids in the validation', async () => {
    const send = app.client()
    const body = {
      sourceEnvironment: 'staging',
      targetEnvironment: 'production',
      promotionType: 'SELECTIVE',
      configIds: ['770e8400-...'],
      flagIds: ['880e8400-...'],
      keyPatterns: ['query.*'],
      notes: 'Promoting query timeout changes verified in staging',
    }
    const { status, headers, json } = await send('POST', promotions, body, { Authorization: 'Bearer x', ...author })
    expect(status).toBe(201)
    expect(json).toEqual({
      id: expect.any(String),
      ...body,
      state: 'DRAFT',
      createdAt: expect.any(String),
      createdBy: { userId: 'author', userEmail: 'dev@acme.com' },
      approvals: [],
      conflicts: [],
      findings: [],
      allowedActions: ['validate', 'cancel'],
      recordedAt: expect.any(String),
      position: headers.get('shiplog-position'),
      version: 1,
    })
    expect(headers.get('location')).toBe(`${promotionsPath}/${json['id']}`)
    const validated = await send('POST', `${promotions}/${json['id']}/validate`)
    expect([validated.status, validated.json['state']]).toEqual([200, 'VALIDATION_FAILED'])
    expect(validated.json['findings']).toContainEqual({
      severity: 'error',
      key: '770e8400-...',
      detail: expect.stringMatching(/^the configuration .* does not exist/),
    })
  })

  it('pass through their lifecycle', async () => {
    const send = app.client()
    await set(send, 'staging', { 'query.timeout': '180s', 'query.limit': 5, other: 1 })
    await set(send, 'prod', { 'query.timeout': '120s' })
    const { json } = await send('POST', promotions, pattern('query.*'), author)
    const write = (action: string, body: object | undefined, headers: Record<string, string>) =>
      send('POST', `${promotions}/${json['id']}/${action}`, body, headers)

    const validated = await write('validate', undefined, author)
    expect(validated.json).toMatchObject({
      state: 'VALIDATED',
      quorum: 2,
      contentHash: expect.stringMatching(/^\w{64}$/),
    })
    expect((await write('approve', undefined, {})).status).toBe(400)
    expect((await write('approve', undefined, author)).status).toBe(422)
    const early = await write('execute', undefined, author)
    expect([early.status, early.json['promotionState'], early.json['action']]).toEqual([409, 'VALIDATED', 'execute'])
    expect((await write('approve', { comment: 'fine' }, by('a'))).json['state']).toBe('VALIDATED')
    expect((await write('approve', undefined, by('a'))).status).toBe(422)
    const both = await write('approve', undefined, by('b'))
    expect([both.json['state'], both.json['approvals']]).toMatchObject(['APPROVED', [{ userId: 'a' }, { userId: 'b' }]])

    const executed = await write('execute', undefined, author)
    expect(executed.json).toMatchObject({ state: 'EXECUTED', allowedActions: ['rollback'], version: 5 })
    expect(await get(send, 'production', 'query.timeout')).toEqual({ key: 'query.timeout', value: '180s' })
    expect(await get(send, 'production', 'other')).toBeUndefined()
    expect((await write('execute', undefined, author)).status).toBe(409)

    const back = await write('rollback', { reason: 'slow' }, by('oncall'))
    expect([back.status, back.json['state'], back.json['allowedActions']]).toEqual([200, 'ROLLED_BACK', []])
    expect(await get(send, 'production', 'query.timeout')).toEqual({ key: 'query.timeout', value: '120s' })
    expect(await get(send, 'production', 'query.limit')).toBeUndefined()
  })

  it('are cancelled once with DELETE', async () => {
    const send = app.client()
    const { json } = await send('POST', promotions, full, author)
    const cancelled = await send('DELETE', `${promotions}/${json['id']}`, undefined, author)
    expect([cancelled.status, cancelled.json['state']]).toEqual([200, 'CANCELLED'])
    expect((await send('DELETE', `${promotions}/${json['id']}`)).status).toBe(409)
    expect((await send('DELETE', `${promotions}/${randomUUID()}`)).status).toBe(404)
    expect((await app.client()('POST', `${promotions}/${json['id']}/validate`)).status).toBe(404)
  })

  it.each([
    ['deleteRemoved without FULL', { ...pattern('*'), deleteRemoved: true }, '/deleteRemoved'],
    ['another type', { ...full, promotionType: 'SOME' }, '/promotionType'],
    ['an unknown field', { ...full, force: true }, '/force'],
    ['no target', { ...full, targetEnvironment: undefined }, '/targetEnvironment'],
  ])('return 400 for %s', async (_, body, pointer) => {
    const { status, json } = await app.client()('POST', promotions, body)
    expect([status, json['errors'][0].pointer]).toEqual([400, pointer])
  })
})

describe('ExecutePromotion', () => {
  it('returns 409 with keys and position where the target has changed, and ignores changes of other keys', async () => {
    const send = app.client()
    await set(send, 'staging', { a: 1, b: 1 })
    const id = await approved(send, pattern('a'))
    await set(send, 'production', { elsewhere: 1 })
    await set(send, 'production', { a: 7 })
    const refused = await send('POST', `${promotions}/${id}/execute`, {}, { 'Idempotency-Key': 'k' })
    expect(refused.status).toBe(409)
    expect(refused.json).toMatchObject({
      promotionState: 'VALIDATION_FAILED',
      conflicts: [{ kind: 'configuration', key: 'a', expectedRevision: 0, actualRevision: 2 }],
    })
    expect(refused.headers.get('shiplog-position')).toMatch(/^\d+:\d+$/)
    const again = await send('POST', `${promotions}/${id}/execute`, {}, { 'Idempotency-Key': 'k' })
    expect([again.status, again.headers.get('shiplog-position')]).toEqual([
      409,
      refused.headers.get('shiplog-position'),
    ])
    const other = await approved(send, pattern('b'))
    await set(send, 'production', { elsewhere: 2 })
    expect((await send('POST', `${promotions}/${other}/execute`)).status).toBe(200)
  })

  it('succeeds once of 20 concurrent requests over two replicas', async () => {
    const tenant = { 'X-Tenant-ID': randomUUID() }
    const clients = [app.client(tenant), replica.client(tenant)]
    await set(clients[0]!, 'staging', { a: 1 })
    const id = await approved(clients[0]!, pattern('a'))
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => clients[n % 2]!('POST', `${promotions}/${id}/execute`)),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(19).fill(409)])
  })

  it('serializes 20 overlapping promotions executed concurrently over two replicas', async () => {
    const tenant = { 'X-Tenant-ID': randomUUID() }
    const clients = [app.client(tenant), replica.client(tenant)]
    const send = clients[0]!
    await send('PUT', '/config/pipeline', {
      environments: [{ name: 'staging' }, { name: 'production', approvals: 0 }],
    })
    const keys = Array.from({ length: 20 }, (_, n) => `k${n}`)
    await set(send, 'staging', Object.fromEntries(keys.map((key, n) => [key, n])))
    // Each shares a key with the one before it, and one with the one after it.
    const ids: string[] = []
    for (const [n, key] of keys.entries()) ids.push(await approved(send, pattern(key, keys[(n + 1) % 20]!), 0))
    const answers = await Promise.all(ids.map((id, n) => clients[n % 2]!('POST', `${promotions}/${id}/execute`)))
    const executed = answers.flatMap(({ status }, n) => (status === 200 ? [n] : []))
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
    expect(executed.length).toBeGreaterThan(0)
    for (const n of executed) expect(executed).not.toContain((n + 1) % 20)
    const written = new Set(executed.flatMap(n => [keys[n]!, keys[(n + 1) % 20]!]))
    for (const key of keys) expect((await get(send, 'production', key)) !== undefined).toBe(written.has(key))
  }, 120_000)
})

it('RollBackPromotion undoes three promotions of one key from the newest to the oldest without force', async () => {
  const send = app.client()
  await set(send, 'prod', { a: 0 })
  const ids: string[] = []
  for (const value of [1, 2, 3]) {
    await set(send, 'staging', { a: value })
    const id = await approved(send, pattern('a'))
    ids.unshift(id)
    expect((await send('POST', `${promotions}/${id}/execute`)).json['state']).toBe('EXECUTED')
  }
  const [newest, , oldest] = ids
  const tooEarly = await send('POST', `${promotions}/${oldest}/rollback`)
  expect([tooEarly.status, tooEarly.json['conflicts']]).toMatchObject([409, [{ key: 'a', promotionId: newest }]])
  const restored: unknown[] = []
  for (const id of ids) {
    expect((await send('POST', `${promotions}/${id}/rollback`)).status).toBe(200)
    restored.push((await get(send, 'production', 'a'))!.value)
  }
  expect(restored).toEqual([2, 1, 0])
  // The ETag is that of the last change: revisions of the environment only increase.
  const put = (ifMatch: string) =>
    send('PUT', '/config/environments/production/configurations/a', { value: 5 }, { 'If-Match': ifMatch })
  expect([(await put('"1"')).status, (await put('"7"')).status]).toEqual([412, 200])
})
