import { connect } from 'node:net'
import { Controller, Get, HttpCode, Module, Post, Res } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply } from 'fastify'
import type { Positions } from '#libs/contracts'
import { refuse } from '#libs/contracts'
import { Log, readConfiguration } from '#libs/operations'
import {
  ChoicesParameter,
  createHttpApp,
  type Caller,
  IdempotencyKey,
  InstantParameter,
  IntegerParameter,
  JsonBody,
  MinPosition,
  Readiness,
  rejectionProblem,
  setPositions,
  StrictQuery,
  TextParameter,
  TextPath,
  UuidPath,
  WriteCaller,
} from './index.js'

const thingSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, at: { type: 'string', format: 'instant' }, labels: { type: 'object' } },
  required: ['name'],
  additionalProperties: false,
}

class ThingQuery {
  @IntegerParameter({ minimum: 1, maximum: 500, default: 50, description: 'How many.' })
  limit = 50

  @TextParameter({ maxLength: 5, description: 'A name.' })
  name?: string

  @InstantParameter({ description: 'From.' })
  from?: string

  @ChoicesParameter({ of: ['A', 'B'], description: 'States.' })
  status?: string[]
}

class Busy extends Error {
  retryAfterSeconds = 3
}

@Controller('things')
class ThingController {
  @Post()
  record(@JsonBody(thingSchema) body: object, @WriteCaller() caller: Caller, @IdempotencyKey() key?: string) {
    return { body, caller, key }
  }

  @Post(':id/optional')
  @HttpCode(200)
  optional(@UuidPath('id', 'The thing.') id: string, @JsonBody({ type: 'object' }, { optional: true }) body: object) {
    return { id, body }
  }

  @Get()
  list(@StrictQuery() query: ThingQuery, @MinPosition() minimum?: Positions) {
    return { ...query, minimum: minimum && [...minimum] }
  }

  @Get('by/:tag')
  one(@TextPath('tag', 'Its tag.') tag: string, @Res({ passthrough: true }) reply: FastifyReply) {
    setPositions(reply, new Map([[3, 17]]))
    return { tag }
  }

  @Get('failing/:how')
  fail(@TextPath('how', 'How.') how: string): never {
    if (how === 'busy') throw new Busy('The index is catching up.')
    if (how === 'refused')
      throw rejectionProblem(refuse('conflict', 'it is so', { details: { status: 1, candidates: [] } }))
    throw new Error('password=secret')
  }
}

@Module({ controllers: [ThingController] })
class ThingModule {}

const logged: string[] = []
let app: NestFastifyApplication

beforeAll(async () => {
  const configuration = readConfiguration({
    DATABASE_URL: 'postgres://nobody@localhost/nothing',
    KAFKA_BROKERS: 'localhost:1',
  })
  const log = Log.create({ app: 'test', level: 'debug', destination: { write: line => void logged.push(line) } })
  app = await createHttpApp({ module: ThingModule, configuration, log })
  await app.listen(0, '127.0.0.1')
})
afterAll(() => app.close())

const send = async (
  method: 'GET' | 'POST',
  url: string,
  headers: Record<string, string> = {},
  payload?: string | Buffer,
) => {
  const {
    statusCode,
    headers: answered,
    body,
  } = await app.inject({ method, url, headers, ...(payload !== undefined && { payload }) })
  const json: Record<string, any> = body ? JSON.parse(body) : undefined
  if (statusCode >= 400) {
    expect(answered['content-type']).toMatch(/^application\/problem\+json/)
    expect(json).toMatchObject({ status: statusCode, title: expect.any(String), detail: expect.any(String) })
    expect(json['type']).toMatch(/^https:\/\/shiplog\.dev\/problems\/[a-z-]+$/)
    expect(json['requestId']).toBe(answered['x-request-id'])
  }
  return { status: statusCode, headers: answered, json }
}
const post = (payload: string | Buffer, headers = {}) =>
  send('POST', '/things', { 'content-type': 'application/json', ...headers }, payload)

