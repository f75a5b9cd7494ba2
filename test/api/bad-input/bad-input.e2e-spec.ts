import { badBodies, badDocuments } from './bodies.js'
import { badHeaders, badPaths, badQueries, type BadRequest } from './requests.js'
import {
  deploymentsPath,
  expectProblem,
  type HttpAnswer,
  sendBytes,
  type Service,
  startService,
  Written,
} from '../../kit/index.js'

// Each is rejected with a problem that tells what and where, writes nothing, and leaves the service running.

let service: Service
let written: Written
let before: Awaited<ReturnType<Written['look']>>
const good = { environment: 'dev', imageTag: 'v1', notes: 'grüße 🚢' }

beforeAll(async () => {
  service = await startService('standalone')
  const first = await service.http.record(good)
  await service.http.after(first).get(`${deploymentsPath}/history`)
  written = await Written.watch(service)
  before = await written.look()
}, 60_000)
afterAll(async () => {
  await written?.end()
  await service?.end()
})

/** Sends a request, and expects that it writes nothing. */
async function rejected(send: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  const answer = await send()
  const [expected, found] = [before, await written.look()]
  // One failure must not make those after it fail.
  before = found
  expect(found).toEqual(expected)
  return answer
}

const byName = <T extends { name: string }>(cases: T[]) => cases.map(one => [one.name, one] as const)

describe('an invalid body', () => {
  it.each(byName([...badBodies, ...badDocuments]))('is rejected with 400: %s', async (_, { body, pointer }) => {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await rejected(() => service.http.send({ method: 'POST', path: deploymentsPath, headers, body }))
    expectProblem(answer, 400, { pointer })
  })

  it.each([
    [
      'a finish before the start',
      { deployedAt: '2026-02-12T10:00:00Z', completedAt: '2026-02-12T09:59:59Z' },
      '/completedAt',
    ],
    ['a start more than 24 h ahead', { deployedAt: new Date(Date.now() + 90_000_000).toISOString() }, '/deployedAt'],
    ['a start in the year 1', { deployedAt: '0001-01-01T00:00:00Z' }, '/deployedAt'],
    [
      'a commit in the year 1',
      { commits: [{ sha: 'a', committedAt: '0001-01-01T00:00:00Z' }] },
      '/commits/0/committedAt',
    ],
  ])('is rejected with 422: %s', async (_, more, pointer) => {
    expectProblem(await rejected(() => service.http.post(deploymentsPath, { ...good, ...more })), 422, { pointer })
  })
})

describe('an invalid change of a deployment', () => {
  it.each([
    ['complete', { status: 'PENDING' }, '/status'],
    ['complete', {}, '/status'],
    ['complete', { status: 'FAILED', completedAt: '2026' }, '/completedAt'],
    ['correct', { reason: 'r' }, ''],
    ['correct', { notes: 'n' }, '/reason'],
    ['correct', { reason: 'r', environment: 'prod' }, '/environment'],
    ['correct', { reason: 'r', deployedAt: null }, '/deployedAt'],
    ['correct', { reason: 'r', notes: 'a\0b' }, '/notes'],
    ['correct', { reason: 'r', imageTag: null }, '/imageTag'],
    ['correct', { reason: 'r', rollbackOf: 'v1' }, '/rollbackOf'],
    ['correct', { reason: 'r', commits: [{ sha: 'a' }] }, '/commits/0/committedAt'],
    ['rollback', { rolledBackAt: '2026-02-30T10:00:00Z' }, '/rolledBackAt'],
    ['void', {}, '/reason'],
    ['void', { reason: '' }, '/reason'],
    ['void', { reason: 'r', voidedAt: '2026-02-12T10:00:00Z' }, '/voidedAt'],
    ['rollback', { reason: '' }, '/reason'],
    ['rollback', { application: 'a' }, '/application'],
  ])('is rejected with 400: %s %j', async (action, body, pointer) => {
    const path = `${deploymentsPath}/11111111-1111-4111-8111-111111111111/${action}`
    expectProblem(await rejected(() => service.http.post(path, body)), 400, { pointer })
  })
})

