import { startTestApp, type TestApp } from '#test/kit/apps/http-app'

let test: TestApp
const send: TestApp['send'] = (...request) => test.send(...request)
const post: TestApp['post'] = (...request) => test.post(...request)

beforeAll(async () => {
  test = await startTestApp()
})
afterAll(() => test.app.close())

describe('invalid bodies', () => {
  it.each<[string, number, string | Buffer, Record<string, string>, string]>([
    ['not JSON', 400, '{"name":', {}, ''],
    ['invalid UTF-8', 400, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), {}, ''],
    ['NUL', 400, '{"name":"a\\u0000"}', {}, '/name'],
    ['a lone surrogate', 400, '{"name":"\\ud800"}', {}, '/name'],
    ['5,000 levels', 400, '{"name":' + '['.repeat(5000) + ']'.repeat(5000) + '}', {}, `/name${'/0'.repeat(31)}`],
    ['an own __proto__', 400, '{"name":"n","labels":{"__proto__":{"a":1}}}', {}, '/labels/__proto__'],
    ['an escaped __proto__', 400, '{"name":"n","labels":{"\\u005f_proto__":1}}', {}, '/labels/__proto__'],
    [
      'a constructor with a prototype',
      400,
      '{"name":"n","labels":{"constructor":{"prototype":{}}}}',
      {},
      '/labels/constructor',
    ],
    ['an unknown field', 400, '{"name":"n","nmae":"n"}', {}, '/nmae'],
    ['a missing field', 400, '{}', {}, '/name'],
    ['a time without a zone', 400, '{"name":"n","at":"2026-02-12T10:00:00"}', {}, '/at'],
    ['an empty body', 400, '', {}, ''],
    ['an array', 400, '[]', {}, ''],
  ])('get 400 with a pointer: %s', async (_, expected, payload, headers, pointer) => {
    const { status, json } = await post(payload, headers)
    expect(status).toBe(expected)
    expect(json['errors'][0]).toEqual({ pointer, detail: expect.any(String) })
  })

  it.each([
    ['another type', { 'content-type': 'text/plain' }],
    ['NDJSON instead of JSON', { 'content-type': 'application/x-ndjson' }],
    ['another charset', { 'content-type': 'application/json; charset=latin1' }],
    ['two charsets', { 'content-type': 'application/json; charset=utf-8; Charset = "latin1"' }],
    ['an empty Content-Encoding', { 'content-encoding': '' }],
    ['compressed twice', { 'content-encoding': 'identity, gzip' }],
    ['compressed', { 'content-encoding': 'gzip' }],
    ['an invalid type', { 'content-type': ';;' }],
  ])('get 415: %s', async (_, headers) => {
    const { status, headers: responded } = await post('{"name":"n"}', headers)
    expect(status).toBe(415)
    expect(responded['accept']).toBe('application/json')
  })

  it('get 413 above 1 MiB', async () => {
    expect((await post(`{"name":"${'x'.repeat(1024 * 1024)}"}`)).status).toBe(413)
  })
})

describe('invalid headers', () => {
  it.each([
    ['X-Tenant-ID', 'a b'],
    ['X-Tenant-ID', ''],
    ['X-Tenant-ID', 'x'.repeat(65)],
    ['X-User-ID', '\u00ff\u00fe'],
    ['X-User-ID', 'x'.repeat(257)],
    ['Idempotency-Key', 'ü'],
    ['Idempotency-Key', 'x'.repeat(256)],
  ])('get 400: %s, case %#', async (header, value) => {
    const { status, json } = await post('{"name":"n"}', { [header]: value })
    expect([status, json['errors']]).toEqual([400, [{ header, detail: expect.any(String) }]])
  })

  it('get 400: Shiplog-Min-Position that is not a position', async () => {
    const { status, json } = await send('GET', '/things', { 'shiplog-min-position': 'here' })
    expect([status, json['errors'][0].header]).toEqual([400, 'Shiplog-Min-Position'])
  })
})

describe('invalid URLs', () => {
  it.each([
    ['/things?limit=0', 'limit'],
    ['/things?limit=501', 'limit'],
    ['/things?limit=1.5', 'limit'],
    ['/things?limit=', 'limit'],
    ['/things?limit=1&limit=2', 'limit'],
    ['/things?name=toolong', 'name'],
    ['/things?name=', 'name'],
    ['/things?from=2026-02-30T00:00:00Z', 'from'],
    ['/things?from=2026-W47-6', 'from'],
    ['/things?status=C', 'status'],
    ['/things?nmae=a', 'nmae'],
    ['/things?__proto__=a', '__proto__'],
    ['/things?constructor=a', 'constructor'],
    ['/things?name=%00', 'name'],
    ['/things?name=%ff', 'name'],
    ['/things/by/a%00b', 'tag'],
    ['/things/by/a?x=1', 'x'],
    ['/healthz?x=1', 'x'],
  ])('get 400: %s', async (url, parameter) => {
    const { status, json } = await send('GET', url)
    expect([status, json['errors']]).toEqual([400, [{ parameter, detail: expect.any(String) }]])
  })

  it.each([
    ['', ['from', 'days']],
    ['?days=1', ['from']],
    ['?from=2026-02-12T10:00:00Z', ['days']],
  ])('get 400 for each missing required parameter: /things/window%s', async (query, missing) => {
    const { status, json } = await send('GET', `/things/window${query}`)
    const errors = missing.map(parameter => ({ parameter, detail: 'is required' }))
    expect([status, json['errors']]).toEqual([400, errors])
  })

  it('get 400 with the first 20 of thousands of unknown parameters', async () => {
    const { status, json } = await send(
      'GET',
      `/things?${'a&'.repeat(10)}${Array.from({ length: 2000 }, (_, n) => `p${n}`).join('&')}`,
    )
    expect([status, json['errors'].length]).toEqual([400, 20])
    expect(json['detail']).toMatch(/ and 1981 more\.$/)
  })

  it('get 400: an id that is not a UUID', async () => {
    const { status, json } = await send('POST', '/things/1/optional')
    expect([status, json['errors'][0].parameter]).toEqual([400, 'id'])
  })

  it.each([
    ['an encoding that is not UTF-8', '/things/by/%ff', 400],
    ['a path parameter that is too long', `/things/by/${'x'.repeat(7000)}`, 414],
    ['an unknown path', '/nothing', 404],
  ])('are rejected: %s', async (_, url, expected) => {
    expect((await send('GET', url)).status).toBe(expected)
  })

  it('get 405 and the allowed methods for another method', async () => {
    const { status, headers } = await send('POST', '/things/by/a', { 'content-type': 'application/json' }, '{}')
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD'])
  })
})
