import { expectProblem, sendBytes } from '#test/kit'
import { HostCheck } from './host-check.js'
import { startTestApp, type TestApp } from '#test/kit/apps/http-app'

const body = '{"name":"n"}'
let test: TestApp | undefined
let url: string

async function start(environment: Record<string, string> = {}): Promise<void> {
  test = await startTestApp(environment)
  url = (await test.app.getUrl()).replace('[::]', '[::1]')
}
afterEach(async () => {
  await test?.app.close()
  test = undefined
})

/** Sends these headers and no others. */
function send(method: string, headers: string[], { path = '/things', version = '1.1', content = body } = {}) {
  const length = content === '' ? [] : ['Content-Type: application/json', `Content-Length: ${content.length}`]
  const head = [`${method} ${path} HTTP/${version}`, ...headers, ...length, 'Connection: close']
  return sendBytes(url, Buffer.from(`${head.join('\r\n')}\r\n\r\n${content}`, 'latin1'))
}

describe('HostCheck on loopback', () => {
  beforeEach(() => start())

  it.each([
    'localhost',
    'LOCALHOST:8888',
    'localhost.:80',
    'localhost:',
    '127.0.0.1:1',
    '[::1]:8888',
    '[0:0:0:0:0:0:0:1]',
  ])('accepts Host: %s', async host => {
    expect((await send('POST', [`Host: ${host}`])).status).toBe(201)
    expect((await send('GET', [`Host: ${host}`], { path: '/healthz', content: '' })).status).toBe(200)
  })

  it.each([
    'evil.example',
    'evil.example:8888',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '0.0.0.0',
    '[::2]',
    '10.1.2.3',
    '',
  ])('responds 421 to Host: %s', async host => {
    for (const [method, path, content] of [
      ['GET', '/healthz', ''],
      ['GET', '/nothing', ''],
      ['POST', '/things', body],
      ['DELETE', '/things/by/a', ''],
      ['OPTIONS', '*', ''],
    ] as const) {
      const response = await send(method, [`Host: ${host}`, 'X-Forwarded-Host: localhost'], { path, content })
      expectProblem(response, 421, { header: 'Host' })
    }
  })

  it.each(['a b', 'user@localhost', 'localhost:port', 'localhost:99999', 'localhost/', '[::1', 'localh\u00f6st'])(
    'responds 400 to Host: %s',
    async host => {
      expectProblem(await send('GET', [`Host: ${host}`], { path: '/healthz', content: '' }), 400, { header: 'Host' })
    },
  )

  it('responds 400 to two Host headers or none', async () => {
    expectProblem(await send('POST', ['Host: localhost', 'Host: localhost']), 400, { header: 'Host' })
    expectProblem(await send('POST', []), 400, { header: 'Host' })
  })

  it('accepts HTTP/1.0 without a Host header, and checks the header if there is one', async () => {
    expect((await send('POST', [], { version: '1.0' })).status).toBe(201)
    expectProblem(await send('POST', ['Host: evil.example'], { version: '1.0' }), 421, { header: 'Host' })
  })

  it('accepts a request target with an authority only if the authority is allowed', async () => {
    const path = (host: string) => ({ path: `http://${host}/things?limit=7`, content: '' })
    const response = await send('GET', ['Host: localhost'], path('localhost:1'))
    expect([response.status, response.json.limit]).toEqual([200, 7])
    expect((await send('GET', ['Host: localhost'], { path: 'http://localhost', content: '' })).status).toBe(302)
    for (const host of ['evil.example', 'x@localhost', '']) {
      expectProblem(await send('GET', ['Host: localhost'], path(host)), 421)
    }
  })
})

