import { deploymentsPath, type HttpAnswer, type ProblemPlace, sendBytes } from '../kit/index.js'
import type { HostileRequest } from './hostile-case.js'

const history = `${deploymentsPath}/history`
const rollback = `${deploymentsPath}/tag/v1/rollback`
const environments = '/api/v1/config/environments'
const json = { 'Content-Type': 'application/json' }
const good = '{"environment":"dev","imageTag":"v1"}'

/** Calls that change something, with and without a body. */
const changes: HostileRequest['request'][] = [
  { method: 'POST', path: rollback, headers: { 'Content-Length': '0' } },
  { method: 'POST', path: deploymentsPath, headers: json, body: good },
  {
    method: 'POST',
    path: `${deploymentsPath}/import`,
    headers: { 'Content-Type': 'application/x-ndjson' },
    body: good,
  },
  { method: 'PUT', path: `${environments}/dev/configurations/k`, headers: json, body: '{"value":1}' },
  { method: 'PATCH', path: `${environments}/dev/flags`, headers: json, body: '{"set":{}}' },
  { method: 'DELETE', path: `${environments}/dev/configurations/k` },
  { method: 'POST', path: '/healthz' },
  { method: 'PUT', path: '/nothing' },
  { method: 'POST', path: '/docs' },
]

