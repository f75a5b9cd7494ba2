import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { equalJson, type Json } from '#libs/contracts'
import { Decided } from '#test/specs/read-models/decided'
import { GivenLog } from '#test/specs/read-models/given-log'
import { configurationDiff, configurationDrift, type AsOf } from '../index.js'

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

async function diff(source: string, target: string, at: AsOf = {}) {
  const { body } = await configurationDiff(log.query, { tenant: tenant.tenant, source, target, ...at })
  return JSON.parse(body.json) as Record<string, unknown>
}

async function drift(source: string, target: string, more: object = {}) {
  const request = { tenant: tenant.tenant, source, target, limit: 500, asOf: at('20:00:00'), ...more }
  const { body } = await configurationDrift(log.query, request)
  return { ...body, rows: JSON.parse(body.rows.json) as Record<string, unknown>[], next: body.rows.next }
}

const none = { added: [], modified: [], removed: [], unchanged: 0 }

describe('configurationDiff', () => {
  test('returns added and modified keys and the number of unchanged ones, as in source document 004', async () => {
    const same = Object.fromEntries(Array.from({ length: 35 }, (_, n) => [`same.${n}`, n]))
    await log.given(...tenant.set('staging', { ...same, 'ai.new-model': 'gpt-4-turbo', 'query.timeout': '180s' }))
    await log.given(...tenant.set('production', { ...same, 'query.timeout': '120s' }))
    expect(await diff('staging', 'prod')).toEqual({
      sourceEnvironment: 'staging',
      targetEnvironment: 'prod',
      added: [{ key: 'ai.new-model', value: 'gpt-4-turbo' }],
      modified: [{ key: 'query.timeout', sourceValue: '180s', targetValue: '120s' }],
      removed: [],
      unchanged: 35,
      flags: none,
    })
  })

  test('is empty where both environments are, also for an unknown environment', async () => {
    expect(await diff('nowhere', 'production')).toEqual({
      sourceEnvironment: 'nowhere',
      targetEnvironment: 'production',
      ...none,
      flags: none,
    })
  })

  test('compares values as canonical JSON, and returns null values', async () => {
    await log.given(...tenant.set('staging', { order: { a: 1, b: [1, 2] }, number: 1, list: [1, 2], nothing: null }))
    await log.given(...tenant.set('production', { order: { b: [1, 2], a: 1.0 }, number: 1.0, list: [2, 1] }))
    expect(await diff('staging', 'production')).toMatchObject({
      added: [{ key: 'nothing', value: null }],
      modified: [{ key: 'list', sourceValue: [1, 2], targetValue: [2, 1] }],
      unchanged: 2,
    })
  })

  test('reports feature flags separately from configuration', async () => {
    await log.given(...tenant.set('staging', { on: { enabled: true }, same: { enabled: false } }, 'flag'))
    await log.given(...tenant.set('production', { on: { enabled: false }, same: { enabled: false } }, 'flag'))
    await log.given(...tenant.set('production', { on: 'a configuration' }))
    expect(await diff('staging', 'production')).toMatchObject({
      removed: [{ key: 'on', value: 'a configuration' }],
      unchanged: 0,
      flags: {
        ...none,
        modified: [{ key: 'on', sourceValue: { enabled: true }, targetValue: { enabled: false } }],
        unchanged: 1,
      },
    })
  })

  test('masks both values where either is a secret, and still compares secrets', async () => {
    await log.given(...tenant.keepSecret('staging', 'same', 'x'), ...tenant.keepSecret('production', 'same', 'x'))
    await log.given(...tenant.keepSecret('staging', 'other', 'x'), ...tenant.keepSecret('production', 'other', 'y'))
    await log.given(...tenant.keepSecret('staging', 'half', 'x'), ...tenant.set('production', { half: 'in clear' }))
    await log.given(...tenant.keepSecret('production', 'gone', 'x'))
    const [sourceValue, targetValue] = ['********', '********']
    expect(await diff('staging', 'production')).toMatchObject({
      modified: [
        { key: 'half', sourceValue, targetValue },
        { key: 'other', sourceValue, targetValue },
      ],
      removed: [{ key: 'gone', value: '********' }],
      unchanged: 1,
    })
  })

  test('equals a recomputation at any asOf, in code point order', async () => {
    const key = fc.constantFrom('__proto__', 'a', 'B', '\u{10000}', '\uFFFD', 'ä', `it's "q\\"`)
    const value = fc.constantFrom<Json>(1, 'x', null, { a: 1, b: 2 }, { b: 2, a: 1 }, [])
    const step = fc.record({
      environment: fc.constantFrom('staging', 'production'),
      set: fc.array(fc.tuple(key, value), { maxLength: 4 }),
      gone: fc.array(key, { maxLength: 2 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.nat(8), async (steps, visible) => {
        tenant = new Decided(`tenant-${randomUUID().slice(0, 8)}`)
        const held = { staging: new Map<string, Json>(), production: new Map<string, Json>() }
        for (const [n, { environment, set, gone }] of steps.entries()) {
          tenant.now = at(`10:0${n}:00`)
          const settings = [...new Map(set)].map(([name, value]) => ({ key: name, value }))
          const deleted = gone.filter(name => !settings.some(({ key }) => key === name))
          log.append(tenant.change(environment, { set: settings, delete: [...new Set(deleted)] }))
          if (n > visible) continue
          const keys = held[environment as keyof typeof held]
          for (const { key, value } of settings) keys.set(key, value)
          for (const name of deleted) keys.delete(name)
        }
        await log.project()
        const { staging, production } = held
        const names = [...new Set([...staging.keys(), ...production.keys()])].toSorted((a, b) =>
          Buffer.compare(Buffer.from(a), Buffer.from(b)),
        )
        const only = (a: Map<string, Json>, b: Map<string, Json>) =>
          names.filter(key => a.has(key) && !b.has(key)).map(key => ({ key, value: a.get(key) }))
        const both = names.filter(key => staging.has(key) && production.has(key))
        const other = both.filter(key => !equalJson(staging.get(key)!, production.get(key)!))
        expect(await diff('staging', 'production', { asOf: at(`10:0${visible}:30`) })).toMatchObject({
          added: only(staging, production),
          removed: only(production, staging),
          modified: other.map(key => ({ key, sourceValue: staging.get(key), targetValue: production.get(key) })),
          unchanged: both.length - other.length,
          asOf: at(`10:0${visible}:30`),
        })
      }),
      { numRuns: 25 },
    )
  })
})

describe('configurationDrift', () => {
  test('returns since when a key differs, and the change that caused it', async () => {
    tenant.now = at('10:00:00')
    await log.given(...tenant.set('staging', { a: 1, b: 1, c: 1 }), ...tenant.set('production', { a: 1, b: 1 }))
    tenant.now = at('11:00:00')
    tenant.by = 'bob'
    await log.given(...tenant.set('staging', { a: 2 }))
    tenant.now = at('12:00:00')
    await log.given(...tenant.set('production', { a: 3 }))
    tenant.now = at('13:00:00')
    await log.given(...tenant.set('staging', { b: 2 }))
    tenant.now = at('14:00:00')
    await log.given(...tenant.set('production', { b: 2 }))
    tenant.now = at('15:00:00')
    await log.given(...tenant.change('production', { delete: ['b'] }))

    const answer = await drift('stage', 'prod')
    expect(answer).toMatchObject({ source: 'staging', target: 'production', unknown: [], asOf: at('20:00:00') })
    expect(answer.rows).toEqual([
      {
        kind: 'configuration',
        key: 'a',
        state: 'modified',
        sourceValue: 2,
        targetValue: 3,
        since: at('11:00:00'),
        ageSeconds: 32_400,
        cause: { environment: 'staging', revision: 2, position: expect.stringMatching(/^\d+:\d+$/), by: 'bob' },
      },
      expect.objectContaining({
        key: 'b',
        state: 'added',
        sourceValue: 2,
        since: at('15:00:00'),
        ageSeconds: 18_000,
        cause: expect.objectContaining({ environment: 'production', revision: 4 }),
      }),
      expect.objectContaining({ key: 'c', state: 'added', since: at('10:00:00') }),
    ])
    expect((await drift('staging', 'production', { asOf: at('13:30:00') })).rows).toMatchObject([
      { key: 'a', since: at('11:00:00'), ageSeconds: 9000 },
      { key: 'b', state: 'modified', since: at('13:00:00') },
      { key: 'c' },
    ])
  })

  test('compares the state after all changes of an instant, and names the last of them in the log as the cause', async () => {
    await log.given(...tenant.set('staging', { a: 1 }), ...tenant.set('production', { a: 1 }))
    tenant.now = at('11:00:00')
    await log.given(...tenant.set('staging', { a: 2 }))
    tenant.now = at('12:00:00')
    await log.given(...tenant.set('staging', { a: 1 }), ...tenant.set('staging', { a: 2 }))
    expect((await drift('staging', 'production')).rows).toMatchObject([{ since: at('11:00:00') }])
    tenant.now = at('13:00:00')
    await log.given(...tenant.set('production', { a: 2 }))
    tenant.now = at('14:00:00')
    await log.given(...tenant.set('production', { a: 4 }), ...tenant.set('staging', { a: 5 }))
    expect((await drift('staging', 'production')).rows).toMatchObject([
      { since: at('14:00:00'), cause: { environment: 'staging' } },
    ])
  })

  test('returns its rows in pages, lists unknown environments, and masks secrets', async () => {
    await log.given(...tenant.set('staging', { a: 1, b: 2, c: 3 }), ...tenant.keepSecret('staging', 'd', 'x'))
    await log.given(...tenant.set('lab', { z: 1 }), ...tenant.set('staging', { flag: { enabled: true } }, 'flag'))
    const keys: unknown[] = []
    let cursor: string | undefined
    do {
      const page = await drift('staging', 'production', { limit: 2, cursor })
      keys.push(...page.rows.map(({ key, sourceValue }) => [key, sourceValue]))
      cursor = page.next
    } while (cursor !== undefined)
    expect(keys).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['d', '********'],
      ['flag', { enabled: true }],
    ])
    expect((await drift('lab', 'nowhere')).unknown).toEqual(['nowhere'])
    expect((await drift('lab', 'dev')).unknown).toEqual([])
  })
})
