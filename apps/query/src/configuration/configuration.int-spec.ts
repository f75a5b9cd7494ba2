import { randomUUID } from 'node:crypto'
import { parse as parseYaml } from 'yaml'
import { Decided } from '#test/specs/read-models/decided'
import { GivenLog } from '#test/specs/read-models/given-log'
import { brokers, freshTopicName, until } from '#test/kit'
import { startQueryApp, type QueryResponse, type TestQueryApp } from '#test/kit/apps/query-app'

let log: GivenLog
let app: TestQueryApp
let tenant: Decided

beforeAll(async () => {
  log = await GivenLog.start()
  app = await startQueryApp({ databaseUrl: log.database.url, brokers: brokers(), topic: freshTopicName('query') })
  await until(async () => (await app.get('/readyz')).status === 200, 'the query app is ready')
})
afterAll(async () => {
  await app.close()
  await log.end()
})
beforeEach(() => {
  tenant = new Decided(`tenant-${randomUUID().slice(0, 8)}`)
})

const at = (time: string) => `2026-02-12T${time}Z`

function get(path: string, headers: Record<string, string> = {}): Promise<QueryResponse> {
  return app.get(`/api/v1/config/${path}`, { 'X-Tenant-ID': tenant.tenant, ...headers })
}

const keysOf = ({ json }: QueryResponse) => (json as { key: string }[]).map(({ key }) => key)

describe('GET configurations', () => {
  test('lists configurations by key in pages, with the positions that they reflect', async () => {
    await log.given(...tenant.set('production', { c: 1, a: 'x', b: null, 'a/b c': true }))
    const first = await get('environments/prod/configurations?limit=3')
    expect(first.status).toBe(200)
    expect(first.headers.get('shiplog-position')).toMatch(/^\d+:\d+(,\d+:\d+)*$/)
    expect(first.json).toMatchObject([
      { key: 'a', value: 'x' },
      { key: 'a/b c' },
      { key: 'b', value: null, revision: 1 },
    ])
    const [, next] = /config\/(.*)>; rel="next"/.exec(first.headers.get('link')!)!
    expect(keysOf(await get(next!))).toEqual(['c'])
    expect(keysOf(await get('environments/production/configurations?prefix=a'))).toEqual(['a', 'a/b c'])
    expect((await get('environments/nowhere/configurations')).json).toEqual([])
  })

  test('returns one with its revision in the ETag, and its history', async () => {
    await log.given(...tenant.set('production', { 'a/b c': 1 }))
    await log.given(...tenant.set('production', { 'a/b c': 2 }))
    const path = `environments/production/configurations/${encodeURIComponent('a/b c')}`
    const response = await get(path)
    const etag = response.headers.get('etag')!
    expect([response.status, etag, response.json.value]).toEqual([200, expect.stringMatching(/^"2-[\w-]{11}"$/), 2])
    expect(await get(path, { 'If-None-Match': etag })).toMatchObject({ status: 304, text: '' })
    for (const other of ['"2"', '"1"', etag.replace('2', '1')]) {
      expect(await get(path, { 'If-None-Match': other })).toMatchObject({ status: 200 })
    }
    expect((await get(`${path}/history`)).json).toMatchObject([{ value: 2 }, { value: 1 }])
    for (const missing of [path.replace('production', 'dev'), `${path}x`, `${path}x/history`]) {
      expect([missing, (await get(missing)).status]).toEqual([missing, 404])
    }
  })

  test('respects asOf and knownAt', async () => {
    tenant.recordedTime = at('12:00:00')
    await log.given(...tenant.set('production', { a: 1 }))
    const path = 'environments/production/configurations'
    expect(keysOf(await get(`${path}?asOf=${at('10:00:00')}`))).toEqual(['a'])
    expect(keysOf(await get(`${path}?asOf=${at('09:00:00')}`))).toEqual([])
    expect(keysOf(await get(`${path}?knownAt=${at('11:00:00')}`))).toEqual([])
    expect((await get(`${path}/a?knownAt=${at('11:00:00')}`)).status).toBe(404)
  })

  test('exports a whole environment with secrets masked', async () => {
    const values = Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`key.${n}`, n]))
    await log.given(...tenant.set('production', { ...values, text: 'yes', list: [1, null] }))
    await log.given(...tenant.keepSecret('production', 'password', 'hunter2'))
    const path = 'environments/prod/configurations'
    const whole = { ...values, text: 'yes', list: [1, null], password: '********' }
    expect((await get(`${path}?export=true`)).json).toEqual(whole)
    const yaml = await get(path, { Accept: 'application/yaml' })
    expect([yaml.headers.get('content-type'), yaml.headers.get('vary')]).toEqual([
      'application/yaml; charset=utf-8',
      'Authorization, X-Tenant-ID, Accept',
    ])
    expect(parseYaml(yaml.text)).toEqual(whole)
    const properties = await get(`${path}?prefix=p`, { Accept: 'text/x-java-properties' })
    expect(properties.text).toBe('password = ********\n')
    expect((await get(path)).json).toHaveLength(50)
  })
})

