import { randomUUID } from 'node:crypto'
import type { ConfigurationChanged } from '#libs/contracts'
import { Decided } from '#test/specs/read-models/decided'
import { GivenLog } from '#test/specs/read-models/given-log'
import {
  configurationsPage,
  deployments,
  exportKeys,
  findConfiguration,
  keyHistoryPage,
  projectBatch,
  readPositions,
  readRecord,
  type AsOf,
} from '../index.js'

let log: GivenLog
let tenant: Decided

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Decided(`tenant-${randomUUID().slice(0, 8)}`)
})

const at = (time: string) => `2026-02-12T${time}Z`
const selection = (environment: string, at: AsOf = {}) => ({
  tenant: tenant.tenant,
  environment,
  kind: 'configuration' as const,
  ...at,
})

async function valuesOf(environment: string, at: AsOf = {}): Promise<Record<string, unknown>> {
  const { body } = await exportKeys(log.query, selection(environment, at))
  return Object.fromEntries(body.map(({ key, value }) => [key, value]))
}

async function listed(environment: string, more: object = {}) {
  const { body } = await configurationsPage(log.query, { ...selection(environment), limit: 500, ...more })
  return { keys: JSON.parse(body.json) as Record<string, unknown>[], next: body.next }
}

async function history(
  environment: string,
  key: string,
  at: AsOf = {},
): Promise<Record<string, unknown>[] | undefined> {
  const { body } = await keyHistoryPage(log.query, { ...selection(environment, at), key, limit: 500 })
  return body && (JSON.parse(body.json) as Record<string, unknown>[])
}

describe('the configuration of an environment', () => {
  test('has one revision where an event lists the same change twice', async () => {
    await log.given(...tenant.set('staging', { a: 1 }))
    const [deletion] = tenant.change('staging', { delete: ['a'] })
    const event = deletion!.event as ConfigurationChanged
    await log.given({ ...deletion!, event: { ...event, changes: [...event.changes, ...event.changes] } })
    expect(await valuesOf('staging')).toEqual({})
    expect(await history('staging', 'a')).toHaveLength(2)
  })

  test('has the last value of each key, under any name of the environment', async () => {
    await log.given(...tenant.set('production', { a: 1, b: { nested: [1.5, null] }, c: null }))
    await log.given(
      ...tenant.change('production', { set: [{ key: 'a', value: 2, description: 'more' }], delete: ['b'] }),
    )
    const { keys } = await listed('prod')
    const since = { updatedAt: at('10:00:00'), updatedBy: 'ann', id: expect.any(String) as unknown }
    expect(keys).toEqual([
      { key: 'a', value: 2, description: 'more', revision: 2, ...since },
      { key: 'c', value: null, revision: 1, ...since },
    ])
    expect(await valuesOf('staging')).toEqual({})
    const { body } = await findConfiguration(log.query, { ...selection('production'), key: 'a' })
    expect([JSON.parse(body!.json), body!.revision]).toEqual([keys[0], 2])
    expect((await findConfiguration(log.query, { ...selection('production'), key: 'b' })).body).toBeUndefined()
  })

  test('accepts any string as a key, and lists keys in code point order', async () => {
    const keys = [
      '__proto__',
      'constructor',
      `'; DROP TABLE x; --`,
      '"quoted\\"',
      '\u{10000}',
      '\uFFFD',
      'ä',
      'Z',
      'a',
      ' ',
      '{},NULL',
      'NULL',
      '%_',
    ]
    const long = '\u{1F600}'.repeat(512)
    await log.given(...tenant.change('production', { set: [...keys, long].map(key => ({ key, value: key })) }))
    const { keys: presented } = await listed('production')
    const inOrder = [...keys, long].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(presented.map(({ key, value }) => [key, value])).toEqual(inOrder.map(key => [key, key]))
    for (const key of inOrder) {
      const { body } = await findConfiguration(log.query, { ...selection('production'), key })
      expect(JSON.parse(body!.json)).toMatchObject({ key, value: key })
    }
    expect((await listed('production', { prefix: '%' })).keys.map(({ key }) => key)).toEqual(['%_'])
  })

  test('is complete over several pages', async () => {
    const keys = Array.from({ length: 7 }, (_, n) => `key.${n}`)
    await log.given(...tenant.set('production', Object.fromEntries([...keys, 'other'].map(key => [key, key]))))
    const visible: unknown[] = []
    const sizes: number[] = []
    let cursor: string | undefined
    do {
      const page = await listed('production', { limit: 3, prefix: 'key.', cursor })
      visible.push(...page.keys.map(({ key }) => key))
      sizes.push(page.keys.length)
      cursor = page.next
    } while (cursor !== undefined)
    expect([visible, sizes]).toEqual([keys, [3, 3, 1]])
  })

  test('masks secrets, and stores no sealed value in any table', async () => {
    await log.given(...tenant.keepSecret('production', 'password', 'hunter2'))
    expect((await listed('production')).keys).toMatchObject([{ key: 'password', value: '********', secret: true }])
    expect(await valuesOf('production')).toEqual({ password: '********' })
    const rows = await log.query<{ row: string }>({
      text: `SELECT c::text AS row FROM read_v1.configuration_current c WHERE tenant = $1
        UNION ALL SELECT h::text FROM read_v1.configuration_history h WHERE tenant = $1`,
      values: [tenant.tenant],
    })
    expect(rows).toHaveLength(2)
    for (const { row } of rows) expect(row).not.toMatch(/sealed/)
  })

  test('is filtered by time of change with asOf, and by time of recording with knownAt', async () => {
    // given: a change that was recorded an hour after it had happened
    tenant.now = at('10:00:00')
    await log.given(...tenant.set('production', { a: 1, gone: true }))
    tenant.now = at('11:00:00')
    tenant.recordedTime = at('12:00:00')
    await log.given(...tenant.change('production', { set: [{ key: 'a', value: 2 }], delete: ['gone'] }))

    // then
    expect(await valuesOf('production', { asOf: at('09:59:59') })).toEqual({})
    expect(await valuesOf('production', { asOf: at('10:59:59') })).toEqual({ a: 1, gone: true })
    expect(await valuesOf('production', { asOf: at('11:00:00') })).toEqual({ a: 2 })
    expect(await valuesOf('production', { knownAt: at('11:30:00') })).toEqual({ a: 1, gone: true })
    expect(await valuesOf('production', { asOf: at('11:00:00'), knownAt: at('11:59:59') })).toEqual({
      a: 1,
      gone: true,
    })
    expect(await valuesOf('production', { knownAt: at('12:00:00') })).toEqual({ a: 2 })
  })
})