describe('requests that are fine', () => {
  it('echoes ids, and hands over body, caller and key', async () => {
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

  it('makes a request id where the one sent is none', async () => {
    const { headers } = await post('{"name":"n"}', { 'x-request-id': 'x'.repeat(129) })
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it.each([
    ['no body and no type', {}, undefined],
    ['an empty body', { 'content-type': 'application/json' }, ''],
    ['an empty form, as curl -d "" sends it', { 'content-type': 'application/x-www-form-urlencoded' }, ''],
  ])('takes an optional body: %s', async (_, headers, payload) => {
    const { status, json } = await send(
      'POST',
      '/things/0198C0DE-0000-7000-8000-000000000001/optional',
      headers,
      payload,
    )
    expect([status, json]).toEqual([200, { id: '0198c0de-0000-7000-8000-000000000001', body: {} }])
  })

  it('reads a query with defaults, repeats and canonical instants', async () => {
    const { json } = await send('GET', '/things?status=A&status=B&from=2026-02-12T11:00:00.000%2B01:00', {
      'shiplog-min-position': '3:17',
    })
    expect(json).toEqual({ limit: 50, status: ['A', 'B'], from: '2026-02-12T10:00:00Z', minimum: [[3, 17]] })
  })

  it('decodes path parameters, long ones too', async () => {
    const tag = `a/b ${'ü'.repeat(200)}`
    const { json, headers } = await send('GET', `/things/by/${encodeURIComponent(tag)}`)
    expect(json).toEqual({ tag })
    expect(headers['shiplog-position']).toBe('3:17')
  })
})

describe('bodies that are refused', () => {
  it.each<[string, number, string | Buffer, object, string]>([
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
    ['nothing at all', 400, '', {}, ''],
    ['an array', 400, '[]', {}, ''],
  ])('%s', async (_, expected, payload, headers, pointer) => {
    const { status, json } = await post(payload, headers)
    expect(status).toBe(expected)
    expect(json['errors'][0]).toEqual({ pointer, detail: expect.any(String) })
  })

  it.each([
    ['another type', { 'content-type': 'text/plain' }],
    ['NDJSON where JSON is wanted', { 'content-type': 'application/x-ndjson' }],
    ['another charset', { 'content-type': 'application/json; charset=latin1' }],
    ['compressed', { 'content-encoding': 'gzip' }],
    ['a type that is none', { 'content-type': ';;' }],
  ])('415: %s', async (_, headers) => {
    const { status, headers: answered } = await post('{"name":"n"}', headers)
    expect(status).toBe(415)
    expect(answered['accept']).toBe('application/json')
  })

  it('413: larger than 1 MiB', async () => {
    expect((await post(`{"name":"${'x'.repeat(1024 * 1024)}"}`)).status).toBe(413)
  })
})

describe('headers that are refused', () => {
  it.each([
    ['X-Tenant-ID', 'a b'],
    ['X-Tenant-ID', ''],
    ['X-Tenant-ID', 'x'.repeat(65)],
    ['X-User-ID', '\u00ff\u00fe'],
    ['X-User-ID', 'x'.repeat(257)],
    ['Idempotency-Key', 'ü'],
    ['Idempotency-Key', 'x'.repeat(256)],
  ])('%s, %#', async (header, value) => {
    const { status, json } = await post('{"name":"n"}', { [header]: value })
    expect([status, json['errors']]).toEqual([400, [{ header, detail: expect.any(String) }]])
  })

  it('Shiplog-Min-Position that is none', async () => {
    const { status, json } = await send('GET', '/things', { 'shiplog-min-position': 'here' })
    expect([status, json['errors'][0].header]).toEqual([400, 'Shiplog-Min-Position'])
  })
})

describe('URLs that are refused', () => {
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
  ])('%s', async (url, parameter) => {
    const { status, json } = await send('GET', url)
    expect([status, json['errors']]).toEqual([400, [{ parameter, detail: expect.any(String) }]])
  })

  it('an id that is no UUID', async () => {
    const { status, json } = await send('POST', '/things/1/optional')
    expect([status, json['errors'][0].parameter]).toEqual([400, 'id'])
  })

  it.each([
    ['an encoding that is not UTF-8', '/things/by/%ff', 400],
    ['a part that is too long', `/things/by/${'x'.repeat(5000)}`, 414],
    ['a path that is not there', '/nothing', 404],
  ])('%s', async (_, url, expected) => {
    expect((await send('GET', url)).status).toBe(expected)
  })

  it('another method: 405 with those that are taken', async () => {
    const { status, headers } = await send('POST', '/things/by/a', { 'content-type': 'application/json' }, '{}')
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD'])
  })
})

describe('failures', () => {
  it('503 with Retry-After', async () => {
    const { status, headers, json } = await send('GET', '/things/failing/busy')
    expect([status, headers['retry-after'], json['detail']]).toEqual([503, '3', 'The index is catching up.'])
  })

  it('a refusal keeps its details, and they cannot pose as standard members', async () => {
    const { json } = await send('GET', '/things/failing/refused')
    expect(json).toMatchObject({ status: 409, detail: 'It is so.', candidates: [] })
  })

  it('500 says nothing of our inside, the log does, with the request id', async () => {
    const { status, json } = await send('GET', '/things/failing/badly', { 'x-request-id': 'find-me' })
    expect(status).toBe(500)
    expect(JSON.stringify(json)).not.toContain('secret')
    expect(logged.find(line => line.includes('a request failed'))).toMatch(/"requestId":"find-me".*password=secret/s)
  })

  it('answers bytes that are no HTTP', async () => {
    const { port } = app.getHttpServer().address() as { port: number }
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nbad header\r\n\r\n'))
      let text = ''
      socket
        .on('data', chunk => (text += chunk))
        .on('end', () => resolve(text))
        .on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json/)
  })
})

describe('the system', () => {
  it('readyz names the part that is not ok', async () => {
    expect((await send('GET', '/readyz')).json).toEqual({ status: 'ok', parts: {} })
    app.get(Readiness).add('kafka', () => ({ ok: false, detail: 'no broker answers' }))
    const { status, json } = await send('GET', '/readyz')
    expect(status).toBe(503)
    expect(json).toMatchObject({ detail: 'Not ready: kafka (no broker answers).', parts: { kafka: { ok: false } } })
    expect((await send('GET', '/healthz')).json).toEqual({ status: 'ok' })
  })

  it('metrics count requests by route pattern', async () => {
    const { body } = await app.inject('/metrics')
    expect(body).toMatch(/shiplog_http_request_seconds_count\{method="GET",route="\/things\/by\/:tag",status="200"\} 1/)
  })

  it('describes itself in OpenAPI 3.1', async () => {
    const { json } = await send('GET', '/openapi.json')
    expect(json['openapi']).toBe('3.1.0')
    const operation = json['paths']['/things'].post
    expect(operation.requestBody.content['application/json'].schema.properties.at.format).toBe('date-time')
    expect(operation.parameters.map(({ name }: { name: string }) => name)).toContain('Idempotency-Key')
    const { statusCode } = await app.inject('/docs')
    expect(statusCode).toBe(200)
  })
})
