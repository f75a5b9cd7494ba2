import { randomUUID } from 'node:crypto'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import * as stack from '#test/kit'
import { startCommandApp, type TestCommandApp } from '#test/kit/apps/command-app'
import type { ImportResult } from '#libs/api'

const path = '/api/v1/platform/deployments/import'
let app: TestCommandApp

beforeAll(async () => {
  app = await startCommandApp(stack)
})
afterAll(() => app.close())

type Result = ImportResult & { problem?: Record<string, any> }

/** An import that stays open until `end`. */
class OpenImport {
  readonly results: Result[] = []
  /** How the answer ended. */
  readonly ended: Promise<'complete' | 'broken'>
  private readonly sending: ClientRequest

  constructor(url: string, headers: Record<string, string> = {}) {
    this.sending = request(`${url}${path}`, {
      method: 'POST',
      headers: { 'X-Tenant-ID': randomUUID(), 'Content-Type': 'application/x-ndjson', ...headers },
    })
    this.sending.flushHeaders()
    this.ended = this.receive()
  }

  send(text: string | Buffer): this {
    this.sending.write(text)
    return this
  }

  end(): Promise<'complete' | 'broken'> {
    this.sending.end()
    return this.ended
  }

  disconnect(): void {
    this.sending.destroy()
  }

  private async receive(): Promise<'complete' | 'broken'> {
    const response = await new Promise<IncomingMessage | undefined>(resolve => {
      this.sending.on('response', resolve).on('error', () => resolve(undefined))
    })
    if (response?.statusCode !== 200 || response.headers['content-type'] !== 'application/x-ndjson') return 'broken'
    let rest = ''
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      this.results.push(...lines.map(line => JSON.parse(line)))
    })
    response.on('error', () => undefined)
    await new Promise(resolve => response.on('close', resolve))
    return response.complete ? 'complete' : 'broken'
  }
}

async function importAll(text: string | Buffer, headers: Record<string, string> = {}): Promise<Result[]> {
  const importing = new OpenImport(app.url, headers).send(text)
  expect(await importing.end()).toBe('complete')
  return importing.results
}

const line = (more: object = {}) =>
  JSON.stringify({ environment: 'dev', imageTag: 'v1', deployedAt: '2026-02-12T10:00:00Z', ...more })
const lines = (count: number, of: (index: number) => object = imageTag => ({ imageTag: `v${imageTag}` })) =>
  Array.from({ length: count }, (_, index) => `${line(of(index))}\n`).join('')
const resultsOf = (results: Result[]) => results.map(({ line, result }) => [line, result])

