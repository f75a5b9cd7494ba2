import { randomUUID } from 'node:crypto'
import * as stack from '#test/kit'
import { startCommandApp, startReplica, type TestClient, type TestCommandApp } from '#test/kit/apps/command-app'
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

/** A validated promotion without approvals. */
async function validated(send: TestClient, person: Record<string, string> = author): Promise<string> {
  await set(send, 'staging', { a: 1 })
  const { json } = await send('POST', promotions, pattern('a'), person)
  await send('POST', `${promotions}/${json['id']}/validate`, {}, person)
  return json['id'] as string
}

const actionsOf =
  (send: TestClient, id: string) =>
  (action: string, headers: object, body: object = {}) =>
    send('POST', `${promotions}/${id}/${action}`, body, headers as Record<string, string>)

describe('the author of a promotion', () => {
  it('is required for a draft, else 400', async () => {
    const { status, json } = await app.client()('POST', promotions, full)
    expect([status, json['errors']]).toEqual([400, [{ header: 'X-User-ID', detail: 'is missing' }]])
    expect((await app.client()('POST', promotions, full, { 'X-User-Email': 'dev@acme.com' })).status).toBe(201)
  })

  const id = '550e8400-e29b-41d4-a716-446655440001'
  const drafting = { 'X-User-ID': id, 'X-User-Email': 'dev@acme.example' }
  it.each<[string, Record<string, string>]>([
    ['the email address as the id', { 'X-User-ID': 'dev@acme.example' }],
    ['the id in capitals', { 'X-User-ID': id.toUpperCase() }],
    [
      'the id without hyphens, with another address',
      { 'X-User-ID': id.replaceAll('-', ''), 'X-User-Email': 'x@y.example' },
    ],
    ['the id as a URN', { 'X-User-ID': `urn:uuid:{${id}}` }],
    ['another id with the same address', { 'X-User-ID': randomUUID(), 'X-User-Email': 'Dev@ACME.example' }],
  ])('cannot approve it under another name: %s', async (_, person) => {
    const send = app.client()
    const promotion = await validated(send, drafting)
    const approve = actionsOf(send, promotion)
    const refused = await approve('approve', person)
    expect([refused.status, refused.json['detail']]).toEqual([422, expect.stringMatching(/author .* cannot approve/)])
    await approve('approve', by('ana'))
    expect((await approve('approve', { ...person, 'X-User-Email': 'dev@acme.example' })).status).toBe(422)
    expect((await approve('execute', {})).json['promotionState']).toBe('VALIDATED')
  })
})

describe('one Idempotency-Key of two people', () => {
  it('returns 422 to the second, whose approval counts under a key of her own', async () => {
    const send = app.client()
    const write = actionsOf(send, await validated(send))
    const key = { 'Idempotency-Key': 'shared' }
    const bob = await write('approve', { ...by('bob'), ...key })
    const carol = await write('approve', { ...by('carol'), ...key })
    expect([bob.status, carol.status, carol.json['errors']]).toEqual([
      200,
      422,
      [{ header: 'Idempotency-Key', detail: 'belongs to another actor' }],
    ])
    expect((await write('approve', { ...by('BOB'), ...key })).json).toEqual(bob.json)
    const own = await write('approve', { ...by('carol'), 'Idempotency-Key': 'of carol' })
    expect([own.json['state'], own.json['approvals']]).toMatchObject([
      'APPROVED',
      [{ userId: 'bob' }, { userId: 'carol' }],
    ])
  })

  it.each<[string, string, string, object]>([
    ['a draft', 'POST', promotions, full],
    ['a configuration', 'PUT', '/config/environments/dev/configurations/k', { value: 1 }],
    ['the pipeline', 'PUT', '/config/pipeline', { environments: [{ name: 'a' }] }],
  ])('returns 422 to the second for %s', async (_, method, path, body) => {
    const send = app.client()
    const key = { 'Idempotency-Key': 'k' }
    const first = await send(method, path, body, { ...by('bob'), ...key })
    const other = await send(method, path, body, { ...by('carol'), ...key })
    expect([first.status < 300, other.status, other.json['errors'][0].header]).toEqual([true, 422, 'Idempotency-Key'])
    expect((await send(method, path, body, { ...by('Bob'), ...key })).json).toEqual(first.json)
  })
})

