import { randomUUID } from 'node:crypto'
import * as stack from '#test/kit'
import { startCommandApp, startReplica, type TestCommandApp, type TestTenant } from '#test/kit/apps/command-app'
import { importAll, rollBack, statusOf, told } from '#test/specs/command/rollbacks'

let app: TestCommandApp
let replica: TestCommandApp
const tenant = (headers?: Record<string, string>): TestTenant => app.tenant(headers)

beforeAll(async () => {
  app = await startCommandApp(stack)
  replica = await startReplica(stack, app)
})
afterAll(async () => {
  await replica.close()
  await app.close()
})

describe('RollBackDeployment of a tag that was deployed again', () => {
  const reason = 'error rate'

  it('marks all deployments of the span in one command, and returns the latest', async () => {
    const post = tenant()
    const [, broken, v2, first, second, third] = await told(
      post,
      'v0 07:00',
      'v1 08:00',
      'v2 09:00',
      'v1 10:00',
      'v1 11:00',
      'v1 12:00',
    )
    const { status, json, headers } = await post('/tag/v1/rollback', { reason })
    expect([status, json['id'], json['rollbackReason']]).toEqual([200, third, reason])
    expect(headers.get('shiplog-position')).toBe(json['position'])
    for (const id of [first, second, third]) expect(await statusOf(post, id!)).toBe('ROLLED_BACK')
    for (const id of [broken, v2]) expect(await statusOf(post, id!)).toBe('DEPLOYED')
    // A repeat marks no older one.
    expect(await rollBack(post, 'tag/v1')).toEqual([409, third])
    expect(await rollBack(post, `${second}`)).toEqual([409, second])
  })

  it('marks deployments of the span across failed ones and ones rolled back before', async () => {
    const post = tenant()
    const [, first, , , last] = await told(
      post,
      'v0 08:00',
      'v1 09:00',
      'v2 10:00 ROLLED_BACK',
      'v3 10:30 FAILED',
      'v1 11:00',
    )
    expect(await rollBack(post, 'tag/v1')).toEqual([200, last])
    expect(await statusOf(post, first!)).toBe('ROLLED_BACK')
  })

  it('marks the same deployments in any order of arrival', async () => {
    const post = tenant()
    const [latest, first, , second] = await told(post, 'v1 11:00', 'v1 09:00', 'v0 08:00', 'v1 10:00')
    expect(await rollBack(post, 'tag/v1')).toEqual([200, latest])
    for (const id of [first, second]) expect(await statusOf(post, id!)).toBe('ROLLED_BACK')
  })

  it('marks the span by the id of the active deployment, and one deployment by any other id', async () => {
    const post = tenant()
    const [, first, second] = await told(post, 'v0 08:00', 'v1 09:00', 'v1 10:00')
    expect(await rollBack(post, `${second}`)).toEqual([200, second])
    expect(await rollBack(post, `${first}`)).toEqual([409, first])
    const other = tenant()
    const [, older, active] = await told(other, 'v0 08:00', 'v1 09:00', 'v1 10:00')
    expect(await rollBack(other, `${older}`)).toEqual([200, older])
    expect(await statusOf(other, active!)).toBe('DEPLOYED')
    expect(await rollBack(other, 'tag/v1')).toEqual([200, active])
  })

  it('returns the same record for a repeated Idempotency-Key', async () => {
    const post = tenant()
    const [, , second] = await told(post, 'v0 08:00', 'v1 09:00', 'v1 10:00')
    const key = { 'Idempotency-Key': 'k' }
    const first = await post('/tag/v1/rollback', { reason }, key)
    expect(first.json['id']).toBe(second)
    const again = await post('/tag/v1/rollback', { reason }, key)
    expect([again.status, again.json]).toEqual([200, first.json])
  })

  it('rejects a rolledBackAt before the start of the latest deployment, and marks none', async () => {
    const post = tenant()
    const [first, second] = await told(post, 'v1 09:00', 'v1 10:00')
    const refused = await post('/tag/v1/rollback', { rolledBackAt: '2026-05-01T09:30:00Z' })
    expect([refused.status, refused.json['errors'][0].pointer]).toEqual([422, '/rolledBackAt'])
    for (const id of [first, second]) expect(await statusOf(post, id!)).toBe('DEPLOYED')
  })

  it('succeeds once of 100 concurrent requests over two replicas, with 99 conflicts', async () => {
    const headers = { 'X-Tenant-ID': randomUUID() }
    const clients = [app.tenant(headers), replica.tenant(headers)] as const
    const ids = await told(clients[0], 'v0 08:00', 'v1 09:00', 'v1 10:00', 'v1 11:00')
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => clients[n % 2]!('/tag/v1/rollback', { reason: `caller ${n}` })),
    )
    const [marked, ...others] = answers.filter(({ status }) => status === 200)
    expect([marked!.json['id'], others]).toEqual([ids[3], []])
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(99)
    // All of them are marked by the same caller.
    for (const id of ids.slice(1)) {
      const { json } = await clients[0](`/${id}/correct`, { reason: 'is it?', notes: null })
      expect([json['version'], json['rollbackReason']]).toEqual([2, marked!.json['rollbackReason']])
    }
  })

  it('rejects a span of more than 1,000 deployments, by tag and by id, and tells what to do', async () => {
    const headers = { 'X-Tenant-ID': randomUUID() }
    const post = tenant(headers)
    const started = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString()
    const nightly = Array.from({ length: 1001 }, (_, n) => {
      return { environment: 'dev', imageTag: 'latest', deployedAt: started(n) }
    })
    const last = (await importAll(app, headers, nightly)).at(-1)!
    const { status, json } = await post('/tag/latest/rollback')
    const detail = expect.stringMatching(/more than 1000 times in a row.*deploy an older version/)
    expect([status, json['detail']]).toEqual([409, detail])
    expect((await post(`/${last}/rollback`)).status).toBe(409)
    // 1,000 are accepted; with a long reason fewer, since the events must fit into one transaction.
    await post(`/${last}/correct`, { status: 'FAILED', reason: 'x' })
    expect((await post('/tag/latest/rollback', { reason: 'x'.repeat(4096) })).status).toBe(409)
    expect((await post('/tag/latest/rollback')).status).toBe(200)
    expect((await post('/tag/latest/rollback')).status).toBe(409)
  })
})
