import { randomUUID } from 'node:crypto'
import * as stack from '#test/kit'
import { seed, startCommandApp, type TestCommandApp, type TestTenant } from '#test/kit/apps/command-app'
import { importAll, rollBack, statusOf, told } from '#test/specs/command/rollbacks'

let app: TestCommandApp
const tenant = (headers?: Record<string, string>): TestTenant => app.tenant(headers)

beforeAll(async () => {
  app = await startCommandApp(stack)
})
afterAll(() => app.close())

describe('RollBackDeployment', () => {
  it('accepts a tag without a body and returns the updated record, as in source document 001', async () => {
    const post = tenant()
    const { json } = await post('', seed)
    const { status, json: rolledBack, headers } = await post(`/tag/${seed.imageTag}/rollback`)
    expect(status).toBe(200)
    expect(rolledBack).toMatchObject({ id: json['id'], status: 'ROLLED_BACK', rolledBackAt: expect.any(String) })
    expect(headers.get('shiplog-position')).toBe(rolledBack['position'])
    const again = await post(`/tag/${seed.imageTag}/rollback`)
    expect([again.status, again.json['deploymentId']]).toEqual([409, json['id']])
    expect((await post('/tag/v0/rollback')).status).toBe(404)
  })

  it('returns the same record for a repeated Idempotency-Key', async () => {
    const post = tenant()
    await post('', seed)
    const key = { 'Idempotency-Key': 'k' }
    const first = await post(`/tag/${seed.imageTag}/rollback`, { reason: 'errors' }, key)
    const again = await post(`/tag/${seed.imageTag}/rollback`, { reason: 'errors' }, key)
    expect([again.status, again.json]).toEqual([200, first.json])
    expect((await post(`/tag/${seed.imageTag}/rollback?environment=dev`, { reason: 'errors' }, key)).status).toBe(422)
  })

  it('returns 409 with candidates for a tag in two environments, unless query or body names one', async () => {
    const post = tenant()
    const imageTag = 'release/2+x'
    const encoded = encodeURIComponent(imageTag)
    await post('', { ...seed, imageTag })
    await post('', { ...seed, imageTag, environment: 'production' })
    const ambiguous = await post(`/tag/${encoded}/rollback`, {})
    expect(ambiguous.status).toBe(409)
    expect(
      ambiguous.json['candidates'].map(({ environment }: { environment: string }) => environment).toSorted(),
    ).toEqual(['dev', 'production'])
    const both = await post(`/tag/${encoded}/rollback?environment=dev`, { environment: 'production' })
    expect([both.status, both.json['errors'][0].parameter]).toEqual([400, 'environment'])
    const narrowed = await post(`/tag/${encoded}/rollback?environment=prod`, {})
    expect([narrowed.status, narrowed.json['environment']]).toEqual([200, 'production'])
    const other = await post(`/tag/${encoded}/rollback`, { environment: 'dev', application: 'platform' })
    expect([other.status, other.json['environment']]).toEqual([200, 'dev'])
  })

  it('finds a tag by the present environment names of the pipeline', async () => {
    const headers = { 'X-Tenant-ID': randomUUID() }
    const [post, send] = [tenant(headers), app.client(headers)]
    await post('', { ...seed, environment: 'live' })
    const { json: later } = await post('', { ...seed, environment: 'eu', deployedAt: '2026-02-12T10:04:00Z' })
    expect((await post(`/tag/${seed.imageTag}/rollback`)).status).toBe(409)
    await send('PUT', '/config/pipeline', { environments: [{ name: 'live', aliases: ['eu'] }] })
    const { status, json } = await post(`/tag/${seed.imageTag}/rollback?environment=live`)
    expect([status, json['id']]).toEqual([200, later['id']])
    const again = await post(`/tag/${seed.imageTag}/rollback`)
    expect([again.status, again.json['deploymentId']]).toEqual([409, later['id']])
  })

  it('accepts an id with an empty body of any media type', async () => {
    const post = tenant()
    const { json } = await post('', seed)
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect((await post(`/${json['id'].toUpperCase()}/rollback`, '', headers)).status).toBe(200)
    expect((await post(`/${json['id']}/rollback`)).status).toBe(409)
  })

  it('returns 404 to another tenant, as complete and correct do', async () => {
    const { json } = await tenant()('', seed)
    const other = tenant()
    for (const action of ['rollback', 'complete', 'correct']) {
      const body = { rollback: {}, complete: { status: 'DEPLOYED' }, correct: { notes: 'n', reason: 'r' } }[action]
      expect((await other(`/${json['id']}/${action}`, body)).status).toBe(404)
    }
    expect((await other(`/tag/${seed.imageTag}/rollback`)).status).toBe(404)
  })

  it('succeeds once of 20 concurrent requests', async () => {
    const post = tenant()
    const { json } = await post('', seed)
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await post(`/${json['id']}/rollback`, {})).status),
    )
    expect(statuses.toSorted()).toEqual([200, ...Array.from({ length: 19 }, () => 409)])
  })
})

