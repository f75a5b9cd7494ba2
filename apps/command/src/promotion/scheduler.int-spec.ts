import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { collectLog } from '#test/independent/log/log-reader'
import * as stack from '#test/kit'
import { startCommandApp, startReplica, type TestClient, type TestCommandApp } from '#test/kit/apps/command-app'

const promotions = '/config/promotions'
const soon = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString()
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

/** Schedules a promotion of one key into an environment without approvals. */
async function scheduled(send: TestClient, at: () => string, more: object = {}): Promise<string> {
  await send('PUT', '/config/pipeline', { environments: [{ name: 'dev' }, { name: 'staging' }] })
  await send('PATCH', '/config/environments/dev/configurations', { set: { [randomUUID()]: 1 } })
  const draft = { sourceEnvironment: 'dev', targetEnvironment: 'staging', promotionType: 'FULL' }
  const { json } = await send('POST', promotions, draft, { 'X-User-ID': 'author' })
  await send('POST', `${promotions}/${json['id']}/validate`)
  const answer = await send('POST', `${promotions}/${json['id']}/schedule`, { at: at(), ...more })
  expect([answer.status, answer.json['state']]).toEqual([200, 'SCHEDULED'])
  return json['id'] as string
}

async function stateOf(id: string): Promise<{ state: string; failure?: string; version: number }> {
  const { rows } = await sql.query(
    `SELECT state, version FROM ledger.stream WHERE stream_id LIKE 'promotion-%' || $1`,
    [id],
  )
  return { ...rows[0].state, version: rows[0].version }
}
const reaches = (id: string, state: string) =>
  stack.until(async () => (await stateOf(id)).state === state, `promotion ${id} is ${state}`)

describe('a scheduled promotion', () => {
  it('executes when it is due and not before, and returns 409 to an explicit execution', async () => {
    const send = app.client()
    let at = ''
    const id = await scheduled(send, () => (at = soon(2000)))
    expect((await send('POST', `${promotions}/${id}/execute`)).status).toBe(409)
    await reaches(id, 'EXECUTED')
    const { rows } = await sql.query(`SELECT state FROM ledger.stream WHERE stream_id LIKE 'promotion-%' || $1`, [id])
    expect(Date.parse(rows[0].state.executed.at)).toBeGreaterThanOrEqual(Date.parse(at))
  })

  it('is rescheduled from a time beyond the range of timers to an earlier one', async () => {
    const send = app.client()
    const id = await scheduled(send, () => '2099-01-01T00:00:00Z')
    expect((await send('POST', `${promotions}/${id}/schedule`, { at: soon(300) })).status).toBe(200)
    await reaches(id, 'EXECUTED')
  })

  it('rejects a past, malformed or missing time, and can be cancelled', async () => {
    const send = app.client()
    const id = await scheduled(send, () => '2099-01-01T00:00:00Z')
    const schedule = (body: object) => send('POST', `${promotions}/${id}/schedule`, body)
    expect((await schedule({ at: '2020-01-01T00:00:00Z' })).status).toBe(422)
    expect((await schedule({ at: '2099-01-01T00:00:00' })).status).toBe(400)
    expect((await schedule({})).status).toBe(400)
    expect((await send('DELETE', `${promotions}/${id}`)).json['state']).toBe('CANCELLED')
  })

  it('fails in a freeze, and names it as the reason', async () => {
    const send = app.client()
    await send('PUT', '/config/pipeline/freezes', [
      { name: 'release', from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' },
    ])
    const id = await scheduled(send, () => soon(300))
    await reaches(id, 'FAILED')
    expect((await stateOf(id)).failure).toContain('release')
  })

  it('executes once with two replicas, with the scheduler as the actor', async () => {
    const replica = await startReplica(stack, app)
    try {
      const send = app.client()
      const ids = [await scheduled(send, () => soon(800)), await scheduled(app.client(), () => soon(800))]
      for (const id of ids) await reaches(id, 'EXECUTED')
      // Created, validated, scheduled, executed: nothing twice.
      for (const id of ids) expect((await stateOf(id)).version).toBe(4)
      const actorsOf = async (id: string) =>
        (await collectLog(stack.brokers(), app.settings.topic))
          .filter(({ headers }) => headers['ce_type'] === 'io.shiplog.promotion.executed.v1')
          .filter(({ headers }) => headers['ce_subject']?.endsWith(id))
          .map(({ headers }) => headers['ce_actor'])
      for (const id of ids) {
        await stack.until(async () => (await actorsOf(id)).length > 0, 'the execution to be appended')
        expect(await actorsOf(id)).toEqual(['scheduler'])
      }
    } finally {
      await replica.close()
    }
  })
})

describe('a promotion that was due during a restart', () => {
  it('executes at the start, unless it is older than expiresAfter', async () => {
    const database = await stack.createDatabase('restart')
    const first = await startCommandApp({
      ...stack,
      createDatabase: async () => ({ ...database, drop: async () => undefined }),
    })
    const query = new Client(first.settings.databaseUrl)
    await query.connect()
    let due = ''
    const later = () => (due = soon(5000))
    const missed = await scheduled(first.client(), later)
    const expired = await scheduled(first.client(), later, { expiresAfter: 'PT0S' })
    await first.close()
    await stack.until(async () => Date.now() > Date.parse(due) + 50, 'both are missed')
    const second = await startReplica(stack, first)
    const state = async (id: string) => {
      const sql = `SELECT state FROM ledger.stream WHERE stream_id LIKE 'promotion-%' || $1`
      return (await query.query(sql, [id])).rows[0].state as { state: string; failure?: string }
    }
    await stack.until(async () => (await state(missed)).state === 'EXECUTED', 'the missed one is executed')
    await stack.until(async () => (await state(expired)).state === 'FAILED', 'the expired one has failed')
    expect((await state(expired)).failure).toContain('PT0S')
    await query.end()
    await second.close()
    await database.drop()
  })
})