/** What a browser says of a page of another site. */
const foreignOrigins: Record<string, string>[] = [
  { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
  { Origin: 'https://evil.example' },
  { Origin: 'null' },
  { Origin: 'http://localhost:1' },
  { 'Sec-Fetch-Site': 'same-site' },
]

const crossSite = changes.flatMap(request =>
  foreignOrigins.map((origin): HostileRequest => ({
    name: `${request.method} ${request.path} of ${JSON.stringify(origin)}`,
    request: { ...request, headers: { ...request.headers, ...origin } },
    status: 403,
    place: { header: 'Sec-Fetch-Site' in origin ? 'Sec-Fetch-Site' : 'Origin' },
  })),
)

const foreignHosts = [
  'evil.example',
  'evil.example:8888',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '0.0.0.0:8888',
]
const misdirected = foreignHosts.flatMap(host =>
  [
    { method: 'GET', path: '/healthz' },
    { method: 'GET', path: history },
    { method: 'HEAD', path: '/docs' },
    changes[1]!,
    changes[7]!,
  ].map((request): HostileRequest => ({
    name: `${request.method} ${request.path} for the host ${JSON.stringify(host)}`,
    request: { ...request, headers: { ...request.headers, Host: host, 'X-Forwarded-Host': 'localhost' } },
    status: 421,
    place: { header: 'Host' },
  })),
)

const get = (path: string, status: number, place?: ProblemPlace, headers = {}): HostileRequest => ({
  name: `GET ${path.slice(0, 80)} ${JSON.stringify(headers).slice(0, 80)}`,
  request: { method: 'GET', path, headers },
  status,
  ...(place && { place }),
})
const post = (name: string, headers: Record<string, string | string[]>, status: number, place?: ProblemPlace) => ({
  name,
  request: { method: 'POST', path: deploymentsPath, headers: { ...json, ...headers }, body: good },
  status,
  ...(place && { place }),
})
const cursorOf = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')

const urls: HostileRequest[] = [
  get(`${history}?${'environment=a&'.repeat(1000)}`, 400, { parameter: 'environment' }),
  get(`${history}?${Array.from({ length: 2000 }, (_, n) => `p${n}`).join('&')}`, 400, { parameter: 'p0' }),
  get(`${history}?${'status=DEPLOYED&'.repeat(900)}x`, 400, { parameter: 'x' }),
  get(`${history}?environment=%00`, 400, { parameter: 'environment' }),
  get(`${history}?environment=%c0%af`, 400, { parameter: 'environment' }),
  get(`${history}?environment=%ed%a0%80`, 400, { parameter: 'environment' }),
  get(`${history}?%00=1`, 400, { parameter: '\0' }),
  get(`${history}?__proto__[x]=1`, 400, { parameter: '__proto__[x]' }),
  get(`${history}?cursor=${cursorOf('AAAAAAAAAAAA', '2026-02-12T10:00:00Z', '1')}`, 400, { parameter: 'cursor' }),
  get(`${history}?cursor=${cursorOf(...Array(500).fill(1e308))}`, 400, { parameter: 'cursor' }),
  get(`${history}?cursor=${Buffer.from('['.repeat(8000)).toString('base64url')}`, 400, { parameter: 'cursor' }),
  get(`${deploymentsPath}/tag/${'%F0%9F%9A%A2'.repeat(400)}/exists`, 400, { parameter: 'imageTag' }),
  get(`${deploymentsPath}/tag/${'x'.repeat(7000)}/exists`, 414),
  get(`${deploymentsPath}/tag/%2e%2e%2f/%ff`, 400),
  get(`/${'a/'.repeat(5000)}`, 404),
  get('/docs/../../../../etc/passwd', 403),
  get('/docs/..%2f..%2f..%2fpackage.json', 404),
  get('/docs/%2e%2e/%2e%2e/package.json', 403),
]

const headers: HostileRequest[] = [
  post('a tenant twice', { 'X-Tenant-ID': ['a', 'b'] }, 400, { header: 'X-Tenant-ID' }),
  post('a key twice', { 'Idempotency-Key': ['a', 'b'] }, 400, { header: 'Idempotency-Key' }),
  post('an ETag that is none', { 'If-Match': '"'.repeat(8000) }, 201),
  post('1,500 headers', Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`h${n}`, ''])), 201),
  post('a gzip bomb, by its name', { 'Content-Encoding': 'gzip' }, 415, { header: 'Content-Type' }),
  post('brotli', { 'Content-Encoding': 'identity, br' }, 415, { header: 'Content-Type' }),
  post('two charsets', { 'Content-Type': 'application/json; charset=utf-8; charset=utf-16' }, 415, {
    header: 'Content-Type',
  }),
  post('UTF-7', { 'Content-Type': 'application/json;charset=utf-7' }, 415, { header: 'Content-Type' }),
  post('a multipart form', { 'Content-Type': 'multipart/form-data; boundary=x' }, 415, { header: 'Content-Type' }),
  get(history, 503, undefined, { 'Shiplog-Min-Position': '3:999999999999999' }),
  get(history, 400, { header: 'Shiplog-Min-Position' }, { 'Shiplog-Min-Position': '12:1' }),
  get(history, 400, { header: 'Shiplog-Min-Position' }, { 'Shiplog-Min-Position': '3:9'.repeat(5000) }),
  get(
    history,
    400,
    { header: 'Shiplog-Min-Position' },
    {
      'Shiplog-Min-Position': Array.from({ length: 1500 }, (_, n) => `${n}:1`).join(','),
    },
  ),
]

const methods: HostileRequest[] = ['TRACE', 'OPTIONS', 'PROPFIND', 'SEARCH', 'MKCOL', 'PURGE', 'LOCK'].map(method => ({
  name: `${method} ${history}`,
  request: { method, path: history },
  status: 405,
}))

/** Requests that go through any HTTP client. */
export const edgeRequests: HostileRequest[] = [...crossSite, ...misdirected, ...urls, ...headers, ...methods]

/** Bytes that no client would send, and the status of the answer to them; 0: the connection is closed without one. */
export interface HostileBytes {
  name: string
  status: number
  send(url: string): Promise<HttpAnswer>
}

const host = (url: string) => new URL(url).host
const bytes = (name: string, status: number, of: (host: string) => string | Buffer): HostileBytes => ({
  name,
  status,
  send: url => sendBytes(url, of(host(url))),
})
const request = (name: string, status: number, lines: string[], body = '', target = history, method = 'GET') =>
  bytes(name, status, named =>
    [`${method} ${target} HTTP/1.1`, `Host: ${named}`, 'Connection: close', ...lines, '', body].join('\r\n'),
  )
const change = (name: string, status: number, lines: string[], body = '') =>
  request(name, status, lines, body, deploymentsPath, 'POST')
