import { randomUUID } from 'node:crypto'
import type { InjectOptions } from 'fastify'
import { Client } from 'pg'
import { EventLog } from '#libs/event-log'
import * as stack from '#test/kit'
import { startCommandApp, type TestCommandApp } from '#test/kit/apps/command-app'

const path = '/api/v1/platform/deployments'
let app: TestCommandApp
let sql: Client

beforeAll(async () => {
  app = await startCommandApp(stack)
  sql = new Client(app.settings.databaseUrl)
  await sql.connect()
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

/** The numbers of streams and outbox rows, and the ends of the log. */
async function written(): Promise<object> {
  const { rows } = await sql.query(
    `SELECT (SELECT count(*) FROM ledger.stream) AS streams, (SELECT count(*) FROM ledger.outbox) AS pending`,
  )
  return { ...rows[0], ends: [...(await app.app.get(EventLog).endOffsets())] }
}

const body = (more: object = {}) => ({ environment: 'dev', imageTag: 'v1', ...more })
const json = (value: unknown) => JSON.stringify(value)
const time = (deployedAt: string) => json(body({ deployedAt }))
const hour = 3_600_000

// Among them is each hostile body that once passed validation, or threw in it.
const bodies: [string, string | Buffer, number, string][] = [
  ['NUL in a text', json(body({ notes: 'a\0b' })), 400, '/notes'],
  ['NUL in a value of a map', json(body({ labels: { team: 'a\0b' } })), 400, '/labels/team'],
  ['NUL in a key of a map', json(body({ labels: { 'a\0b': 'team' } })), 400, '/labels'],
  ['a lone surrogate in a text', '{"environment":"dev","imageTag":"v1","notes":"\\udfff"}', 400, '/notes'],
  ['a lone surrogate in a map', '{"environment":"dev","imageTag":"v1","labels":{"a":"\\ud800x"}}', 400, '/labels/a'],
  ['a lone surrogate in a key', '{"environment":"dev","imageTag":"v1","labels":{"\\ud800":"x"}}', 400, '/labels'],
  ['a week date', time('2026-W47-6'), 400, '/deployedAt'],
  ['30 February', time('2026-02-30T10:00:00Z'), 400, '/deployedAt'],
  ['a year as a time', time('2026'), 400, '/deployedAt'],
  ['a date as a time', time('2026-02-12'), 400, '/deployedAt'],
  ['the year 0000', time('0000-01-01T00:00:00Z'), 400, '/deployedAt'],
  ['a time without a zone', time('2026-02-12T10:00:00'), 400, '/deployedAt'],
  ['a time with a space', time('2026-02-12 10:00:00Z'), 400, '/deployedAt'],
  ['24:00:00', time('2026-02-12T24:00:00Z'), 400, '/deployedAt'],
  ['a leap second', time('2026-06-30T23:59:60Z'), 400, '/deployedAt'],
  ['a number as a time', json(body({ deployedAt: 1_770_890_400 })), 400, '/deployedAt'],
  [
    'an impossible time in a commit',
    json(body({ commits: [{ sha: 'a', committedAt: '2026' }] })),
    400,
    '/commits/0/committedAt',
  ],
  [
    '5,000 nested levels',
    `{"environment":"dev","imageTag":"v1","labels":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`,
    400,
    `/labels${'/a'.repeat(31)}`,
  ],
  ['an own __proto__', '{"environment":"dev","imageTag":"v1","__proto__":{"status":"FAILED"}}', 400, '/__proto__'],
  ['__proto__ in a map', '{"environment":"dev","imageTag":"v1","labels":{"__proto__":"x"}}', 400, '/labels/__proto__'],
  [
    'constructor.prototype',
    '{"environment":"dev","imageTag":"v1","labels":{"constructor":{"prototype":{}}}}',
    400,
    '/labels/constructor',
  ],
  ['too many values', json(body({ commits: Array.from({ length: 20_001 }, () => 1) })), 400, '/commits/19996'],
  [
    'too many labels',
    json(body({ labels: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, 'v'])) })),
    400,
    '/labels',
  ],
  ['a text beyond the length limit', json(body({ imageTag: 'x'.repeat(257) })), 400, '/imageTag'],
  ['an empty text', json(body({ application: '' })), 400, '/application'],
  ['a control character in a name', json(body({ imageTag: 'a\nb' })), 400, '/imageTag'],
  ['a null value', json(body({ gitCommit: null })), 400, '/gitCommit'],
  ['an unknown status', json(body({ status: 'deployed' })), 400, '/status'],
  ['an unknown field', json(body({ enviroment: 'dev' })), 400, '/enviroment'],
  ['an unknown nested field', json(body({ pipeline: { runid: '1' } })), 400, '/pipeline/runid'],
  ['an id that is not a UUID', json(body({ id: 'deploy-17' })), 400, '/id'],
  ['a reference that is not a UUID', json(body({ rollbackOf: '17' })), 400, '/rollbackOf'],
  ['a missing field', json({ imageTag: 'v1' }), 400, '/environment'],
  ['an array', '[]', 400, ''],
  ['a number', '17', 400, ''],
  ['a truncated document', '{"environment":"dev"', 400, ''],
  ['NaN', '{"environment":NaN}', 400, ''],
  [
    'invalid UTF-8',
    Buffer.concat([Buffer.from('{"environment":"dev","imageTag":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    400,
    '',
  ],
  [
    'an overlong encoding',
    Buffer.concat([Buffer.from('{"environment":"dev","imageTag":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    400,
    '',
  ],
  ['UTF-16', Buffer.from(json(body()), 'utf16le'), 400, ''],
  ['an empty body', '', 400, ''],
  [
    'a finish before the start',
    json(body({ deployedAt: '2026-02-12T10:00:00Z', completedAt: '2026-02-12T09:59:59Z' })),
    422,
    '/completedAt',
  ],
  ['a start in the future', time(new Date(Date.now() + 25 * hour).toISOString()), 422, '/deployedAt'],
]

describe('POST /deployments', () => {
  it.each(bodies)('rejects %s at its location, and writes nothing', async (_, payload, status, pointer) => {
    const before = await written()
    const answer = await app.app.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/json' },
      payload,
    })
    expectProblem(answer, status)
    expect(answer.json().errors[0]).toEqual({ pointer, detail: expect.any(String) })
    expect(await written()).toEqual(before)
  })
})

describe('an invalid request', () => {
  const good = { 'content-type': 'application/json' }
  it.each<[string, InjectOptions, number]>([
    ['no tenant', { headers: { ...good, 'x-tenant-id': '' } }, 400],
    ['a tenant with a slash', { headers: { ...good, 'x-tenant-id': 'a/b' } }, 400],
    ['a tenant with NUL', { headers: { ...good, 'x-tenant-id': 'a\0b' } }, 400],
    ['a user id with a control character', { headers: { ...good, 'x-user-id': 'a\u0001b' } }, 400],
    ['a user id in Latin-1', { headers: { ...good, 'x-user-id': 'j\u00fcrgen' } }, 400],
    ['an empty Idempotency-Key', { headers: { ...good, 'idempotency-key': '' } }, 400],
    ['an Idempotency-Key of 256 characters', { headers: { ...good, 'idempotency-key': 'k'.repeat(256) } }, 400],
    [
      'an Idempotency-Key in Greek letters',
      { headers: { ...good, 'idempotency-key': Buffer.from('κλειδί').toString('latin1') } },
      400,
    ],
    ['an unknown parameter', { url: `${path}?dryRun=true` }, 400],
    ['invalid UTF-8 in the query', { url: `${path}?a=%ff` }, 400],
    ['NUL in the path', { url: `${path}/tag/a%00b/rollback` }, 400],
    ['invalid UTF-8 in the path', { url: `${path}/tag/%c3%28/rollback` }, 400],
    ['an incomplete percent-encoding in the path', { url: `${path}/tag/%2/rollback` }, 400],
    ['a tag of 300 characters', { url: `${path}/tag/${'x'.repeat(300)}/rollback` }, 400],
    ['a tag of 9,000 characters', { url: `${path}/tag/${'x'.repeat(9000)}/rollback` }, 414],
    ['an id that is not a UUID', { url: `${path}/17/rollback` }, 400],
    ['an unknown deployment', { url: `${path}/${randomUUID()}/rollback` }, 404],
    ['an unknown path', { url: `${path}/17` }, 404],
    ['an unsupported method', { method: 'PUT' }, 405],
    [
      'a form body',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'environment=dev' },
      415,
    ],
    ['no media type', { headers: {} }, 415],
    ['an invalid media type', { headers: { 'content-type': 'json' } }, 415],
    ['a compressed body', { headers: { ...good, 'content-encoding': 'gzip' } }, 415],
    ['a body of more than 1 MiB', { payload: json(body({ notes: 'x'.repeat(1024 * 1024) })) }, 413],
  ])('with %s is rejected and writes nothing', async (_, request, status) => {
    const before = await written()
    const payload = String(request.url).endsWith('rollback') ? '{}' : json(body())
    expectProblem(await app.app.inject({ method: 'POST', url: path, headers: good, payload, ...request }), status)
    expect(await written()).toEqual(before)
  })
})

describe('a change of a deployment', () => {
  it.each([
    ['complete', { status: 'PENDING' }, '/status'],
    ['complete', {}, '/status'],
    ['complete', { status: 'FAILED', completedAt: 'now' }, '/completedAt'],
    ['correct', { reason: 'r' }, ''],
    ['correct', { notes: 'n' }, '/reason'],
    ['correct', { reason: 'r', environment: 'prod' }, '/environment'],
    ['correct', { reason: 'r', deployedAt: null }, '/deployedAt'],
    ['correct', { reason: 'r', notes: 'a\0b' }, '/notes'],
    ['rollback', { rolledBackAt: '2026-02-12' }, '/rolledBackAt'],
    ['rollback', { reason: '' }, '/reason'],
    ['rollback', { application: 'a' }, '/application'],
  ])('%s with %j is rejected at %s', async (action, payload, pointer) => {
    const answer = await app.app.inject({ method: 'POST', url: `${path}/${randomUUID()}/${action}`, payload })
    expectProblem(answer, 400)
    const pointers = answer.json().errors.map((error: { pointer: string }) => error.pointer)
    expect(pointers).toContain(pointer)
  })
})

it('the service still records deployments after all invalid requests', async () => {
  const answer = await app.app.inject({ method: 'POST', url: path, payload: body({ notes: 'grüße 🚢' }) })
  expect([answer.statusCode, answer.json().notes]).toEqual([201, 'grüße 🚢'])
  expect(app.logged.filter(line => /"level":"(error|fatal)"/.test(line))).toEqual([])
})

function expectProblem(answer: Awaited<ReturnType<TestCommandApp['app']['inject']>>, status: number): void {
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([
    status,
    expect.stringMatching(/^application\/problem\+json/),
  ])
  const problem = answer.json()
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^https:\/\/shiplog\.dev\/problems\/[a-z-]+$/),
    title: expect.any(String),
    status,
    detail: expect.stringMatching(/^[A-Z/`].+\.$/),
    instance: expect.stringMatching(/^\//),
    requestId: answer.headers['x-request-id'],
  })
}
