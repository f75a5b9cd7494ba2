import { randomBytes } from 'node:crypto'
import { configurationId } from '#libs/contracts'
import * as stack from '#test/kit'
import { startCommandApp, type TestClient, type TestCommandApp } from '#test/kit/apps/command-app'

let app: TestCommandApp
let send: TestClient
const tenant = () => app.client({ 'X-Tenant-ID': 'acme', 'X-User-ID': 'dev' })
const of = (environment: string, rest = '') => `/config/environments/${environment}${rest}`

beforeAll(async () => {
  app = await startCommandApp(stack, { SHIPLOG_SECRETS_KEY: randomBytes(32).toString('base64') })
  send = tenant()
})
afterAll(() => app.close())

describe('PUT and DELETE of one configuration', () => {
  it('create it with 201 and an ETag, and change it with 200', async () => {
    const path = of('staging', '/configurations/query.timeout')
    const created = await send('PUT', path, { value: '120s', description: 'patience' })
    expect(created.status).toBe(201)
    expect(created.json).toEqual({
      id: configurationId('acme', 'staging', 'configuration', 'query.timeout'),
      key: 'query.timeout',
      value: '120s',
      description: 'patience',
      revision: 1,
      updatedAt: expect.any(String),
      updatedBy: 'dev',
    })
    expect(created.headers.get('etag')).toMatch(/^"1-[\w-]{11}"$/)
    expect(created.headers.get('shiplog-position')).toMatch(/^\d+:\d+$/)
    const changed = await send('PUT', of('stage', '/configurations/query.timeout'), { value: '180s' })
    expect([changed.status, changed.json['revision'], changed.json['description']]).toEqual([200, 2, 'patience'])
    const same = await send('PUT', path, { value: '180s' })
    expect([same.status, same.json]).toEqual([200, changed.json])
  })

  it('accept any JSON value, null included, and any key', async () => {
    const key = 'a/ключ ?#%'
    const path = of('odd', `/configurations/${encodeURIComponent(key)}`)
    const { status, json } = await send('PUT', path, { value: null })
    expect([status, json['key'], json['value']]).toEqual([201, key, null])
    expect((await send('PUT', path, { value: { a: [1, { b: 1.0 }] } })).json['value']).toEqual({ a: [1, { b: 1 }] })
  })

  it('write only where If-Match and If-None-Match hold, and reject malformed ones with 400', async () => {
    const path = of('matched', '/configurations/k')
    expect((await send('PUT', path, { value: 1 }, { 'If-Match': '*' })).status).toBe(412)
    expect((await send('PUT', path, { value: 1 }, { 'If-None-Match': '*' })).status).toBe(201)
    expect((await send('PUT', path, { value: 2 }, { 'If-None-Match': '*' })).status).toBe(412)
    const wrong = await send('PUT', path, { value: 2 }, { 'If-Match': '"7"' })
    expect([wrong.status, wrong.json['revision']]).toEqual([412, 1])
    expect((await send('PUT', path, { value: 2 }, { 'If-Match': '"1"' })).status).toBe(200)
    // Well-formed tags that do not match; weak ones never do.
    for (const tags of ['W/"2"', '"stale"', '"1", "3"', '"0"', '""', '"2-"', '"2-AAAAAAAAAAA"']) {
      expect([tags, (await send('PUT', path, { value: 3 }, { 'If-Match': tags })).status]).toEqual([tags, 412])
    }
    for (const malformed of ['2', '"2', '"1" "2"', '*, "2"', 'w/"2"']) {
      const { status, json } = await send('PUT', path, { value: 3 }, { 'If-Match': malformed })
      expect([malformed, status, json['errors']?.[0].header]).toEqual([malformed, 400, 'If-Match'])
    }
    const listed = await send('PUT', path, { value: 2, description: 'x' }, { 'If-Match': '"1", W/"9", "2"' })
    expect([listed.status, listed.json['revision']]).toEqual([200, 3])
    expect((await send('DELETE', path, undefined, { 'If-Match': '"1"' })).status).toBe(412)
    const etag = listed.headers.get('etag')!
    expect((await send('DELETE', path, undefined, { 'If-Match': `W/${etag}` })).status).toBe(412)
    expect((await send('DELETE', path, undefined, { 'If-Match': `"1", ${etag}` })).status).toBe(204)
    expect((await send('DELETE', path)).status).toBe(204)
  })

  it('return 200 and the first response for a repeated Idempotency-Key, 422 for another body', async () => {
    const path = of('repeated', '/configurations/k')
    const key = { 'Idempotency-Key': 'k' }
    const first = await send('PUT', path, { value: 1 }, key)
    await send('PUT', path, { value: 2 })
    const again = await send('PUT', path, { value: 1 }, key)
    expect([first.status, again.status, again.json]).toEqual([201, 200, first.json])
    const other = await send('PUT', path, { value: 3 }, key)
    expect([other.status, other.json['errors']]).toEqual([
      422,
      [{ header: 'Idempotency-Key', detail: expect.stringContaining('another body') }],
    ])
  })

  it.each([
    ['no value', '/configurations/k', {}, '/value'],
    ['an unknown field', '/configurations/k', { value: 1, colour: 'red' }, '/colour'],
    ['a flag without enabled', '/flags/k', { variants: [] }, '/enabled'],
    ['NUL', '/configurations/k', { value: ['\0'] }, '/value/0'],
  ])('reject %s with 400', async (_, path, body, pointer) => {
    const { status, json } = await send('PUT', of('dev', path), body)
    expect([status, json['errors'][0].pointer]).toEqual([400, pointer])
  })

  it('reject a body that is not JSON with 415, and a key of 513 characters with 400', async () => {
    expect((await send('PUT', of('dev', '/configurations/k'), 'a: 1', { 'Content-Type': 'text/yaml' })).status).toBe(
      415,
    )
    expect((await send('PUT', of('dev', `/configurations/${'k'.repeat(513)}`), { value: 1 })).status).toBe(400)
    expect((await send('PUT', of('dev', `/configurations/${'k'.repeat(512)}`), { value: 1 })).status).toBe(201)
  })
})