describe('RollBackDeployment by tag', () => {
  it.each(['FAILED', 'PENDING'])('marks the active deployment, and not a later one that is %s', async status => {
    const post = tenant()
    const [, active, later] = await told(post, 'v0 08:00', 'v1 09:00', `v1 10:00 ${status}`)
    expect(await rollBack(post, 'tag/v1')).toEqual([200, active])
    expect(await statusOf(post, later!)).toBe(status)
    expect(await rollBack(post, 'tag/v1')).toEqual([409, active])
  })

  it('marks the active deployment, and not a later one recorded as rolled back', async () => {
    const post = tenant()
    const [, active] = await told(post, 'v0 08:00', 'v1 09:00', 'v1 10:00 ROLLED_BACK')
    expect(await rollBack(post, 'tag/v1')).toEqual([200, active])
  })

  it('marks the deployment where the tag is active, and not a later one of another environment', async () => {
    const post = tenant()
    const [active] = await told(post, 'v1 09:00', 'v1 10:00 DEPLOYED staging', 'v2 11:00 DEPLOYED staging')
    expect(await rollBack(post, 'tag/v1')).toEqual([200, active])
    // It is active nowhere else, so that the second request marks nothing.
    expect((await rollBack(post, 'tag/v1'))[0]).toBe(409)
  })

  it('marks the latest success where the tag is not active', async () => {
    const post = tenant()
    const [, older, latest] = await told(post, 'v0 08:00', 'v1 09:00', 'v1 10:00', 'v2 11:00', 'v1 12:00 FAILED')
    expect(await rollBack(post, 'tag/v1')).toEqual([200, latest])
    expect(await statusOf(post, older!)).toBe('DEPLOYED')
    expect(await rollBack(post, 'tag/v1')).toEqual([409, latest])
  })

  it('returns 409 where the tag never succeeded, and 404 where it was never deployed', async () => {
    const post = tenant()
    await told(post, 'v1 09:00 FAILED', 'v1 10:00 PENDING', 'v1 11:00 DEPLOYED staging')
    const { status, json } = await post('/tag/v1/rollback?environment=prod')
    expect([status, json['detail']]).toEqual([409, expect.stringMatching(/v1 in environment prod succeeded/)])
    expect((await post('/tag/v1/rollback?environment=dev')).status).toBe(404)
    expect((await post('/tag/v1/rollback?application=search')).status).toBe(404)
    expect((await post('/tag/v2/rollback')).status).toBe(404)
  })

  it('accepts any name and case of the environment', async () => {
    const post = tenant()
    const [, first, second] = await told(post, 'v0 08:00', 'v1 09:00 DEPLOYED PROD', 'v1 10:00 DEPLOYED Production')
    const body = { environment: ' prod' }
    expect((await post('/tag/v1/rollback?environment=PROD', body)).json).toMatchObject({
      id: second,
      status: 'ROLLED_BACK',
    })
    expect(await statusOf(post, first!)).toBe('ROLLED_BACK')
    expect((await post('/tag/v1/rollback', body)).status).toBe(409)
  })

  it('lists at most 100 candidates', async () => {
    const headers = { 'X-Tenant-ID': randomUUID() }
    await importAll(
      app,
      headers,
      Array.from({ length: 120 }, (_, n) => ({ application: `app-${n}`, environment: 'dev', imageTag: 'v1' })),
    )
    const { status, json } = await tenant(headers)('/tag/v1/rollback')
    expect([status, json['candidates'].length, json['detail']]).toEqual([409, 100, expect.stringMatching(/^120 /)])
  })
})