const typed = 'Content-Type: application/json'
const chunked = 'Transfer-Encoding: chunked'

export const edgeBytes: HostileBytes[] = [
  bytes(
    'two hosts',
    400,
    named => `GET ${history} HTTP/1.1\r\nHost: ${named}\r\nHost: ${named}\r\nConnection: close\r\n\r\n`,
  ),
  bytes('an empty host', 421, () => `GET ${history} HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n`),
  bytes('no host', 400, () => `GET ${history} HTTP/1.1\r\nConnection: close\r\n\r\n`),
  bytes(
    'a target of another host',
    421,
    named => `GET http://evil.example/healthz HTTP/1.1\r\nHost: ${named}\r\nConnection: close\r\n\r\n`,
  ),
  bytes('HTTP/1.0 for another host', 421, () => 'GET /healthz HTTP/1.0\r\nHost: evil.example\r\n\r\n'),
  bytes('HTTP/2 without knowing', 400, () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  bytes('TLS', 400, () => Buffer.from('16030100f8010000f40303', 'hex')),
  bytes('CONNECT', 405, () => 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'),
  bytes(
    'garbage behind a request that waits',
    0,
    named => `GET ${history} HTTP/1.1\r\nHost: ${named}\r\nShiplog-Min-Position: 3:999999999999999\r\n\r\n\0\r\n\r\n`,
  ),
  change('two origins', 403, [`Origin: http://localhost`, 'Origin: https://evil.example', 'Content-Length: 0']),
  change('a length and chunks', 400, [typed, 'Content-Length: 5', chunked], '0\r\n\r\n'),
  change('two lengths', 400, [typed, 'Content-Length: 2', 'Content-Length: 3'], '{}'),
  change('a length with a sign', 400, [typed, 'Content-Length: +2'], '{}'),
  change('chunks that end with LF alone', 400, [typed, chunked], '2\n{}\n0\n\n'),
  change('chunks of an odd length', 400, [typed, chunked], 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'),
  change('chunks by another name', 400, [typed, 'Transfer-Encoding: xchunked'], '2\r\n{}\r\n0\r\n\r\n'),
  change('a chunk extension of 1 MiB', 413, [typed, chunked], `2;${'x'.repeat(2 ** 20)}\r\n{}\r\n0\r\n\r\n`),
  change('two types', 400, [typed, 'Content-Type: application/x-ndjson', 'Content-Length: 2'], '{}'),
  change('a body beyond its limit', 413, [typed, `Content-Length: ${2 ** 40}`]),
  change('a header that is folded', 400, ['X-Tenant-ID: a', ' b', 'Content-Length: 0']),
  change('a space before the colon', 400, ['X-Tenant-ID : a', 'Content-Length: 0']),
  change('an expectation', 417, ['Expect: a miracle', 'Content-Length: 0']),
  request('headers of 17 KiB', 431, [`X: ${'x'.repeat(17 * 1024)}`]),
  request('an upgrade', 200, ['Upgrade: websocket', 'Connection: Upgrade, close']),
  request('bytes that are not encoded', 400, [], '', `${history}?environment=ü`),
  request('a control character in the path', 400, [], '', `${history}\x7f`),
]

/** Clients that do not go on; each is answered 408, or its connection is closed, within the time-outs of the process. */
export const stalledBytes: HostileBytes[] = [
  bytes('nothing', 408, () => ''),
  bytes('half a line', 408, () => 'POST /api'),
  bytes('half a head', 408, named => `POST ${deploymentsPath} HTTP/1.1\r\nHost: ${named}\r\nX-`),
  change('one byte of a body', 408, [typed, 'Content-Length: 100'], '{'),
  change('one byte of a chunk', 408, [typed, chunked], '64\r\n{'),
  request(
    'one byte of an import',
    408,
    ['Content-Type: application/x-ndjson', chunked],
    '1\r\n{\r\n',
    `${deploymentsPath}/import`,
    'POST',
  ),
  request('a body of another type without an end', 415, [chunked], '1\r\n{\r\n', deploymentsPath, 'POST'),
]
