import { randomUUID } from 'node:crypto'
import * as stack from '#test/kit'
import { approved, author, by, full, pattern, promotions, set } from '#test/specs/command/promotions'
import { startCommandApp, startReplica, type TestClient, type TestCommandApp } from '#test/kit/apps/command-app'

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

describe('a freeze', () => {
  const freezes = (more: object = {}) => [
    { name: 'release', environments: ['prod'], from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z', ...more },
  ]

  it('makes an execution return 409, unless somebody with permission overrides it with a reason', async () => {
    const send = app.client()
    await set(send, 'staging', { a: 1 })
    const id = await approved(send, pattern('a'))
    const put = await send('PUT', '/config/pipeline/freezes', freezes({ overridableBy: ['oncall'] }))
    expect([put.status, put.json[0].environments]).toEqual([200, ['production']])
    const path = `${promotions}/${id}/execute`
    const refused = await send('POST', path)
    expect([refused.status, refused.json['freeze'], refused.json['detail']]).toEqual([
      409,
      'release',
      expect.stringContaining('release'),
    ])
    expect((await send('POST', path, { overrideFreeze: 'outage' }, by('dev'))).status).toBe(409)
    expect((await send('POST', path, { overrideFreeze: 'outage' }, by('oncall'))).json['state']).toBe('EXECUTED')
    expect((await send('POST', `${promotions}/${id}/rollback`)).status).toBe(200)
  })

  it('labels deployments that start in it, imported ones too, at once here and soon on replicas', async () => {
    const tenant = { 'X-Tenant-ID': randomUUID() }
    const send = app.client(tenant)
    const deployment = { environment: 'production', imageTag: 'v1' }
    const post = (client: TestClient, more: object = {}) =>
      client('POST', '/platform/deployments', { ...deployment, ...more }).then(({ json }) => json['duringFreeze'])
    expect(await post(send)).toBeUndefined()
    await send('PUT', '/config/pipeline/freezes', freezes())
    expect(await post(send)).toBe('release')
    expect(await post(send, { environment: 'staging' })).toBeUndefined()
    expect(await post(send, { deployedAt: '2019-12-31T23:59:59Z' })).toBeUndefined()
    const line = { ...deployment, id: randomUUID() }
    await send('POST', '/platform/deployments/import', line, { 'Content-Type': 'application/x-ndjson' })
    expect(await post(send, line)).toBe('release')
    await stack.until(async () => (await post(replica.client(tenant))) === 'release', 'the replica knows the freeze')
    expect((await send('POST', '/platform/deployments', { ...deployment, duringFreeze: 'x' })).status).toBe(400)
  })

  it('lasts for calendar days in its time zone', async () => {
    const send = app.client()
    const weekend = { name: 'weekend', cron: '0 18 * * FRI', duration: 'P2DT12H', timezone: 'Europe/Vienna' }
    await send('PUT', '/config/pipeline/freezes', [weekend])
    const during = async (deployedAt: string) => {
      const { json } = await send('POST', '/platform/deployments', { environment: 'prod', imageTag: 'v1', deployedAt })
      return json['duringFreeze']
    }
    // The clocks went back on that Sunday, and forward on the other one.
    expect(await during('2025-10-27T04:30:00Z')).toBe('weekend')
    expect(await during('2025-10-27T05:00:00Z')).toBeUndefined()
    expect(await during('2026-03-30T03:59:59Z')).toBe('weekend')
    expect(await during('2026-03-30T04:00:00Z')).toBeUndefined()
  })

  it.each([
    ['no period', { from: undefined }],
    ['an end before its start', { to: '2019-01-01T00:00:00Z' }],
    ['an invalid cron expression', { from: undefined, to: undefined, cron: '61 * * * *', duration: 'PT1H' }],
  ])('is rejected with %s', async (_, more) => {
    expect((await app.client()('PUT', '/config/pipeline/freezes', freezes(more))).status).toBe(422)
  })
})

describe('the settings of a tenant', () => {
  it('define the environments, aliases and approvals of promotions', async () => {
    const send = app.client()
    const pipeline = {
      environments: [
        { name: 'a', aliases: ['first'] },
        { name: 'b', approvals: 1 },
      ],
    }
    const put = await send('PUT', '/config/pipeline', pipeline)
    expect([put.status, put.json]).toEqual([200, pipeline])
    await set(send, 'first', { k: 1 })
    const id = await approved(send, { sourceEnvironment: 'a', targetEnvironment: 'b', promotionType: 'FULL' }, 1)
    expect((await send('POST', `${promotions}/${id}/execute`)).status).toBe(200)
    const twice = await send('PUT', '/config/pipeline', { environments: [{ name: 'a' }, { name: 'a' }] })
    expect(twice.status).toBe(422)
  })

  it('check values against schemas when a promotion is validated', async () => {
    const send = app.client()
    const path = `/config/schemas/${encodeURIComponent('query.*')}`
    const refused = await send('PUT', path, { properties: { a: { type: 'nonsense' } } })
    expect([refused.status, refused.json['errors'][0].pointer]).toEqual([400, '/properties/a/type'])
    expect((await send('PUT', path, { type: 'string' })).json).toEqual({
      keyPattern: 'query.*',
      schema: { type: 'string' },
    })
    await set(send, 'staging', { 'query.timeout': 180 })
    const { json } = await send('POST', promotions, full, author)
    const validated = await send('POST', `${promotions}/${json['id']}/validate`)
    expect(validated.json).toMatchObject({ state: 'VALIDATION_FAILED', findings: [{ key: 'query.timeout' }] })
    expect((await send('DELETE', path)).status).toBe(204)
    expect((await send('POST', `${promotions}/${json['id']}/validate`)).json['state']).toBe('VALIDATED')
  })
})
