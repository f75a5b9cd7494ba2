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

describe('rolling back', () => {
  it('by tag, as source 001 has it: no body, and the updated record', async () => {
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

  it('by tag with a key: 200 with the same record again', async () => {
    const post = tenant()
    await post('', seed)
    const key = { 'Idempotency-Key': 'k' }
    const first = await post(`/tag/${seed.imageTag}/rollback`, { reason: 'errors' }, key)
    const again = await post(`/tag/${seed.imageTag}/rollback`, { reason: 'errors' }, key)
    expect([again.status, again.json]).toEqual([200, first.json])
    expect((await post(`/tag/${seed.imageTag}/rollback?environment=dev`, { reason: 'errors' }, key)).status).toBe(422)
  })

  it('by a tag that is in two environments: 409 with candidates, until it is narrowed, in query or body', async () => {
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

  it('by tag, by the names of the tenant’s own pipeline, as it is then', async () => {
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

  it('by id, with an empty body of any type', async () => {
    const post = tenant()
    const { json } = await post('', seed)
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect((await post(`/${json['id'].toUpperCase()}/rollback`, '', headers)).status).toBe(200)
    expect((await post(`/${json['id']}/rollback`)).status).toBe(409)
  })

  it('is for the tenant that recorded: another one finds nothing', async () => {
    const { json } = await tenant()('', seed)
    const other = tenant()
    for (const action of ['rollback', 'complete', 'correct']) {
      const body = { rollback: {}, complete: { status: 'DEPLOYED' }, correct: { notes: 'n', reason: 'r' } }[action]
      expect((await other(`/${json['id']}/${action}`, body)).status).toBe(404)
    }
    expect((await other(`/tag/${seed.imageTag}/rollback`)).status).toBe(404)
  })

  it('many times at once is once', async () => {
    const post = tenant()
    const { json } = await post('', seed)
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await post(`/${json['id']}/rollback`, {})).status),
    )
    expect(statuses.toSorted()).toEqual([200, ...Array.from({ length: 19 }, () => 409)])
  })
})

describe('rolling back by tag marks what runs', () => {
  it.each(['FAILED', 'PENDING'])('and not a later one that is %s', async status => {
    const post = tenant()
    const [, runs, later] = await told(post, 'v0 08:00', 'v1 09:00', `v1 10:00 ${status}`)
    expect(await rollBack(post, 'tag/v1')).toEqual([200, runs])
    expect(await statusOf(post, later!)).toBe(status)
    expect(await rollBack(post, 'tag/v1')).toEqual([409, runs])
  })

  it('also where a later success of the tag was recorded as rolled back', async () => {
    const post = tenant()
    const [, runs] = await told(post, 'v0 08:00', 'v1 09:00', 'v1 10:00 ROLLED_BACK')
    expect(await rollBack(post, 'tag/v1')).toEqual([200, runs])
  })

  it('where the tag runs, though it was deployed later elsewhere', async () => {
    const post = tenant()
    const [runs] = await told(post, 'v1 09:00', 'v1 10:00 DEPLOYED staging', 'v2 11:00 DEPLOYED staging')
    expect(await rollBack(post, 'tag/v1')).toEqual([200, runs])
    // It ran nowhere else, and is not marked there by the second time.
    expect((await rollBack(post, 'tag/v1'))[0]).toBe(409)
  })

  it('or its latest success where it runs nowhere', async () => {
    const post = tenant()
    const [, older, latest] = await told(post, 'v0 08:00', 'v1 09:00', 'v1 10:00', 'v2 11:00', 'v1 12:00 FAILED')
    expect(await rollBack(post, 'tag/v1')).toEqual([200, latest])
    expect(await statusOf(post, older!)).toBe('DEPLOYED')
    expect(await rollBack(post, 'tag/v1')).toEqual([409, latest])
  })

  it('is a conflict where the tag never succeeded, and unknown where nobody deployed it', async () => {
    const post = tenant()
    await told(post, 'v1 09:00 FAILED', 'v1 10:00 PENDING', 'v1 11:00 DEPLOYED staging')
    const { status, json } = await post('/tag/v1/rollback?environment=prod')
    expect([status, json['detail']]).toEqual([409, expect.stringMatching(/v1 in environment prod succeeded/)])
    expect((await post('/tag/v1/rollback?environment=dev')).status).toBe(404)
    expect((await post('/tag/v1/rollback?application=search')).status).toBe(404)
    expect((await post('/tag/v2/rollback')).status).toBe(404)
  })

  it('by whatever name and case of its environment', async () => {
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

  it('lists at most a hundred candidates', async () => {
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
