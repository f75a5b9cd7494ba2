import * as stack from '#test/kit'
import { approved, by, pattern, promotions, set } from '#test/specs/command/promotions'
import { startCommandApp, type TestClient, type TestCommandApp } from '#test/kit/apps/command-app'

let app: TestCommandApp

beforeAll(async () => {
  app = await startCommandApp(stack)
})
afterAll(() => app.close())

const put = (send: TestClient, ...environments: object[]) => send('PUT', '/config/pipeline', { environments })
const [dev, staging] = [{ name: 'dev' }, { name: 'staging', approvals: 0 }]
const live = (...aliases: string[]) => ({ name: 'live', aliases, approvals: 0 })

/** The values of an environment, by one of its names, and its revision. */
async function valuesOf(send: TestClient, environment: string): Promise<[Record<string, unknown>, number]> {
  const { json } = await send('PUT', `/config/environments/${environment}/configurations?dryRun=true`, {})
  const removed = json['removed'] as { key: string; value: unknown }[]
  return [Object.fromEntries(removed.map(({ key, value }) => [key, value])), json['revision'] as number]
}

describe('PUT /config/pipeline with configured environments', () => {
  it.each([
    ['configurations', { value: 1 }],
    ['flags', { enabled: true }],
  ])(
    'returns 409 where a name with %s is removed, and keeps them under both names where it becomes an alias',
    async (kind, value) => {
      const send = app.client()
      const first = await send('PUT', `/config/environments/production/${kind}/k`, value)
      const refused = await put(send, dev, staging, live())
      expect([refused.status, refused.json['errors']]).toEqual([
        409,
        [{ pointer: '/environments', detail: expect.stringMatching(/production has configuration: keep its name/) }],
      ])
      expect((await put(send, dev, staging, live('production', 'prod'))).status).toBe(200)
      for (const [n, name] of ['live', 'production', 'prod'].entries()) {
        const { status, json } = await send('PUT', `/config/environments/${name}/${kind}/k`, {
          ...value,
          description: name,
        })
        expect([status, json['id'], json['revision']]).toEqual([200, first.json['id'], n + 2])
      }
      const patched = await send('PATCH', `/config/environments/production/${kind}`, { delete: ['k'] })
      expect(patched.json).toMatchObject({ environment: 'live', revision: 5, deleted: 1 })
      expect((await put(send, dev, staging, { name: 'main' })).status).toBe(200)
    },
  )

  it('makes one configuration of all names of an environment', async () => {
    const send = app.client()
    await set(send, 'production', { a: 1 })
    await put(send, dev, staging, live('production'))
    await set(send, 'live', { b: 2 })
    await set(send, 'production', { a: 3 })
    expect(await valuesOf(send, 'live')).toEqual([{ a: 3, b: 2 }, 3])
    expect(await valuesOf(send, 'production')).toEqual([{ a: 3, b: 2 }, 3])
    expect(await valuesOf(send, 'prod')).toEqual([{}, 0])
  })

  it('returns 409 where two environments with configuration would become one', async () => {
    const send = app.client()
    await set(send, 'staging', { a: 1 })
    await set(send, 'qa', { a: 2 })
    const refused = await put(send, dev, { ...staging, aliases: ['qa'] }, live('production'))
    expect([refused.status, refused.json['detail']]).toEqual([
      409,
      expect.stringMatching(/qa and staging|staging and qa/i),
    ])
    await send('PATCH', '/config/environments/qa/configurations', { delete: ['a'] })
    expect((await put(send, dev, { ...staging, aliases: ['qa'] }, live('production'))).status).toBe(200)
    expect((await valuesOf(send, 'qa'))[0]).toEqual({ a: 1 })
  })
})