test('GET flags presents the members of a flag next to its key', async () => {
  const flag = { enabled: true, variants: ['a', 'b'], rules: [{ variant: 'a', percentage: 10 }] }
  await log.given(...tenant.set('staging', { search: flag }, 'flag'), ...tenant.set('staging', { other: 1 }))
  const { json } = await get('environments/stage/flags')
  const presented = {
    id: expect.any(String) as unknown,
    key: 'search',
    ...flag,
    revision: 1,
    updatedAt: at('10:00:00'),
    updatedBy: 'ann',
  }
  expect(json).toEqual([presented])
  expect((await get('environments/stage/flags/search')).json).toEqual(presented)
  expect((await get('environments/stage/flags/search/history')).json).toMatchObject([presented])
})

describe('GET promotions and settings', () => {
  test('diff and drift return the differences between two environments', async () => {
    await log.given(...tenant.set('staging', { a: 1, same: 1 }), ...tenant.set('production', { same: 1.0 }))
    const { status, json } = await get('promotions/diff?source=staging&target=prod')
    expect([status, json.added, json.unchanged, json.targetEnvironment]).toEqual([
      200,
      [{ key: 'a', value: 1 }],
      1,
      'prod',
    ])
    const drift = await get(`promotions/drift?source=staging&target=prod&asOf=${at('11:00:00')}`)
    expect(drift.json).toMatchObject({
      target: 'production',
      rows: [{ key: 'a', since: at('10:00:00'), ageSeconds: 3600 }],
    })
  })

  test.each([
    ['stagin', 'production', ['source']],
    ['staging', 'nowhere', ['target']],
    ['a', 'b', ['source', 'target']],
    ['qa', 'mars', ['target']],
  ])(
    'diff and drift from %s to %s return 404 with the unknown parameters and the known environments',
    async (source, target, parameters) => {
      await log.given(...tenant.set('staging', { a: 1 }), ...tenant.set('qa', { a: 1 }))
      await log.given(...tenant.change('qa', { delete: ['a'] }))
      for (const path of ['promotions/diff', 'promotions/drift']) {
        for (const moment of ['', `&asOf=${at('09:00:00')}`, `&knownAt=${at('11:00:00')}`]) {
          const { status, json } = await get(`${path}?source=${source}&target=${target}${moment}`)
          expect([status, json.environments]).toEqual([404, ['dev', 'staging', 'production', 'qa']])
          expect(json.detail).toMatch(/Known environments: dev, staging, production, qa\.$/)
          expect(json.errors.map(({ parameter }: { parameter: string }) => parameter)).toEqual(parameters)
        }
      }
      expect((await get('promotions/diff?source=stage&target=qa')).status).toBe(200)
    },
  )

  test('a promotion is returned by id, with its trail, and in the filtered list', async () => {
    await log.given(...tenant.set('staging', { a: 1 }))
    const { id, events } = tenant.promote()
    await log.given(...events, ...tenant.act(id, 'ValidatePromotion', {}))
    expect((await get(`promotions/${id}`)).json).toMatchObject({ id, state: 'VALIDATED', quorum: 2 })
    expect((await get(`promotions/${id}/events`)).json).toHaveLength(2)
    expect((await get('promotions?state=VALIDATED&state=DRAFT&target=prod')).json).toMatchObject([{ id }])
    expect((await get('promotions?state=DRAFT')).json).toEqual([])
    expect((await get(`promotions/${randomUUID()}`)).status).toBe(404)
  })

  test('ETags contain the revision, and differ by presented content and by tenant', async () => {
    const tagOf = async (path: string) => (await get(path)).headers.get('etag')!
    const byDefault = [await tagOf('pipeline'), await tagOf('pipeline/freezes')]
    expect(byDefault).toEqual([expect.stringMatching(/^"1-[\w-]{33}"$/), expect.stringMatching(/^"1-[\w-]{33}"$/)])
    await log.given(...tenant.set('staging', { a: 1 }))
    const { id, events } = tenant.promote()
    await log.given(...events, ...tenant.act(id, 'ValidatePromotion', {}))
    const validated = await tagOf(`promotions/${id}`)
    expect(validated).toMatch(/^"2-/)
    const again = await get(`promotions/${id}`, { 'If-None-Match': validated })
    expect(again.status).toBe(304)
    // Another quorum is presented, without a new version.
    const environments = [{ name: 'staging' }, { name: 'production', approvals: 3 }]
    await log.given(...tenant.putPipeline({ environments }))
    const changed = await get(`promotions/${id}`, { 'If-None-Match': validated })
    expect([changed.status, changed.json.quorum, changed.headers.get('etag')]).toEqual([
      200,
      3,
      expect.stringMatching(/^"2-/),
    ])
    expect([await tagOf('pipeline'), await tagOf('pipeline/freezes')].map(tag => tag.slice(0, 3))).toEqual([
      '"2-',
      '"2-',
    ])
    tenant = new Decided(`${tenant.tenant}-other`)
    const others = [await tagOf('pipeline'), await tagOf('pipeline/freezes')]
    for (const tag of others) expect(byDefault).not.toContain(tag)
  })

  test('pipeline, freezes and schemas are returned as they were put', async () => {
    expect((await get('pipeline')).json.environments).toHaveLength(3)
    const freezes = [{ name: 'christmas', from: at('10:00:00'), to: at('11:00:00') }]
    const pipeline = { environments: [{ name: 'live', aliases: ['prod'], approvals: 3 }], allowSkipping: true }
    await log.given(...tenant.putFreezes(freezes), ...tenant.putPipeline(pipeline), ...tenant.putSchema('a.*', true))
    expect((await get('pipeline')).json).toEqual(pipeline)
    expect((await get('pipeline/freezes')).json).toEqual(freezes)
    expect((await get('schemas')).json).toMatchObject([{ keyPattern: 'a.*', schema: true }])
  })
})

test.each([
  ['an unknown parameter', 'environments/dev/configurations?env=a', 'env'],
  ['a limit beyond 500', 'environments/dev/configurations?limit=501', 'limit'],
  ['a time without a zone', 'environments/dev/flags?asOf=2026-02-12T10:00:00', 'asOf'],
  ['an invalid cursor', 'environments/dev/configurations?cursor=abc', 'cursor'],
  ['a cursor of another list', 'promotions?cursor=WyJ4Il0', 'cursor'],
  ['an export that is not a boolean', 'environments/dev/configurations?export=1', 'export'],
  ['an unknown state', 'promotions?state=OPEN', 'state'],
  ['an id that is not a UUID', 'promotions/17', 'id'],
  ['a diff without a target', 'promotions/diff?source=staging', 'target'],
  ['a drift without a source', 'promotions/drift?target=staging', 'source'],
  ['a parameter where none is allowed', 'pipeline?expand=true', 'expand'],
])('%s is rejected with 400 that names the parameter', async (_name, path, parameter) => {
  const { status, json } = await get(path)
  expect([status, json.errors]).toEqual([400, [{ parameter, detail: expect.any(String) }]])
})