describe('the history of a key', () => {
  test('lists every change newest first, with the promotion that caused it', async () => {
    await log.given(...tenant.set('production', { a: 1 }))
    await log.given(...tenant.keepSecret('production', 'a', 'hunter2'))
    await log.given(...tenant.change('production', { delete: ['a'] }))
    await log.given(...tenant.set('staging', { a: 4 }))
    const { id, events } = tenant.promote({ promotionType: 'PATTERN', keyPatterns: ['a'] })
    await log.given(...events, ...tenant.act(id, 'ValidatePromotion', {}))
    tenant.by = 'bob'
    await log.given(...tenant.act(id, 'ApprovePromotion', {}))
    tenant.by = 'cy'
    await log.given(...tenant.act(id, 'ApprovePromotion', {}), ...tenant.act(id, 'ExecutePromotion', {}))

    const changes = (await history('production', 'a'))!
    expect(changes).toMatchObject([
      { key: 'a', value: 4, revision: 4, updatedBy: 'cy', cause: { promotionId: id, action: 'executed' } },
      { key: 'a', deleted: true, revision: 3 },
      { key: 'a', value: '********', secret: true, revision: 2 },
      {
        key: 'a',
        // It became a secret.
        value: '********',
        revision: 1,
        updatedBy: 'ann',
        recordedAt: at('10:00:00'),
        position: expect.stringMatching(/^\d+:\d+$/),
      },
    ])
    expect(changes[1]).not.toHaveProperty('value')
    expect(changes[3]).not.toHaveProperty('cause')
    expect(await history('production', 'never')).toBeUndefined()
    expect(await history('production', 'a', { asOf: at('09:00:00') })).toBeUndefined()
  })

  test('is complete over several pages', async () => {
    for (const value of [1, 2, 3, 4, 5]) await log.given(...tenant.set('production', { a: value }))
    const values: unknown[] = []
    let cursor: string | undefined
    do {
      const { body } = await keyHistoryPage(log.query, { ...selection('production'), key: 'a', limit: 2, cursor })
      values.push(...(JSON.parse(body!.json) as { value: number }[]).map(({ value }) => value))
      cursor = body!.next
    } while (cursor !== undefined)
    expect(values).toEqual([5, 4, 3, 2, 1])
  })
})

test('configuration changes are projected once, with the same result in one batch or many', async () => {
  const decide = (of: Decided) => [
    ...of.set('production', { a: 1, b: 2 }),
    ...of.change('production', { delete: ['a'] }),
    ...of.set('production', { a: 3 }),
    ...of.change('production', { delete: ['b'] }),
  ]
  const records = log.append(decide(tenant))
  const { partition } = records[0]!
  const from = (await readPositions(log.readModels.query, deployments.name)).get(partition)!
  const to = { seq: from.seq + 4, nextOffset: from.nextOffset + 4 }
  const project = () =>
    projectBatch(log.readModels, deployments, partition, { from, events: records.map(readRecord), to })
  expect([await project(), await project()]).toEqual([true, false])
  const atOnce = [await valuesOf('production'), (await history('production', 'a'))!.length]

  tenant = new Decided(`${tenant.tenant}-2`)
  log.append(decide(tenant))
  await log.project([1])
  expect([await valuesOf('production'), (await history('production', 'a'))!.length]).toEqual(atOnce)
  expect(atOnce).toEqual([{ a: 3 }, 3])
})