describe('promotions of a renamed environment', () => {
  it('are executed and rolled back under either name, drafted before or after', async () => {
    const send = app.client()
    await put(send, dev, staging, { name: 'production', approvals: 0 })
    await set(send, 'staging', { a: 1, b: 1 })
    await set(send, 'production', { a: 0, b: 0 })
    const [before, waiting] = [await approved(send, pattern('a'), 0), await approved(send, pattern('b'), 0)]
    expect((await send('POST', `${promotions}/${before}/execute`)).status).toBe(200)
    await put(send, dev, staging, live('production'))
    const executed = await send('POST', `${promotions}/${waiting}/execute`)
    expect([executed.status, (await valuesOf(send, 'live'))[0]]).toEqual([200, { a: 1, b: 1 }])
    await set(send, 'staging', { a: 2 })
    const after = await approved(send, { ...pattern('a'), targetEnvironment: 'live' }, 0)
    expect((await send('POST', `${promotions}/${after}/execute`)).status).toBe(200)
    expect((await valuesOf(send, 'production'))[0]).toEqual({ a: 2, b: 1 })
    await put(send, dev, staging, { name: 'main', approvals: 0, aliases: ['production', 'live'] })
    for (const id of [after, waiting, before]) {
      expect((await send('POST', `${promotions}/${id}/rollback`)).status).toBe(200)
    }
    expect((await valuesOf(send, 'main'))[0]).toEqual({ a: 0, b: 0 })
  })

  it('respect freezes and approvals under the new name', async () => {
    const send = app.client()
    await set(send, 'staging', { a: 1 })
    await set(send, 'production', { a: 0 })
    const id = await approved(send, pattern('a'))
    const freezes = [{ name: 'x', environments: ['prod'], from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }]
    await send('PUT', '/config/pipeline/freezes', freezes)
    const gone = await put(send, dev, staging, { name: 'live', approvals: 3, aliases: ['prod'] })
    expect(gone.status).toBe(409)
    await put(send, dev, staging, { name: 'live', approvals: 3, aliases: ['production'] })
    const execute = () => send('POST', `${promotions}/${id}/execute`)
    expect((await execute()).json['promotionState']).toBe('VALIDATED')
    await send('POST', `${promotions}/${id}/approve`, {}, by('the third'))
    expect((await execute()).json['freeze']).toBe('x')
  })
})

describe('PUT /config/pipeline/freezes', () => {
  const freeze = (...environments: string[]) => [
    { name: 'release', environments, from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' },
  ]

  it.each([
    ['prodution', '/0/environments/0', freeze('prodution')],
    ['stagin', '/0/environments/1', freeze('dev', 'stagin')],
    ['integration', '/1/environments/0', [...freeze('prod'), { ...freeze('integration')[0], name: 'other' }]],
  ])('returns 422 with the known environments for the unknown %s, unless it is forced', async (name, pointer, body) => {
    const send = app.client()
    const key = { 'Idempotency-Key': 'k' }
    const refused = await send('PUT', '/config/pipeline/freezes', body, key)
    expect([refused.status, refused.json['errors']]).toEqual([
      422,
      [
        {
          pointer,
          detail: expect.stringMatching(
            new RegExp(`environment ${name}, which is not in the pipeline \\(dev, staging, production\\)`),
          ),
        },
      ],
    ])
    const forced = await send('PUT', '/config/pipeline/freezes?force=true', body)
    expect([forced.status, forced.json.length]).toEqual([200, body.length])
    expect((await send('PUT', '/config/pipeline/freezes', [])).status).toBe(200)
    // The 422 is not kept under the key: a retry succeeds once the pipeline has the environment.
    await put(send, dev, staging, { name: 'production', aliases: ['prod'] }, { name })
    expect((await send('PUT', '/config/pipeline/freezes', body, key)).status).toBe(200)
    expect((await send('PUT', '/config/pipeline/freezes?force=true', body, key)).json['errors'][0].header).toBe(
      'Idempotency-Key',
    )
  })

  it('makes the removal of a frozen environment from the pipeline return 409', async () => {
    const send = app.client()
    await send('PUT', '/config/pipeline/freezes', freeze('staging'))
    const refused = await put(send, dev, live('production'))
    expect([refused.status, refused.json['detail']]).toEqual([
      409,
      expect.stringMatching(/freeze release has the environment staging/i),
    ])
    expect((await put(send, dev, { name: 'qa', aliases: ['staging'] }, live('production'))).status).toBe(200)
  })
})

describe('If-Match', () => {
  it('makes writes of the pipeline and the freezes return 412 at another revision', async () => {
    const send = app.client()
    const matching = (ifMatch: string) => ({ 'If-Match': ifMatch })
    const path = '/config/pipeline'
    const first = await send('PUT', path, { environments: [dev] }, matching('"1"'))
    const etag = first.headers.get('etag')!
    expect([first.status, etag]).toEqual([200, expect.stringMatching(/^"2-[\w-]{11}"$/)])
    const second = await send('PUT', `${path}/freezes`, [], matching('"1"'))
    expect([second.status, second.json['revision']]).toEqual([412, 2])
    expect((await send('PUT', path, { environments: [staging] }, matching('"1"'))).status).toBe(412)
    // The ETag of a read has a hash of the content appended, which a write ignores.
    const content = 'x'.repeat(22)
    for (const foreign of [`"2-${'x'.repeat(11)}"`, `"2-${'x'.repeat(11)}${content}"`, `"2-${content}"`]) {
      expect((await send('PUT', path, { environments: [staging] }, matching(foreign))).status).toBe(412)
    }
    const read = matching(etag.replace(/"$/, `${content}"`))
    expect((await send('PUT', path, { environments: [staging] }, read)).status).toBe(200)
  })
})