describe('a reviewed promotion', () => {
  it('is approved only as reviewed: 412 with an outdated ETag, 409 with an outdated content hash', async () => {
    const send = app.client()
    const id = await validated(send)
    const write = actionsOf(send, id)
    const reviewed = await write('validate', author)
    await set(send, 'staging', { a: 2 })
    const { json, headers } = await write('validate', author)
    const stale = await write('approve', { ...by('bob'), 'If-Match': reviewed.headers.get('etag')! })
    expect([stale.status, stale.json['revision']]).toEqual([412, json['version']])
    const old = await write('approve', by('bob'), { contentHash: reviewed.json['contentHash'] })
    expect([old.status, old.json['contentHash']]).toEqual([409, json['contentHash']])
    expect((await write('approve', by('bob'), { contentHash: 'x' })).status).toBe(400)
    const now = { ...by('bob'), 'If-Match': headers.get('etag')! }
    expect((await write('approve', now, { contentHash: json['contentHash'] })).json['approvals']).toHaveLength(1)
  })

  it.each([
    ['validate', 0, {}],
    ['approve', 0, {}],
    ['reject', 0, {}],
    ['schedule', 2, { at: '2099-01-01T00:00:00Z' }],
    ['execute', 2, {}],
    ['rollback', 2, {}],
    ['cancel', 0, {}],
  ])('returns 412 with the ETag of another version: %s', async (action, approvals, body) => {
    const send = app.client()
    await set(send, 'staging', { a: 1 })
    const id = await approved(send, pattern('a'), approvals)
    let version = 2 + approvals
    if (action === 'rollback') version = (await actionsOf(send, id)('execute', {})).json['version']
    const write = (ifMatch: string) => {
      const path = `${promotions}/${id}`
      return action === 'cancel'
        ? send('DELETE', path, body, { ...by('bob'), 'If-Match': ifMatch })
        : send('POST', `${path}/${action}`, body, { ...by('bob'), 'If-Match': ifMatch })
    }
    for (const old of [`"${version - 1}"`, `W/"${version}"`, '"0"']) expect((await write(old)).status).toBe(412)
    const done = await write(`"${version}"`)
    expect([done.status, done.headers.get('etag')]).toEqual([
      200,
      expect.stringMatching(`^"${version + 1}-[\\w-]{11}"$`),
    ])
    expect((await write(`"${version}"`)).status).toBe(412)
  })
})

describe('a rejection that depends on state', () => {
  const frozen = [
    { name: 'release', environments: ['production'], from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' },
  ]

  it('by a freeze is not kept under its key, which executes once after the freeze is removed', async () => {
    const tenant = { 'X-Tenant-ID': randomUUID() }
    const clients = [app.client(tenant), replica.client(tenant)]
    const send = clients[0]!
    await set(send, 'staging', { a: 1 })
    const id = await approved(send, pattern('a'))
    await send('PUT', '/config/pipeline/freezes', frozen)
    const execute = (n: number) =>
      clients[n % 2]!('POST', `${promotions}/${id}/execute`, {}, { ...by('bob'), 'Idempotency-Key': 'k' })
    expect((await Promise.all([execute(0), execute(1)])).map(({ status }) => status)).toEqual([409, 409])
    await send('PUT', '/config/pipeline/freezes', [])
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => execute(n)))
    expect(answers.map(({ status, json }) => [status, json['version']])).toEqual(
      Array.from({ length: 20 }, () => [200, 5]),
    )
    const other = await send('POST', `${promotions}/${id}/execute`, {}, { ...by('bob'), 'Idempotency-Key': 'another' })
    expect(other.status).toBe(409)
  })

  it.each<[string, number, (send: TestClient, id: string) => Promise<unknown>, string, object]>([
    ['the state of the promotion', 409, (send, id) => actionsOf(send, id)('approve', by('carol')), 'execute', {}],
    [
      'the pipeline',
      422,
      send =>
        send('PUT', '/config/pipeline', {
          environments: [{ name: 'staging' }, { name: 'production', approvals: 1 }],
          authorMayApprove: true,
        }),
      'approve',
      author,
    ],
  ])('by %s is not kept under its key', async (_, status, change, action, person) => {
    const send = app.client()
    const id = await validated(send)
    await actionsOf(send, id)('approve', by('bob'))
    const write = () => actionsOf(send, id)(action, { ...person, 'Idempotency-Key': 'k' })
    expect((await write()).status).toBe(status)
    await change(send, id)
    expect((await write()).status).toBe(200)
  })

  it('by an outdated ETag is not kept under its key', async () => {
    const send = app.client()
    const path = '/config/environments/dev/configurations/k'
    const put = (ifMatch: string) => send('PUT', path, { value: 2 }, { 'If-Match': ifMatch, 'Idempotency-Key': 'k' })
    await send('PUT', path, { value: 1 })
    expect((await put('"7"')).status).toBe(412)
    expect((await put('"1"')).json).toMatchObject({ value: 2, revision: 2 })
  })
})

describe('a raised quorum', () => {
  it('returns an approved promotion to VALIDATED, until a further person approves it', async () => {
    const send = app.client()
    await set(send, 'staging', { a: 1 })
    const id = await approved(send, pattern('a'))
    const write = actionsOf(send, id)
    const environments = [{ name: 'staging' }, { name: 'production', approvals: 3 }]
    await send('PUT', '/config/pipeline', { environments })
    const refused = await write('execute', author)
    expect([refused.status, refused.json['promotionState'], refused.json['allowedActions']]).toEqual([
      409,
      'VALIDATED',
      ['validate', 'approve', 'reject', 'cancel'],
    ])
    expect((await write('approve', by('approver 1'))).status).toBe(422)
    const third = await write('approve', by('the third'))
    expect(third.json).toMatchObject({
      state: 'APPROVED',
      quorum: 3,
      allowedActions: ['schedule', 'execute', 'cancel'],
    })
    expect((await write('execute', author)).json['state']).toBe('EXECUTED')
  })
})