describe('cross-site requests', () => {
  beforeEach(() => start())

  it.each([
    [],
    ['Sec-Fetch-Site: same-origin'],
    ['Sec-Fetch-Site: none'],
    ['Origin: http://localhost:8888'],
    ['Origin: http://localhost:8888', 'Sec-Fetch-Site: same-origin', 'Referer: https://evil.example/'],
    ['Origin: https://localhost:8888', 'X-Forwarded-Proto: https'],
  ])('are accepted with %s, %s', async (...headers) => {
    expect((await send('POST', ['Host: localhost:8888', ...headers])).status).toBe(201)
  })

  it.each([
    ['Sec-Fetch-Site', ['Sec-Fetch-Site: cross-site']],
    ['Sec-Fetch-Site', ['Sec-Fetch-Site: same-site', 'Origin: http://localhost:8888']],
    ['Sec-Fetch-Site', ['Sec-Fetch-Site: ']],
    ['Sec-Fetch-Site', ['Sec-Fetch-Site: none', 'Sec-Fetch-Site: cross-site']],
    ['Origin', ['Origin: https://evil.example']],
    ['Origin', ['Origin: https://evil.example', 'Sec-Fetch-Site: same-origin']],
    ['Origin', ['Origin: null']],
    ['Origin', ['Origin: ']],
    ['Origin', ['Origin: http://localhost']],
    ['Origin', ['Origin: http://localhost:8889']],
    ['Origin', ['Origin: https://localhost:8888']],
    ['Origin', ['Origin: http://127.0.0.1:8888']],
    ['Origin', ['Origin: http://localhost:8888.evil.example']],
    ['Origin', ['Origin: http://x@localhost:8888']],
    ['Origin', ['Origin: http://localhost:8888/']],
    ['Origin', ['Origin: localhost:8888']],
    ['Origin', ['Origin: ftp://localhost:8888']],
    ['Origin', ['Origin: http://localhost:8888', 'Origin: https://evil.example']],
    ['Origin', ['Origin: http://localhost:8888 https://evil.example']],
    ['Origin', ['Origin: https://evil.example', 'X-Forwarded-Host: evil.example']],
  ])('get 403 because of %s: %s', async (header, headers) => {
    const sent = ['Host: localhost:8888', ...headers]
    for (const [method, path, content] of [
      ['POST', '/things', body],
      ['POST', '/things', ''],
      ['DELETE', '/things/by/a', ''],
      ['PUT', '/nothing', body],
      ['PATCH', '/healthz', ''],
      ['PROPFIND', '/things', ''],
    ] as const) {
      expectProblem(await send(method, sent, { path, content }), 403, { header })
    }
    // These change nothing, and another site cannot read the response.
    expect((await send('GET', sent, { content: '' })).status).toBe(200)
    expect((await send('HEAD', sent, { content: '' })).status).toBe(200)
  })

  it('compare the default port of the scheme of the origin', async () => {
    expect((await send('POST', ['Host: localhost', 'Origin: http://localhost:80'])).status).toBe(201)
    expectProblem(await send('POST', ['Host: localhost', 'Origin: http://localhost:443']), 403)
  })
})

it('SHIPLOG_HOSTS allows its hosts, and their origins behind a proxy', async () => {
  await start({ SHIPLOG_HOSTS: 'shiplog.example, Other.Example:8443' })
  for (const host of ['shiplog.example', 'SHIPLOG.example.:99', 'other.example:8443', 'localhost']) {
    expect((await send('POST', [`Host: ${host}`])).status).toBe(201)
  }
  expectProblem(await send('POST', ['Host: evil.example']), 421)
  // The proxy sends another Host header.
  const from = (origin: string) => send('POST', ['Host: localhost:8888', `Origin: ${origin}`])
  for (const origin of ['https://shiplog.example', 'http://shiplog.example', 'https://other.example:8443']) {
    expect((await from(origin)).status).toBe(201)
  }
  for (const origin of ['https://shiplog.example:8443', 'https://other.example', 'https://a.shiplog.example']) {
    expectProblem(await from(origin), 403, { header: 'Origin' })
  }
})

/** The status with which a listener on this address rejects a request; the request has only the members that are checked. */
function rejectionStatus(
  settings: ConstructorParameters<typeof HostCheck>[0],
  host: string,
  localAddress = '10.1.2.3',
) {
  const raw = { httpVersion: '1.1', rawHeaders: ['Host', host], headers: { host }, socket: { localAddress } }
  const request = { raw, headers: raw.headers, method: 'GET', originalUrl: '/' }
  return new HostCheck(settings).problemOf(request as never)?.getStatus()
}

describe('HostCheck on another address', () => {
  it('accepts any valid host if no hosts are configured', () => {
    expect(rejectionStatus({ host: '0.0.0.0' }, 'anything.example')).toBeUndefined()
    expect(rejectionStatus({ host: '::' }, '')).toBeUndefined()
    expect(rejectionStatus({ host: '0.0.0.0' }, 'a b')).toBe(400)
  })

  it('accepts only the configured hosts, loopback and its own address, which probes use', () => {
    const settings = { host: '0.0.0.0', hosts: ['shiplog.example'] }
    expect(rejectionStatus(settings, 'shiplog.example')).toBeUndefined()
    expect(rejectionStatus(settings, '10.1.2.3:8888')).toBeUndefined()
    expect(rejectionStatus(settings, '10.1.2.3:8888', '::ffff:10.1.2.3')).toBeUndefined()
    expect(rejectionStatus(settings, 'localhost:8888')).toBeUndefined()
    expect(rejectionStatus(settings, 'evil.example')).toBe(421)
    expect(rejectionStatus(settings, '10.1.2.4:8888')).toBe(421)
  })

  it.each(['127.0.0.1', '127.1', 'localhost', 'LOCALHOST', '::1', '127.9.9.9', '::ffff:127.0.0.1'])(
    'treats %s as loopback',
    host => {
      expect(rejectionStatus({ host }, 'evil.example')).toBe(421)
    },
  )
})
