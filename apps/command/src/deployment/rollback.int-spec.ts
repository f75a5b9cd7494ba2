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

describe('RemoveDeployment', () => {
  const place = { application: 'shop', environment: 'production' }
  const at = (time: string) => `2026-05-01T${time}:00Z`
  /** The status of the response, and the deployment that it is about. */
  const remove = async (post: TestTenant, path: string, body: object = {}) => {
    const { status, json } = await post(`${path}/remove`, body)
    return [status, json['id'] ?? json['deploymentId']]
  }

  it('returns the record with the time; the second time 409, and 200 under the same Idempotency-Key', async () => {
    const post = tenant()
    const [id] = await told(post, 'v1 09:00')
    const body = { removedAt: '2026-05-01T12:00:00+02:00', reason: 'moved away' }
    const first = await post(`/${id}/remove`, body, { 'Idempotency-Key': 'k' })
    expect([first.status, first.json]).toMatchObject([200, { id, status: 'DEPLOYED', removedAt: at('10:00') }])
    expect(first.headers.get('shiplog-position')).toBe(first.json['position'])
    const again = await post(`/${id}/remove`, body, { 'Idempotency-Key': 'k' })
    expect([again.status, again.json]).toEqual([200, first.json])
    expect(await remove(post, `/${id}`)).toEqual([409, id])
    expect(await remove(post, '', place)).toEqual([409, id])
    expect((await remove(post, `/${randomUUID()}`))[0]).toBe(404)
  })

  it('finds what is active in a place, by any name of its environment, once for each Idempotency-Key', async () => {
    const post = tenant()
    const [, latest] = await told(post, 'v1 09:00', 'v2 10:00', 'v3 11:00 FAILED', 'v4 12:00 DEPLOYED staging')
    const key = { 'Idempotency-Key': 'k' }
    const body = { ...place, environment: ' PROD', removedAt: at('13:00') }
    const first = await post('/remove', body, key)
    expect([first.status, first.json]).toMatchObject([200, { id: latest, removedAt: at('13:00') }])
    expect((await post('/remove', body, key)).json).toEqual(first.json)
    // The one before does not come back.
    expect(await remove(post, '', place)).toEqual([409, latest])
    const [next] = await told(post, 'v5 14:00')
    expect(await remove(post, '', place)).toEqual([200, next])
  })

  it('returns 404 where nothing is active, and never looks at another application or tenant', async () => {
    const post = tenant()
    await told(post, 'v1 09:00 FAILED', 'v2 10:00 ROLLED_BACK', 'v3 10:00 CANCELLED')
    for (const body of [
      place,
      { ...place, removedAt: at('12:00') },
      { environment: 'production' },
      { environment: 'x' },
    ])
      expect(await remove(post, '', body)).toEqual([404, undefined])
    await told(post, 'v4 09:00')
    expect(await remove(tenant(), '', place)).toEqual([404, undefined])
    expect(await remove(post, '', { ...place, removedAt: at('08:59') })).toEqual([404, undefined])
  })

  it('finds with a time in the past the one that was active then', async () => {
    const post = tenant()
    const [v1, v2, v3] = await told(post, 'v1 09:00', 'v2 10:00', 'v3 11:00')
    await post(`/${v3}/rollback`, { rolledBackAt: at('12:00') })
    // At 11:30 the one ran that was rolled back at 12:00, which cannot be removed any more.
    expect(await remove(post, '', { ...place, removedAt: at('11:30') })).toEqual([409, v3])
    expect(await remove(post, '', { ...place, removedAt: at('09:30') })).toEqual([200, v1])
    expect(await remove(post, '', { ...place, removedAt: at('09:40') })).toEqual([409, v1])
    expect(await remove(post, '', { ...place, removedAt: at('12:00') })).toEqual([200, v2])
  })

  it('does not find one that finished later', async () => {
    const post = tenant()
    const [early] = await told(post, 'v1 09:00')
    const slow = { ...place, imageTag: 'v2', deployedAt: at('10:00'), completedAt: at('11:00') }
    const { json } = await post('', slow)
    expect(await remove(post, '', { ...place, removedAt: at('10:59') })).toEqual([200, early])
    expect(await remove(post, '', { ...place, removedAt: at('11:00') })).toEqual([200, json['id']])
  })

  it('rejects a time before the finish or more than 24 h ahead, and bad bodies by place', async () => {
    const post = tenant()
    const [id] = await told(post, 'v1 09:00')
    const tomorrow = new Date(Date.now() + 25 * 3_600_000).toISOString()
    for (const removedAt of [at('08:59'), tomorrow]) {
      const { status, json } = await post(`/${id}/remove`, { removedAt })
      expect([status, json['errors'][0].pointer]).toEqual([422, '/removedAt'])
    }
    const pointers = async (path: string, body: object) => {
      const { status, json } = await post(path, body)
      return [status, json['errors'].map(({ pointer }: { pointer: string }) => pointer)]
    }
    expect(await pointers('/remove', { application: 'shop' })).toEqual([400, ['/environment']])
    expect(await pointers('/remove', { ...place, removedAt: 'now' })).toEqual([400, ['/removedAt']])
    expect(await pointers(`/${id}/remove`, place)).toEqual([400, ['/application', '/environment']])
  })

  it('cannot be rolled back, by id or by tag, nor as part of a span', async () => {
    const post = tenant()
    const [v0, removed] = await told(post, 'v1 08:00', 'v1 09:00')
    await post(`/${removed}/remove`, { removedAt: at('10:00') })
    expect(await rollBack(post, `${removed}`)).toEqual([422, removed])
    expect(await rollBack(post, 'tag/v1')).toEqual([422, removed])
    const [again] = await told(post, 'v1 11:00')
    expect(await rollBack(post, 'tag/v1')).toEqual([200, again])
    for (const id of [v0, removed]) expect(await statusOf(post, id!)).toBe('DEPLOYED')
    expect(await remove(post, '', place)).toEqual([409, removed])
  })

  it('is refused for what never ran or is rolled back, with the status', async () => {
    const post = tenant()
    for (const status of ['PENDING', 'FAILED', 'CANCELLED', 'ROLLED_BACK']) {
      const [id] = await told(post, `${status} 09:00 ${status}`)
      const { status: code, json } = await post(`/${id}/remove`)
      expect([code, json['deploymentStatus']]).toEqual([409, status])
    }
  })

  it('is not taken by a record', async () => {
    const { status, json } = await tenant()('', { ...seed, removedAt: at('10:00') })
    expect([status, json['errors'][0].pointer]).toEqual([400, '/removedAt'])
  })
})