describe.each<[string, BadRequest[]]>([
  ['an invalid query', badQueries],
  ['an invalid header', badHeaders],
  ['an invalid path', badPaths],
])('%s', (_, cases) => {
  it.each(byName(cases))('is rejected with a problem: %s', async (_, { request, status, error }) => {
    expectProblem(await rejected(() => service.http.send({ method: 'GET', ...request })), status, error)
  })
})

it('a cursor of another list, of other filters or truncated is rejected with 400', async () => {
  await service.http.as('pages').record(good)
  const second = await service.http.as('pages').record({ ...good, environment: 'prod' })
  const http = service.http.as('pages').after(second)
  const { headers } = await http.get(`${deploymentsPath}/history?limit=1`)
  const cursor = /cursor=([^&>]+)/.exec(String(headers['link']))![1]!
  before = await written.look()
  for (const query of [
    `history?environment=prod&limit=1&cursor=${cursor}`,
    `current?limit=1&cursor=${cursor}`,
    `history?limit=1&cursor=${cursor.slice(0, -8)}`,
  ]) {
    expectProblem(await rejected(() => http.get(`${deploymentsPath}/${query}`)), 400, { parameter: 'cursor' })
  }
})

describe('malformed HTTP', () => {
  const head = `POST ${deploymentsPath} HTTP/1.1\r\nHost: shiplog\r\nConnection: close\r\n`
  const typed = `${head}Content-Type: application/json\r\n`
  const body = JSON.stringify(good)
  it.each([
    ['bytes that are not HTTP', 'hello\r\n\r\n', 400],
    ['another protocol', Buffer.from('1603010200010001fc0303', 'hex'), 400],
    ['NUL in a header', `${head}X-Tenant-ID: a\0b\r\n\r\n`, 400],
    ['a control character in a key', `${typed}Idempotency-Key: a\x01b\r\nContent-Length: 2\r\n\r\n{}`, 400],
    ['no host', `GET ${deploymentsPath}/history HTTP/1.1\r\nConnection: close\r\n\r\n`, 400],
    ['NUL in the path', `GET ${deploymentsPath}/a\0b HTTP/1.1\r\nHost: a\r\n\r\n`, 400],
    ['two lengths', `${typed}Content-Length: ${body.length}\r\nContent-Length: 2\r\n\r\n${body}`, 400],
    ['a length and chunks', `${typed}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a negative length', `${typed}Content-Length: -1\r\n\r\n`, 400],
    ['headers of 20 KiB', `${typed}X-More: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('is rejected with a problem: %s', async (_, bytes, status) => {
    expectProblem(await rejected(() => sendBytes(service.app.url, bytes)), status)
  })
})

it('an import rejects each invalid line alone', async () => {
  const http = service.http.as('lines')
  const line = (n: number) => JSON.stringify({ ...good, imageTag: `good-${n}`, deployedAt: '2026-02-12T10:00:00Z' })
  const body = Buffer.concat(
    badBodies.flatMap(({ body }, n) => [Buffer.from(`${line(n)}\n`), Buffer.from(body), Buffer.from('\n')]),
  )
  const headers = { 'Content-Type': 'application/x-ndjson' }
  const { text } = await http.send({ method: 'POST', path: `${deploymentsPath}/import`, headers, body })

  const results = text
    .trim()
    .split('\n')
    .map(result => JSON.parse(result))
  const expected = badBodies.flatMap(({ pointer }, n) => [
    expect.objectContaining({ line: 2 * n + 1, result: 'recorded' }),
    {
      line: 2 * n + 2,
      result: 'refused',
      problem: expect.objectContaining({
        status: 400,
        errors: expect.arrayContaining([{ pointer, detail: expect.any(String) }]),
      }),
    },
  ])
  expect(results).toEqual(expected)
  const last = results.at(-2)
  const read = await http.with({ 'Shiplog-Min-Position': last.position }).all(`${deploymentsPath}/history?limit=500`)
  expect(read).toHaveLength(badBodies.length)
})

it('the service stays ready, records deployments and logs no errors', async () => {
  const answer = await service.http.record(good)
  const read = await service.http.after(answer).get(`${deploymentsPath}/${answer.json.id}`)
  expect([read.json.notes, (await service.http.get('/readyz')).status]).toEqual([good.notes, 200])
  expect(service.app.lines.filter(line => /"level":"(error|fatal)"/.test(line))).toEqual([])
})
