import { randomBytes, randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { EventLog, type LogRecord } from '#libs/event-log'
import * as stack from '#test/kit'
import { startCommandApp, type TestClient, type TestCommandApp } from '#test/kit/apps/command-app'

const clear = 'correct-horse-battery-staple'
const path = '/config/environments/dev/configurations'

describe('a secret', () => {
  let app: TestCommandApp

  beforeAll(async () => {
    app = await startCommandApp(stack, { SHIPLOG_SECRETS_KEY: randomBytes(32).toString('base64') })
  })
  afterAll(() => app.close())

  it('never appears in clear in responses, log lines, tables or the log', async () => {
    const send = app.client({ 'X-User-ID': 'dev' })
    const answers: string[] = []
    const ask = async (...request: Parameters<typeof send>) => {
      const answer = await send(...request)
      answers.push(JSON.stringify(answer.json))
      return answer
    }
    const put = await ask('PUT', `${path}/db.password`, { value: clear, secret: true }, { 'Idempotency-Key': 'k' })
    expect([put.status, put.json['value'], put.json['secret']]).toEqual([201, '********', true])
    await ask('PATCH', path, { set: { 'db.user': { password: clear } }, secrets: ['db.user'] })
    // It stays a secret without the flag, and its mask as a value changes nothing.
    const changed = await ask('PUT', `${path}/db.password`, { value: `${clear}!` })
    expect([changed.json['secret'], changed.json['revision']]).toEqual([true, 3])
    const file = { 'db.password': '********', 'db.user': { password: `${clear}?` }, plain: 1 }
    const dry = await ask('PUT', `${path}?dryRun=true`, file)
    expect(dry.json['modified']).toEqual([{ key: 'db.user', before: '********', after: '********' }])
    expect((await ask('PUT', path, file)).json).toMatchObject({ set: 2, deleted: 0, unchanged: 1 })
    // Failures do not reveal it either.
    await ask('PUT', `${path}/db.password`, { value: clear, secret: clear })
    await ask('PUT', `${path}/db.password`, { value: clear }, { 'If-Match': '"1"' })
    await ask('PUT', path, `db.password: [${clear}`, { 'Content-Type': 'application/yaml' })
    await ask('PUT', `${path}/db.password`, `{"value": "${clear}`)
    // Through a promotion and back.
    const draft = { sourceEnvironment: 'dev', targetEnvironment: 'staging', promotionType: 'FULL' }
    const { json } = await ask('POST', '/config/promotions', draft, { 'X-User-ID': 'author' })
    for (const action of ['validate', 'approve', 'execute', 'rollback']) {
      const { status } = await ask('POST', `/config/promotions/${json['id']}/${action}`, {}, { 'X-User-ID': action })
      expect(status).toBe(200)
    }

    expect(answers.join()).not.toContain(clear)
    expect(app.logged.join()).not.toContain(clear)
    const rows = await tables()
    expect(rows).toContain('db.password')
    expect(rows).not.toContain(clear)
    const log = await recordsOf(app)
    expect(log).toContain('db.password')
    expect(log).not.toContain(clear)
  })

  it.each<[string, (send: TestClient) => ReturnType<TestClient>]>([
    ['with the same value', send => send('PUT', `${path}/s`, { value: clear, secret: true })],
    ['with another value', send => send('PUT', `${path}/s`, { value: 'x', secret: true })],
    ['in a PATCH of several keys', send => send('PATCH', path, { set: { s: clear, new: 1 }, secrets: ['s', 'new'] })],
    [
      'after a deletion',
      async send => {
        await send('DELETE', `${path}/s`)
        return send('PATCH', path, { set: { s: 'x' }, secrets: ['s'] })
      },
    ],
  ])('is marked with a warning that the log keeps its earlier clear value: %s', async (_, mark) => {
    const send = app.client()
    expect((await send('PUT', `${path}/s`, { value: clear })).json).not.toHaveProperty('warnings')
    const { status, json } = await mark(send)
    expect([status < 300, json['warnings']]).toEqual([
      true,
      [{ key: 's', detail: expect.stringMatching(/log.*rotate/) }],
    ])
    expect((await send('PUT', `${path}/s`, { value: 'rotated' })).json).not.toHaveProperty('warnings')
    expect((await send('PUT', `${path}/t`, { value: clear, secret: true })).json).not.toHaveProperty('warnings')
  })

  it('is compared by a keyed hash, so that an equal value is no change', async () => {
    const send = app.client()
    await send('PUT', `${path}/s`, { value: clear, secret: true })
    expect((await send('PUT', `${path}/s`, { value: clear })).json['revision']).toBe(1)
    const presented = await send('PUT', `${path}/s`, { value: clear, secret: false })
    expect([presented.json['value'], presented.json['secret'], presented.json['revision']]).toEqual([
      clear,
      undefined,
      2,
    ])
  })

  async function tables(): Promise<string> {
    const sql = new Client(app.settings.databaseUrl)
    await sql.connect()
    const { rows } = await sql.query(
      `SELECT string_agg(t::text, ' ') AS text FROM (
         SELECT s::text FROM ledger.stream AS s UNION ALL SELECT c::text FROM ledger.command AS c
         UNION ALL SELECT p::text FROM ledger.outbox AS p) AS t`,
    )
    await sql.end()
    return rows[0].text as string
  }
})

describe('without SHIPLOG_SECRETS_KEY', () => {
  it('secrets are rejected with 422, also under an Idempotency-Key, and other values are accepted', async () => {
    const app = await startCommandApp(stack)
    const send = app.client()
    const key = { 'Idempotency-Key': 'k' }
    for (const _ of [1, 2]) {
      const { status, json } = await send('PUT', `${path}/s`, { value: clear, secret: true }, key)
      expect([status, json['detail']]).toEqual([422, expect.stringContaining('SHIPLOG_SECRETS_KEY')])
    }
    expect((await send('PUT', `${path}/s`, { value: 'x' })).status).toBe(201)
    await app.close()
  })
})

describe('when the log does not confirm in time', () => {
  it('writes return 202 with the URL of their command and the object that they concern', async () => {
    const app = await startCommandApp(stack, { SHIPLOG_CONFIRM_TIMEOUT_MS: '1' })
    const send = app.client()
    const put = await send('PUT', `${path}/k`, { value: 1 })
    expect([put.status, put.json]).toEqual([
      202,
      { id: expect.any(String), status: 'accepted', url: put.headers.get('location'), environment: 'dev', key: 'k' },
    ])
    const draft = { sourceEnvironment: 'dev', targetEnvironment: 'staging', promotionType: 'FULL' }
    const { status, json } = await send('POST', '/config/promotions', draft, { 'X-User-ID': 'author' })
    expect([status, json['promotionId']]).toEqual([202, expect.stringMatching(/^[0-9a-f-]{36}$/)])
    const validated = await send('POST', `/config/promotions/${json['promotionId']}/validate`)
    expect([validated.status, validated.json['promotionId']]).toEqual([202, json['promotionId']])
    await app.close()
  })
})

/** All records of the topic of an app, as text. */
async function recordsOf({ app }: TestCommandApp): Promise<string> {
  const log = app.get(EventLog)
  const records: LogRecord[] = []
  const ends = await log.endOffsets()
  const reader = await log.read({
    group: `secrets-${randomUUID()}`,
    from: () => 0,
    concurrency: 1,
    onBatch: async batch => void records.push(...batch.records),
    onCrash: error => {
      throw error
    },
  })
  await reader.caughtUp(ends, AbortSignal.timeout(30_000))
  await reader.stop()
  return records
    .map(({ key, value, headers }) => [key, value, ...Object.values(headers)].map(String).join(' '))
    .join('\n')
}
