import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { until } from '#test/kit'
import { gate, startTestApp, type TestApp } from '#test/kit/apps/http-app'

let test: TestApp
const sockets = new Set<Socket>()

async function start(environment: Record<string, string>): Promise<void> {
  test = await startTestApp(environment)
}
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  gate.emit('open')
  await test.app.close()
})

/** A connection, and the text received on it. */
class Client {
  text = ''
  readonly closed: Promise<unknown>

  private constructor(readonly socket: Socket) {
    sockets.add(socket)
    socket.on('data', chunk => (this.text += chunk)).on('error', () => undefined)
    this.closed = new Promise(resolve => socket.once('close', resolve))
  }

  static async open(bytes = ''): Promise<Client> {
    const { port } = test.app.getHttpServer().address() as AddressInfo
    const client = new Client(connect(port, '127.0.0.1'))
    client.socket.write(bytes)
    // A refused connection may be closed before it is connected.
    await Promise.race([once(client.socket, 'connect'), client.closed])
    return client
  }

  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
  }
}

const request = (method: string, path: string, ...headers: string[]) =>
  [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n')
const typed = 'Content-Type: application/json'
const small = `${request('POST', '/things', typed, 'Content-Length: 12')}{"name":"n"}`
const metric = async (name: string) => {
  const { body } = await test.app.inject('/metrics')
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(body)?.[1] ?? 0)
}