describe('flags', () => {
  it('have their members next to the key', async () => {
    const flag = { enabled: true, variants: ['a', 'b'], rules: [{ variant: 'b', percentage: 10 }] }
    const { status, json } = await send('PUT', of('flags', '/flags/new-search'), { ...flag, description: 'new' })
    expect(status).toBe(201)
    expect(json).toMatchObject({ key: 'new-search', ...flag, description: 'new', revision: 1 })
    expect(json).not.toHaveProperty('value')
    const x = { enabled: false, description: 'off' }
    const many = await send('PATCH', of('flags', '/flags'), { set: { x }, delete: ['new-search'] })
    expect(many.json).toEqual({ environment: 'flags', revision: 2, set: 1, deleted: 1, unchanged: 0 })
    const enabled = await send('PUT', of('flags', '/flags/x'), { enabled: true })
    expect(enabled.json).toMatchObject({ key: 'x', enabled: true, description: 'off', revision: 3 })
    expect((await send('DELETE', of('flags', '/flags/x'))).status).toBe(204)
  })
})

describe('PATCH of configurations', () => {
  it('sets and deletes keys in one revision, and counts the changes', async () => {
    const path = of('many', '/configurations')
    const first = await send('PATCH', path, { set: { a: 1, b: 2, c: 3 } })
    expect(first.json).toEqual({ environment: 'many', revision: 1, set: 3, deleted: 0, unchanged: 0 })
    const second = await send('PATCH', path, { set: { a: 1.0, b: 3 }, delete: ['c', 'never'] })
    expect(second.json).toEqual({ environment: 'many', revision: 2, set: 1, deleted: 1, unchanged: 1 })
    const nothing = await send('PATCH', path, { set: { a: 1 }, delete: ['c'] })
    expect(nothing.json).toEqual({ environment: 'many', revision: 2, set: 0, deleted: 0, unchanged: 1 })
    const twice = await send('PATCH', path, { delete: ['b', 'b'] })
    expect(twice.json).toEqual({ environment: 'many', revision: 3, set: 0, deleted: 1, unchanged: 0 })
  })

  it.each([
    ['a key in both set and delete', { set: { a: 1 }, delete: ['a'] }, '/delete/0'],
    ['a secret that is not set', { set: { a: 1 }, secrets: ['b'] }, '/secrets/0'],
    ['an empty key', { set: { '': 1 } }, '/set/'],
    ['more than 10,000 keys', { set: { a: 1 }, delete: Array.from({ length: 10_000 }, (_, n) => `k${n}`) }, ''],
  ])('rejects %s with 400', async (_, body, pointer) => {
    const { status, json } = await send('PATCH', of('many', '/configurations'), body)
    expect([status, json['errors'][0].pointer]).toEqual([400, pointer])
  })

  it('writes only at the revision of the environment that If-Match names, as PUT of an environment does', async () => {
    const path = of('matched-many', '/configurations')
    const first = await send('PATCH', path, { set: { a: 1 } }, { 'If-None-Match': '*' })
    const etag = first.headers.get('etag')!
    expect([first.status, etag]).toEqual([200, expect.stringMatching(/^"1-[\w-]{11}"$/)])
    const wrong = await send('PATCH', path, { set: { a: 2 } }, { 'If-Match': '"7"' })
    expect([wrong.status, wrong.json['revision']]).toEqual([412, 1])
    expect((await send('PUT', `${path}?dryRun=true`, {}, { 'If-Match': '"7"' })).status).toBe(412)
    const preview = await send('PUT', `${path}?dryRun=true`, { b: 1 }, { 'If-Match': etag })
    expect([preview.status, preview.headers.get('etag')]).toEqual([200, etag])
    expect((await send('PUT', path, { b: 1 }, { 'If-Match': etag })).json['revision']).toBe(2)
    expect((await send('PUT', path, {}, { 'If-Match': '"1"' })).status).toBe(412)
    expect((await send('PATCH', of('matched-many', '/flags'), { set: {} }, { 'If-Match': '"1"' })).status).toBe(412)
  })

  it('accepts up to 10,000 keys, and rejects bodies and events beyond 4 MiB', async () => {
    const keys = (value: string) => Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key.${n}`, value]))
    const most = await send('PATCH', of('most', '/configurations'), { set: keys('x'.repeat(200)) })
    expect(most.json).toMatchObject({ set: 10_000 })
    const larger = await send('PATCH', of('most', '/configurations'), { set: { a: 'x'.repeat(4 * 1024 * 1024) } })
    expect(larger.status).toBe(413)
    // Before and after do not fit into one event.
    const event = await send('PATCH', of('most', '/configurations'), { set: keys('y'.repeat(200)) })
    expect([event.status, event.json['detail']]).toEqual([422, expect.stringMatching(/more than the 4194304/)])
  })
})

describe('PUT of an environment', () => {
  const path = of('whole', '/configurations')
  const yaml = { 'Content-Type': 'application/yaml' }
  const properties = { 'Content-Type': 'text/x-java-properties; charset=utf-8' }

  it('replaces it by a JSON, YAML or .properties file, and only reports the changes in a dry run', async () => {
    const first = await send('PUT', path, { a: 1, b: { c: [true, null] }, d: 'x' })
    expect(first.json).toEqual({ environment: 'whole', revision: 1, set: 3, deleted: 0, unchanged: 0 })
    const dry = await send('PUT', `${path}?dryRun=true`, 'a: 1\nb:\n  c: [true, null]\ne: "y"\n', yaml)
    expect(dry.json).toEqual({
      dryRun: true,
      environment: 'whole',
      revision: 1,
      added: [{ key: 'e', value: 'y' }],
      modified: [],
      removed: [{ key: 'd', value: 'x' }],
      unchanged: 2,
    })
    expect(dry.headers.get('shiplog-position')).toBeNull()
    const second = await send('PUT', path, 'a: 1\nb:\n  c: [true, null]\ne: "y"\n', yaml)
    expect(second.json).toEqual({ environment: 'whole', revision: 2, set: 1, deleted: 1, unchanged: 2 })
    const third = await send('PUT', path, '# a comment\na=1\ne = y\n', properties)
    expect(third.json).toEqual({ environment: 'whole', revision: 3, set: 1, deleted: 1, unchanged: 1 })
    const flat = await send('PUT', `${path}?dryRun=true&flatten=true`, 'server: { port: 80, hosts: [a, b] }', yaml)
    expect(flat.json['added']).toEqual([
      { key: 'server.hosts', value: ['a', 'b'] },
      { key: 'server.port', value: 80 },
    ])
  })

  it.each([
    ['invalid YAML', 'a: [1', yaml],
    ['a duplicate key', 'a: 1\na: 2', yaml],
    ['a list', '- a', yaml],
    ['a number that JSON cannot represent', 'a: .nan', yaml],
    ['a key named __proto__', '__proto__: { a: 1 }', yaml],
    [
      'exponentially nested aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`).join('\n')}`,
      yaml,
    ],
    ['a JSON array', '[1]', {}],
  ])('rejects %s with 400, without quoting the file', async (_, body, headers) => {
    const { status, json } = await send('PUT', path, body.replace('1', '"s3cr3t"'), headers)
    expect([status, JSON.stringify(json)]).toEqual([400, expect.not.stringContaining('s3cr3t')])
  })

  it('rejects another media type with 415', async () => {
    expect((await send('PUT', path, '<a/>', { 'Content-Type': 'application/xml' })).status).toBe(415)
  })
})