describe('an import', () => {
  it('answers each line while the request stays open', async () => {
    const importing = new OpenImport(app.url)
    for (const number of [1, 2, 3]) {
      importing.send(`${line({ imageTag: `v${number}` })}\n`)
      await stack.until(() => importing.results.length === number, `line ${number} is answered`, { every: 5 })
    }
    expect(importing.results[0]).toEqual({
      line: 1,
      result: 'recorded',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      position: expect.stringMatching(/^\d+:\d+$/),
    })
    expect(await importing.end()).toBe('complete')
  })

  it('rejects each invalid line with a problem, and records the others', async () => {
    const bad: [string | Buffer, number, string | undefined][] = [
      ['{"environment":', 400, ''],
      ['[]', 400, ''],
      [line({ imageTag: undefined }), 400, '/imageTag'],
      [line({ nmae: 'x' }), 400, '/nmae'],
      [line({ notes: 'a\0b' }), 400, '/notes'],
      ['{"environment":"dev","imageTag":"\\ud800"}', 400, '/imageTag'],
      [line({ labels: JSON.parse('{"__proto__":"x"}') }), 400, '/labels/__proto__'],
      ['['.repeat(5000), 400, ''],
      [line({ deployedAt: '2026-02-30T10:00:00Z' }), 400, '/deployedAt'],
      [line({ deployedAt: '2026-W47-6' }), 400, '/deployedAt'],
      [line({ id: '17' }), 400, '/id'],
      [line({ completedAt: '2026-02-12T09:00:00Z' }), 422, '/completedAt'],
      [line({ deployedAt: '0001-01-01T00:00:00Z', completedAt: undefined }), 422, '/deployedAt'],
      [
        line({ id: '0198c0de-0000-7000-8000-0000000000aa', rollbackOf: '0198c0de-0000-7000-8000-0000000000aa' }),
        422,
        '/rollbackOf',
      ],
      [Buffer.from([0x22, 0xff, 0x22]), 400, ''],
      ['x'.repeat(1024 * 1024 + 1), 413, undefined],
    ]
    const file = bad.flatMap(([text], index) => [
      Buffer.from(text),
      Buffer.from(`\n${line({ imageTag: `ok${index}` })}\n`),
    ])
    const results = await importAll(Buffer.concat(file))
    expect(results).toHaveLength(bad.length * 2)
    for (const [index, [, status, pointer]] of bad.entries()) {
      const [refused, recorded] = results.slice(index * 2, index * 2 + 2)
      expect(refused).toMatchObject({ line: index * 2 + 1, result: 'refused', problem: { status } })
      expect(refused?.problem?.['type']).toMatch(/^https:\/\/shiplog\.dev\/problems\//)
      expect(refused?.problem?.['errors']?.[0].pointer).toBe(pointer)
      expect(recorded).toMatchObject({ line: index * 2 + 2, result: 'recorded' })
    }
  })

  it('counts blank lines, and accepts CRLF and a last line without a line end', async () => {
    const results = await importAll(`\n${line()}\r\n\r\n   \n${line({ imageTag: 'v2' })}`)
    expect(resultsOf(results)).toEqual([
      [2, 'recorded'],
      [5, 'recorded'],
    ])
  })

  it('returns an empty response for an empty file', async () => {
    expect(await importAll('')).toEqual([])
  })

  it('returns each line as repeated, with the same id and position, when it is sent again', async () => {
    const headers = { 'X-Tenant-ID': randomUUID() }
    const file = lines(500)
    const first = await importAll(file, headers)
    const again = await importAll(file, headers)
    expect(new Set(first.map(({ result }) => result))).toEqual(new Set(['recorded']))
    expect(again).toEqual(first.map(result => ({ ...result, result: 'repeated' })))
    const other = await importAll(file, { 'X-Tenant-ID': randomUUID() })
    expect(other[0]?.result).toBe('recorded')
    expect(other[0]?.id).not.toBe(first[0]?.id)
  })

  it('identifies lines by their number under an Idempotency-Key', async () => {
    const headers = { 'X-Tenant-ID': randomUUID(), 'Idempotency-Key': 'file-1' }
    const file = `${line({ deployedAt: undefined })}\n${line({ deployedAt: undefined })}\n`
    const first = await importAll(file, headers)
    expect(first[0]?.id).not.toBe(first[1]?.id)
    expect(await importAll(file, headers)).toEqual(first.map(result => ({ ...result, result: 'repeated' })))
    const changed = await importAll(`${line()}\n`, headers)
    expect(changed[0]).toMatchObject({ result: 'refused', problem: { status: 422 } })
  })

  it.each([
    ['under a key', { 'Idempotency-Key': 'k' }, {}, 'refused'],
    ['with an id', {}, { id: randomUUID() }, 'refused'],
    ['identified by its content', {}, {}, 'repeated'],
  ])('records a line %s once when another actor sends it, too', async (_, headers, more, result) => {
    const as = (actor: string) => ({ ...headers, 'X-Tenant-ID': tenant, 'X-User-ID': actor })
    const tenant = randomUUID()
    const [first] = await importAll(line(more), as('bob'))
    const [other] = await importAll(line(more), as('carol'))
    expect([first!.result, other!.result, other!.problem?.['status']]).toEqual([
      'recorded',
      result,
      result === 'refused' ? 422 : undefined,
    ])
    if (result === 'refused') expect(other).not.toHaveProperty('id')
    expect(await importAll(line(more), as('BOB'))).toEqual([{ ...first, result: 'repeated' }])
  })

  it('records a line without id, key and time again each time', async () => {
    const headers = { 'X-Tenant-ID': randomUUID() }
    const file = `${line({ deployedAt: undefined })}\n`
    const [[first], [again]] = [await importAll(file, headers), await importAll(file, headers)]
    expect([first?.result, again?.result]).toEqual(['recorded', 'recorded'])
    expect(first?.id).not.toBe(again?.id)
  })

  it('appends the lines of an application in the order of the file', async () => {
    const results = await importAll(lines(5000, index => ({ application: `app-${index % 7}`, imageTag: `v${index}` })))
    expect(results.map(({ line }) => line)).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1))
    for (let application = 0; application < 7; application++) {
      const places = results
        .filter(({ line }) => (line - 1) % 7 === application)
        .map(({ position }) => position!.split(':'))
      expect(new Set(places.map(([partition]) => partition)).size).toBe(1)
      const order = places.map(([, seq]) => Number(seq))
      expect(order).toEqual([...order].toSorted((a, b) => a - b))
    }
  })

  it('keeps the submitted lines when the client disconnects, and accepts the file again', async () => {
    const headers = { 'X-Tenant-ID': randomUUID() }
    const file = lines(100)
    const importing = new OpenImport(app.url, headers).send(file)
    await stack.until(() => importing.results.length > 0, 'the first line is answered')
    importing.send('{"environment":"dev","imageTag":"half')
    importing.disconnect()
    expect(await importing.ended).toBe('broken')
    const again = await importAll(file, headers)
    expect(again.map(({ result }) => result).filter(result => result !== 'repeated' && result !== 'recorded')).toEqual(
      [],
    )
    expect(again[0]?.result).toBe('repeated')
  })

  it.each([
    ['JSON', { 'content-type': 'application/json' }, '{}', 415],
    ['no media type', {}, undefined, 400],
    ['an invalid tenant', { 'content-type': 'application/x-ndjson', 'x-tenant-id': 'a b' }, line(), 400],
  ])('rejects the whole request for %s', async (_, headers, payload, status) => {
    const answer = await app.app.inject({
      method: 'POST',
      url: path,
      headers,
      ...(payload !== undefined && { payload }),
    })
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      status,
      expect.stringContaining('problem+json'),
    ])
  })

  it('counts lines and requests in the metrics', async () => {
    await importAll(`${line()}\n`)
    const { body } = await app.app.inject('/metrics')
    expect(body).toMatch(/shiplog_import_lines_total\{result="recorded"\} [1-9]/)
    expect(body).toMatch(
      new RegExp(`shiplog_http_request_seconds_count\\{method="POST",route="${path}",status="200"\\} [1-9]`),
    )
  })
})