describe('an incomplete request', () => {
  beforeEach(() => start({ SHIPLOG_REQUEST_TIMEOUT_MS: '300' }))

  it.each([
    ['a body that stops', request('POST', '/things', typed, 'Content-Length: 12') + '{'],
    ['a body that never begins', request('POST', '/things', typed, 'Content-Length: 12')],
    ['chunks that stop', request('POST', '/things', typed, 'Transfer-Encoding: chunked') + '1\r\n{\r\n'],
    ['a chunk that stops', request('POST', '/things', typed, 'Transfer-Encoding: chunked') + 'ff\r\n{'],
    ['a body for an unknown path', request('POST', '/nothing', typed, 'Content-Length: 12') + '{'],
    ['a head that stops', 'POST /things HTTP/1.1\r\nHost: loc'],
    ['a line that stops', 'POST'],
    ['no bytes', ''],
  ])('gets 408, and its connection is closed: %s', async (_, bytes) => {
    const client = await Client.open(bytes)
    await client.closed
    expect(client.text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    expect(client.text).toMatch(/content-type: application\/problem\+json/i)
    expect(client.text).toMatch(/cache-control: private, no-cache/i)
    expect(client.text).toContain('"status":408')
  })

  it('gets 408 if it arrives byte by byte', async () => {
    const client = await Client.open(request('POST', '/things', typed, 'Content-Length: 1000'))
    const trickle = setInterval(() => client.socket.write(' '), 20)
    await client.closed
    clearInterval(trickle)
    expect(client.statuses).toEqual([408])
  })

  it('is not executed if its rest arrives too late', async () => {
    const head = request('POST', '/things', typed, 'Content-Length: 12')
    const client = await Client.open(`${head}{"name":"n"`)
    await once(client.socket, 'data')
    client.socket.write('}')
    await client.closed
    expect(client.statuses).toEqual([408])
    const { body } = await test.app.inject('/metrics')
    expect(body).not.toContain('route="/things",status="201"')
  })

  it.each([
    ['a body of another type', request('POST', '/things', 'Transfer-Encoding: chunked'), 415],
    ['a body of a GET', request('GET', '/things', 'Transfer-Encoding: chunked'), 200],
    ['a body that is too large', request('POST', '/things', typed, `Content-Length: ${2 ** 40}`), 413],
    [
      'NDJSON for an unknown path',
      request('POST', '/no', 'Content-Type: application/x-ndjson', 'Transfer-Encoding: chunked'),
      404,
    ],
    ['a body from another site', request('POST', '/things', 'Origin: null', 'Transfer-Encoding: chunked'), 403],
  ])('is closed soon after an early response: %s', async (_, bytes, status) => {
    const client = await Client.open(bytes)
    const trickle = setInterval(() => client.socket.write('1\r\nx\r\n'), 20)
    await client.closed
    clearInterval(trickle)
    expect(client.statuses).toEqual([status])
  })

  it('is neither a request that waits for its response nor an idle connection', async () => {
    const client = await Client.open(request('GET', '/things/waiting'))
    await until(() => gate.waiting > 0, 'the request to wait')
    const late = await Client.open(request('POST', '/things', typed, 'Content-Length: 12'))
    await late.closed
    gate.emit('open')
    await until(() => client.statuses.length === 1, 'the response')
    await (
      await Client.open('POST')
    ).closed
    client.socket.write(small)
    await until(() => client.statuses.length === 2, 'the next response')
    expect(client.statuses).toEqual([200, 201])
  })
})

describe('connections', () => {
  beforeEach(() => start({ SHIPLOG_MAX_CONNECTIONS: '3' }))

  it('above the limit are closed and counted, until other connections end', async () => {
    const [first] = [await Client.open(), await Client.open(), await Client.open()]
    const beyond = await Client.open(small)
    await beyond.closed
    expect([beyond.text, await metric('shiplog_http_connections_refused_total')]).toEqual(['', 1])
    expect(test.logged.filter(line => line.includes('"event":"http.connections_refused"'))).toHaveLength(1)
    first.socket.destroy()
    await until(async () => {
      const next = await Client.open(small)
      return Promise.race([
        next.closed.then(() => false),
        once(next.socket, 'data').then(() => next.statuses[0] === 201),
      ])
    }, 'room for another')
  })

  it('that are idle are closed to make room for others', async () => {
    const kept = [await Client.open(small), await Client.open(small), await Client.open(small)]
    await until(() => kept.every(({ statuses }) => statuses.length === 1), 'the responses')
    await (
      await Client.open(small)
    ).closed
    await Promise.all(kept.map(({ closed }) => closed))
    const next = await Client.open(small)
    await until(() => next.statuses[0] === 201, 'the response')
  })
})

describe('pipelining', () => {
  beforeEach(() => start({}))

  it('responds in order to up to 16 pending requests, and with 429 above', async () => {
    gate.waiting = 0
    const client = await Client.open(request('GET', '/things/waiting').repeat(5000))
    await until(() => gate.waiting === 16, 'all accepted requests')
    gate.emit('open')
    await client.closed
    const [refused, ...others] = client.statuses.slice(16)
    expect([client.statuses.slice(0, 16), refused, others]).toEqual([Array(16).fill(200), 429, []])
    expect(client.text).toContain('"detail":"This connection has 16 pending requests')
    expect(gate.waiting).toBe(16)
  })

  it('does not respond to a pending request if invalid bytes follow', async () => {
    gate.waiting = 0
    const client = await Client.open(`${request('GET', '/things/waiting')}no request\r\n\r\n`)
    await client.closed
    expect(client.text).toBe('')
  })

  it('responds 400 to invalid bytes after a completed request', async () => {
    const client = await Client.open(small)
    await until(() => client.statuses.length === 1, 'the response')
    client.socket.write('no request\r\n\r\n')
    await client.closed
    expect(client.statuses).toEqual([201, 400])
  })
})

describe('a response that is not read', () => {
  beforeEach(() => start({ SHIPLOG_RESPONSE_TIMEOUT_MS: '1000', SHIPLOG_REQUEST_TIMEOUT_MS: '300' }))

  it.each(['text', 'stream'])('is aborted: a %s', async how => {
    const serverSide = once(test.app.getHttpServer(), 'connection') as Promise<[Socket]>
    const client = await Client.open(request('GET', `/things/large/${how}`))
    client.socket.pause()
    const [socket] = await serverSide
    await once(socket, 'close')
    client.socket.resume()
    await client.closed
    expect(client.text.length).toBeLessThan(64 * 1024 * 1024)
  })

  it('is not a stream that is read slowly', async () => {
    const client = await Client.open(request('GET', '/things/large/stream', 'Connection: close'))
    const pauses = setInterval(() => (client.socket.isPaused() ? client.socket.resume() : client.socket.pause()), 20)
    await client.closed
    clearInterval(pauses)
    expect(client.text.length).toBeGreaterThan(64 * 1024 * 1024)
  })

  it('leaves no connection open if it is an error', async () => {
    const serverSide = once(test.app.getHttpServer(), 'connection') as Promise<[Socket]>
    const client = await Client.open('no request\r\n\r\n')
    client.socket.pause()
    const [socket] = await serverSide
    await once(socket, 'close')
  })
})

describe('large bodies', () => {
  beforeEach(() => start({}))

  it('are rejected above their common limit, while small ones are accepted, and accepted again later', async () => {
    // given: many incomplete bodies
    const head = request('POST', '/things', typed, `Content-Length: ${2 ** 20}`)
    const part = Buffer.alloc(2 ** 20 - 1, ' ')
    const clients = await Promise.all(Array.from({ length: 80 }, () => Client.open(head)))
    for (const { socket } of clients) socket.write(part)
    const refused = () => clients.filter(({ statuses }) => statuses[0] === 503)
    await until(() => refused().length > 0, 'some to be rejected')

    // then
    const other = await Client.open(small)
    await until(() => other.statuses[0] === 201, 'the small body to be accepted')
    expect(refused()[0]!.text).toMatch(/\r\nretry-after: 1\r\n/i)
    expect(refused().length).toBeLessThan(30)

    // when
    for (const { socket } of clients) socket.destroy()
    await Promise.all(clients.map(({ closed }) => closed))
    await until(
      async () => (await test.post(`{"name":"n"${' '.repeat(2 ** 19)}}`)).status === 201,
      'large bodies to be accepted',
    )
  })

  it('include many small ones that wait behind a pending request of their connection', async () => {
    gate.waiting = 0
    const body = `{"name":"n"${' '.repeat(2 ** 16 - 12)}}`
    const post = `${request('POST', '/things', typed, `Content-Length: ${body.length}`)}${body}`
    const pipelined = `${request('GET', '/things/waiting')}${post.repeat(15)}`
    const clients = await Promise.all(Array.from({ length: 70 }, () => Client.open(pipelined)))
    await until(() => gate.waiting === clients.length, 'the first requests to wait')
    const other = await Client.open(post)
    await until(() => other.statuses[0] === 201, 'the only request of its connection to be accepted')
    gate.emit('open')
    const statuses = () => clients.flatMap(client => client.statuses)
    await until(() => statuses().length === clients.length * 16, 'all responses')
    expect(statuses().filter(status => status === 503).length).toBeGreaterThan(0)
    expect(statuses().filter(status => status === 503).length).toBeLessThan(60)
  })

  it('no longer count after the response, however many bytes follow', async () => {
    const head = request('POST', '/things', typed, 'Transfer-Encoding: chunked')
    const part = Buffer.concat([Buffer.from(`${head}800000\r\n`), Buffer.alloc(2 ** 23, ' ')])
    for (let n = 0; n < 80; n += 1) {
      const client = await Client.open()
      client.socket.write(part)
      await client.closed
      expect(client.statuses).toEqual([413])
    }
    const padding = ' '.repeat(2 ** 19)
    expect((await test.post(`{"name":"n"${padding}}`)).status).toBe(201)
  })
})

it('the server rejects CONNECT and HTTP/2, and ignores Upgrade', async () => {
  await start({})
  const client = await Client.open('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n')
  await client.closed
  expect(client.statuses).toEqual([405])
  const upgrading = await Client.open(request('GET', '/healthz', 'Connection: Upgrade, close', 'Upgrade: h2c'))
  await upgrading.closed
  expect(upgrading.statuses).toEqual([200])
  const http2 = await Client.open('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  await http2.closed
  expect(http2.statuses).toEqual([400])
})
