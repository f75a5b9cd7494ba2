import { readFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { Readiness } from '../index.js'
import { startTestApp, type TestApp } from '#test/kit/apps/http-app'

let test: TestApp
const send: TestApp['send'] = (...request) => test.send(...request)
const post: TestApp['post'] = (...request) => test.post(...request)

beforeAll(async () => {
  test = await startTestApp()
})
afterAll(() => test.app.close())

describe('valid requests', () => {
  it('get their request ids back, and pass body, caller and idempotency key to the handler', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { status, headers, json } = await post('{"name":"n"}', {
      'x-request-id': 'r 1',
      traceparent,
      'x-tenant-id': 'acme',
      'x-user-email': Buffer.from('jürgen@acme.example').toString('latin1'),
      'idempotency-key': 'k',
    })
    expect(status).toBe(201)
    expect(headers).toMatchObject({ 'x-request-id': 'r 1', traceparent })
    expect(json).toEqual({
      body: { name: 'n' },
      caller: { tenant: 'acme', actor: 'jürgen@acme.example', correlationId: 'r 1', traceparent },
      key: 'k',
    })
  })

  it('get a new request id if the one sent is invalid', async () => {
    const { headers } = await post('{"name":"n"}', { 'x-request-id': 'x'.repeat(129) })
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it.each([
    ['no body and no type', {}, undefined],
    ['an empty body', { 'content-type': 'application/json' }, ''],
    ['an empty form, as curl -d "" sends it', { 'content-type': 'application/x-www-form-urlencoded' }, ''],
  ])('may omit an optional body: %s', async (_, headers, payload) => {
    const { status, json } = await send(
      'POST',
      '/things/0198C0DE-0000-7000-8000-000000000001/optional',
      headers,
      payload,
    )
    expect([status, json]).toEqual([200, { id: '0198c0de-0000-7000-8000-000000000001', body: {} }])
  })

  it('may have query parameters with defaults, repeats and instants to normalize', async () => {
    const { json } = await send('GET', '/things?status=A&status=B&from=2026-02-12T11:00:00.000%2B01:00', {
      'shiplog-min-position': '3:17',
    })
    expect(json).toEqual({ limit: 50, status: ['A', 'B'], from: '2026-02-12T10:00:00Z', minimum: [[3, 17]] })
  })

  it('may have encoded and long path parameters', async () => {
    const tag = `a/b ${'ü'.repeat(200)}`
    const { json, headers } = await send('GET', `/things/by/${encodeURIComponent(tag)}`)
    expect(json).toEqual({ tag })
    expect(headers['shiplog-position']).toBe('3:17')
  })
})

it.each([
  ['a response', 'GET', '/things', 200],
  ['a response without a body', 'HEAD', '/things', 200],
  ['a malformed request', 'GET', '/things?x=1', 400],
  ['a malformed path', 'GET', '/things/by/%ff', 400],
  ['an unknown path', 'GET', '/nothing', 404],
  ['another method', 'DELETE', '/things', 405],
  ['a body of an unsupported type', 'POST', '/things', 415],
  ['a failure', 'GET', '/things/failing/busy', 503],
  ['the documentation', 'GET', '/docs', 200],
  ['a file of the documentation', 'GET', '/docs/swagger-ui.css', 200],
])('the cache headers declare %s private', async (_, method, url, status) => {
  const payload = method === 'POST' && { payload: 'x' }
  const response = await test.app.inject({ method: method as 'GET', url, ...payload })
  expect([response.statusCode, response.headers['cache-control'], response.headers['vary']]).toEqual([
    status,
    'private, no-cache',
    'Authorization, X-Tenant-ID',
  ])
})

describe('failures', () => {
  const last = 'HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
  const typed = 'Content-Type: application/json\r\n'

  it('respond 503 with Retry-After while the service is busy', async () => {
    const { status, headers, json } = await send('GET', '/things/failing/busy')
    expect([status, headers['retry-after'], json['detail']]).toEqual([503, '3', 'The index is catching up.'])
  })

  it('keep the details of a rejection, which do not replace standard members', async () => {
    const { json } = await send('GET', '/things/failing/refused')
    expect(json).toMatchObject({ status: 409, detail: 'It is so.', candidates: [] })
  })

  it('respond 500 without internal details, which are logged with the request id', async () => {
    const { status, json } = await send('GET', '/things/failing/badly', { 'x-request-id': 'find-me' })
    expect(status).toBe(500)
    expect(JSON.stringify(json)).not.toContain('secret')
    expect(test.logged.find(line => line.includes('"event":"http.request_failed"'))).toMatch(
      /"requestId":"find-me".*password=secret/s,
    )
  })

  it.each([
    ['bytes that are not HTTP', 'hello\r\n\r\n', '400 Bad Request'],
    ['a malformed header', 'GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n', '400 Bad Request'],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX-Tenant-ID: a\0b\r\n\r\n', '400 Bad Request'],
    ['a path that is not encoded', `GET /things/by/ü ${last}`, '400 Bad Request'],
    ['a parameter that is not encoded', `GET /things?name=ü ${last}`, '400 Bad Request'],
    [
      'a repeated Content-Type',
      `POST /things ${last.replace('\r\n', `\r\n${typed}${typed}Content-Length: 2\r\n`)}{}`,
      '400 Bad Request',
    ],
    ['a missing Host header', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', '400 Bad Request'],
    [
      'headers that are too large',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}`,
      '431 Request Header Fields Too Large',
    ],
    ['an Expect header', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\n\r\n', '417 Expectation Failed'],
  ])('respond to %s with a problem', async (_, bytes, status) => {
    const { port } = test.app.getHttpServer().address() as AddressInfo
    const response = await sendBytes(port, bytes)
    expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status}\r\n`))
    expect(response).toMatch(/content-type: application\/problem\+json/i)
    expect(response).toMatch(/x-request-id: /i)
    expect(response).toMatch(/cache-control: private, no-cache\r\n/i)
  })

  it.each([
    ['/things?name=a', '/things'],
    ['http://localhost/things', '/things'],
  ])('name the path of a request whose headers are too large: %s', async (target, instance) => {
    const { port } = test.app.getHttpServer().address() as AddressInfo
    const response = await sendBytes(port, `GET ${target} HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}`)
    expect(response).toMatch(/^HTTP\/1.1 431 /)
    expect(JSON.parse(response.split('\r\n\r\n')[1]!)).toMatchObject({ status: 431, instance })
  })
})

function sendBytes(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket
      .on('data', chunk => (text += chunk))
      .on('close', () => resolve(text))
      .on('error', reject)
  })
}