describe('the limits of an import', () => {
  let bounded: TestCommandApp
  beforeAll(async () => {
    const environment = { SHIPLOG_IMPORT_IDLE_TIMEOUT_MS: '300', SHIPLOG_RESPONSE_TIMEOUT_MS: '1000' }
    bounded = await startCommandApp(stack, environment)
  })
  afterAll(() => bounded.close())

  const head = (tenant = randomUUID()) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n` +
    `X-Tenant-ID: ${tenant}\r\nTransfer-Encoding: chunked\r\n\r\n`
  const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

  it.each([
    ['nothing', ''],
    ['blank lines', chunk('\n\n')],
    ['half a line', chunk('{"environment":')],
    ['half a chunk', '10\r\n{'],
  ])('return 408 after the idle timeout with %s received', async (_, body) => {
    const answer = await stack.sendBytes(bounded.url, head() + body)
    stack.expectProblem(answer, 408)
    expect(answer.json.detail).toBe('No data of the body arrived for 0.3 s.')
  })

  it('end the response after the answered lines when no more data arrives', async () => {
    const answer = await stack.sendBytes(bounded.url, head() + chunk(`${line()}\n{"environment":`))
    expect([answer.status, answer.text]).toEqual([200, expect.stringMatching(/^[0-9a-f]+\r\n\{"line":1.*\}\n\r\n$/)])
  })

  it('close the connection when the responses are not read', async () => {
    const { hostname, port } = new URL(bounded.url)
    const socket = connect(Number(port), hostname).on('error', () => undefined)
    const closed = new Promise(resolve => socket.once('close', resolve))
    socket.pause().write(head())
    const bad = chunk('x\n'.repeat(1000))
    const more = () => {
      while (socket.writable && socket.write(bad));
    }
    socket.on('drain', more)
    more()
    // Only the server can end the connection, and a write detects that.
    const noticed = setInterval(more, 50)
    await closed
    clearInterval(noticed)
    expect((await bounded.tenant()('', { environment: 'dev', imageTag: 'v1' })).status).toBe(201)
  })

  it('allow sixteen imports of a tenant at a time', async () => {
    const headers = { 'X-Tenant-ID': randomUUID() }
    const open = Array.from({ length: 16 }, () => new OpenImport(app.url, headers).send(`${line()}\n`))
    await stack.until(() => open.every(({ results }) => results.length === 1), 'all of them to be answered')
    const send = async (tenant: string) => {
      const type = { 'Content-Type': 'application/x-ndjson', 'X-Tenant-ID': tenant }
      return fetch(`${app.url}${path}`, { method: 'POST', headers: type, body: `${line()}\n` })
    }
    const refused = await send(headers['X-Tenant-ID'])
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
    expect((await send(randomUUID())).status).toBe(200)
    await open.pop()!.end()
    await stack.until(async () => (await send(headers['X-Tenant-ID'])).status === 200, 'the next one to be accepted')
    for (const importing of open) importing.disconnect()
    await Promise.all(open.map(({ ended }) => ended))
    await stack.until(async () => (await send(headers['X-Tenant-ID'])).status === 200, 'their capacity to be free')
  })
})

describe('a stopping process', () => {
  it('answers the lines that it has read in order, and ends the response early', async () => {
    const stopping = await startCommandApp(stack)
    const importing = new OpenImport(stopping.url).send(lines(200))
    await stack.until(() => importing.results.length > 0, 'the first line is answered')
    const closed = stopping.close()
    expect(await importing.ended).toBe('broken')
    await closed
    const numbers = importing.results.map(({ line }) => line)
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  })
})