describe('the system operations', () => {
  it.each(['GET', 'HEAD'] as const)('%s / redirects to the documentation', async method => {
    const { statusCode, headers } = await test.app.inject({ method, url: '/' })
    expect([statusCode, headers['location']]).toEqual([302, '/docs'])
  })

  it('/readyz names the part that is not ok', async () => {
    expect((await send('GET', '/readyz')).json).toEqual({ status: 'ok', parts: {} })
    test.app.get(Readiness).add('kafka', () => ({ ok: false, detail: 'no broker answers' }))
    const { status, json } = await send('GET', '/readyz')
    expect(status).toBe(503)
    expect(json).toMatchObject({ detail: 'Not ready: kafka (no broker answers).', parts: { kafka: { ok: false } } })
    expect((await send('GET', '/healthz')).json).toEqual({ status: 'ok' })
  })

  it('/metrics counts requests by route pattern', async () => {
    const { body } = await test.app.inject('/metrics')
    expect(body).toMatch(/shiplog_http_request_seconds_count\{method="GET",route="\/things\/by\/:tag",status="200"\} 1/)
  })

  it('/openapi.json describes the API in OpenAPI 3.1', async () => {
    const { json } = await send('GET', '/openapi.json')
    expect(json['openapi']).toBe('3.1.0')
    const operation = json['paths']['/things'].post
    expect(operation.requestBody.content['application/json'].schema.properties.at.format).toBe('date-time')
    expect(operation.parameters.map(({ name }: { name: string }) => name)).toContain('Idempotency-Key')
    const { statusCode } = await test.app.inject('/docs')
    expect(statusCode).toBe(200)
  })

  it('/openapi.json has the license, contact, servers, version of the package and the used tags', async () => {
    const { json } = await send('GET', '/openapi.json')
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(json['info']).toMatchObject({
      version,
      description: expect.stringMatching(/## First call.*## Tenants.*## Identity.*## Positions/s),
      license: { name: 'Apache-2.0' },
      contact: { url: expect.any(String) },
    })
    expect(json['servers']).toEqual([{ url: '/', description: expect.any(String) }])
    expect(json['tags']).toEqual([{ name: 'system', description: expect.any(String) }])
  })

  it('/openapi.json declares the required parameters and the validated patterns', async () => {
    const { json } = await send('GET', '/openapi.json')
    const parametersOf = (path: string) => json['paths'][path].get.parameters as { name: string; required: boolean }[]
    expect(parametersOf('/things/window').map(({ name, required }) => [name, required])).toEqual([
      ['from', true],
      ['days', true],
    ])
    expect(parametersOf('/things').every(({ required }) => !required)).toBe(true)
    const parameters = [...parametersOf('/things'), ...json['paths']['/things'].post.parameters]
    const patternOf = (name: string) => new RegExp(parameters.find(one => one.name === name).schema.pattern, 'u')
    for (const [name, good, bad] of [
      ['Shiplog-Min-Position', ['3:17', '3:17, 5:2'], ['', '3', '3:17,', 'a:1']],
      ['X-User-ID', ['ann', 'jürgen ü'], ['', 'a\u0007', 'x'.repeat(257)]],
      ['X-User-Email', ['ann@acme.example'], ['', 'x'.repeat(257)]],
      ['X-Tenant-ID', ['acme.1_2-3'], ['', 'a b', 'x'.repeat(65)]],
      ['Idempotency-Key', ['run 77', 'x'.repeat(255)], ['', 'ü', 'x'.repeat(256)]],
      ['X-Correlation-Id', ['run 77'], ['', 'ü', 'x'.repeat(256)]],
      ['name', ['ü /'], ['a\u0000']],
    ] as const) {
      const pattern = patternOf(name)
      expect([name, good.filter(text => !pattern.test(text)), bad.filter(text => pattern.test(text))]).toEqual([
        name,
        [],
        [],
      ])
    }
  })

  it('/openapi.json documents 431 and the responses of the system operations', async () => {
    const { json } = await send('GET', '/openapi.json')
    const problemOf = (status: number) =>
      json['paths']['/readyz'].get.responses[status].content['application/problem+json']
    expect(problemOf(431).example).toMatchObject({ status: 431, title: 'Request headers too large' })
    expect(problemOf(400).example.errors).toEqual([{ header: 'X-Tenant-ID', detail: expect.any(String) }])
    for (const [path, name] of [
      ['/healthz', 'Health'],
      ['/readyz', 'Readiness'],
    ] as const) {
      const reference = { $ref: `#/components/schemas/${name}` }
      expect(json['paths'][path].get.responses[200].content['application/json'].schema).toEqual(reference)
      expect(json['components'].schemas[name]).toMatchObject({ properties: { status: { enum: ['ok'] } } })
    }
    expect(json['paths']['/']).toBeUndefined()
  })
})
