import { randomUUID } from 'node:crypto'
import type { Json } from '#libs/contracts'
import { Decided } from '#test/specs/read-models/decided'
import { GivenLog } from '#test/specs/read-models/given-log'
import {
  configurationDiff,
  configurationDrift,
  configurationsPage,
  exportKeys,
  findConfiguration,
  findPromotion,
  findPromotionEvents,
  keyHistoryPage,
} from '../index.js'

const mask = '********'
const clear = 'hunter2'

let log: GivenLog
let tenant: Decided

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Decided(`tenant-${randomUUID().slice(0, 8)}`)
})

const at = (hour: number) => `2026-02-12T${String(hour).padStart(2, '0')}:00:00Z`
const sealed = (value: string) => ({
  keyId: '0011',
  ciphertext: `sealed ${randomUUID()}`,
  hash: `keyed hash of ${value}`,
})

/** Appends the events that the tenant decides at that hour. */
function appendAt(hour: number, decide: (tenant: Decided) => Parameters<GivenLog['append']>[0]): void {
  tenant.now = at(hour)
  log.append(decide(tenant))
}

const set = (hour: number, value: Json, environment = 'production') =>
  appendAt(hour, tenant => tenant.set(environment, { password: value, other: 1 }))
const keepSecret = (hour: number, value: string, environment = 'production') =>
  appendAt(hour, tenant => tenant.keepSecret(environment, 'password', value))
const remove = (hour: number) => appendAt(hour, tenant => tenant.change('production', { delete: ['password'] }))
const setReadable = (hour: number, value: string) =>
  appendAt(hour, tenant => tenant.change('production', { set: [{ key: 'password', value, secret: false }] }))

const selection = (environment = 'production') =>
  ({ tenant: tenant.tenant, environment, kind: 'configuration' }) as const

async function history(environment = 'production'): Promise<unknown[]> {
  const { body } = await keyHistoryPage(log.query, { ...selection(environment), key: 'password', limit: 500 })
  return (JSON.parse(body!.json) as { revision: number; value?: unknown; secret?: boolean; deleted?: boolean }[]).map(
    ({ value, secret, deleted }) => (deleted ? { deleted } : { value, ...(secret && { secret }) }),
  )
}
const masked = { value: mask, secret: true }

/** All responses about the environment at that hour, as text. */
async function responsesAt(hour: number): Promise<string> {
  const moments = [{ asOf: at(hour) }, { knownAt: at(hour) }, { asOf: at(hour), knownAt: at(hour) }]
  const both = { tenant: tenant.tenant, source: 'staging', target: 'production' }
  const texts: unknown[] = []
  for (const moment of moments) {
    texts.push(
      (await configurationsPage(log.query, { ...selection(), ...moment, limit: 500 })).body.json,
      (await findConfiguration(log.query, { ...selection(), ...moment, key: 'password' })).body?.json,
      (await keyHistoryPage(log.query, { ...selection(), ...moment, key: 'password', limit: 500 })).body?.json,
      (await exportKeys(log.query, { ...selection(), ...moment })).body,
      (await configurationDiff(log.query, { ...both, ...moment })).body,
      (await configurationDiff(log.query, { ...both, ...moment, source: 'production', target: 'staging' })).body,
      (await configurationDrift(log.query, { ...both, ...moment, limit: 500 })).body,
    )
  }
  return JSON.stringify(texts)
}

describe.each([
  ['event by event', [1]],
  ['in one batch', [Infinity]],
])('a key that becomes a secret, projected %s', (_, sizes) => {
  test('is masked in every response about its past when it is marked with the same value', async () => {
    set(8, 'first')
    set(9, clear)
    appendAt(9, tenant => tenant.set('staging', { password: clear }))
    await log.project(sizes)
    expect(await responsesAt(9)).toContain(clear)
    keepSecret(10, clear)
    await log.project(sizes)
    expect(await history()).toEqual([masked, masked, masked])
    for (const hour of [8, 9, 10]) {
      const text = await responsesAt(hour)
      expect(text).not.toMatch(/hunter2|first/)
      expect(text).toContain(mask)
      expect(text).toContain('other')
    }
    // The same key of another environment is not affected.
    expect(await history('staging')).toEqual([{ value: clear }])
  })

  test.each<[string, (hour: number) => void]>([
    ['with another value', hour => keepSecret(hour, 'another')],
    [
      'by a PATCH of several keys',
      hour =>
        appendAt(hour, tenant =>
          tenant.change('production', {
            set: [
              { key: 'other', value: 2 },
              { key: 'password', value: '', sealed: sealed(clear), secret: true },
            ],
          }),
        ),
    ],
    [
      'by a promotion',
      hour => {
        keepSecret(hour, 'of staging', 'staging')
        appendAt(hour, tenant => {
          const { id, events } = tenant.promote()
          const validated = tenant.act(id, 'ValidatePromotion', {})
          const approved = ['bob', 'cy'].flatMap(userId =>
            tenant.act(id, 'ApprovePromotion', { by: { userId } } as never),
          )
          return [...events, ...validated, ...approved, ...tenant.act(id, 'ExecutePromotion', {})]
        })
      },
    ],
    [
      'after a deletion',
      hour => {
        remove(hour)
        keepSecret(hour, 'another')
      },
    ],
  ])('is masked in every response about its past when it is marked %s', async (_, mark) => {
    set(8, clear)
    mark(9)
    await log.project(sizes)
    expect(await responsesAt(8)).not.toContain(clear)
    const values = (await history()).filter(change => !('deleted' in (change as object)))
    expect(values).toEqual([masked, masked])
  })

  test('shows values set after the mark was removed, and masks all earlier ones', async () => {
    set(7, clear)
    keepSecret(8, clear)
    setReadable(9, 'readable')
    set(10, 'readable too')
    await log.project(sizes)
    expect(await history()).toEqual([{ value: 'readable too' }, { value: 'readable' }, masked, masked])
    keepSecret(11, 'x')
    remove(12)
    set(13, 'again')
    await log.project(sizes)
    expect(await history()).toEqual([{ value: 'again' }, { deleted: true }, ...Array.from({ length: 5 }, () => masked)])
    expect(await responsesAt(10)).not.toContain('readable')
  })

  test('is masked in the trail of a promotion that copied it, on both sides', async () => {
    set(8, 'old')
    appendAt(8, tenant => tenant.set('staging', { password: clear, other: 2 }))
    let id = ''
    appendAt(9, tenant => {
      const promoted = tenant.promote()
      id = promoted.id
      const validated = tenant.act(id, 'ValidatePromotion', {})
      const approved = ['bob', 'cy'].flatMap(userId => tenant.act(id, 'ApprovePromotion', { by: { userId } } as never))
      return [...promoted.events, ...validated, ...approved, ...tenant.act(id, 'ExecutePromotion', {})]
    })
    appendAt(10, tenant => tenant.act(id, 'RollBackPromotion', {}))
    await log.project(sizes)
    const trail = async () => (await findPromotionEvents(log.query, tenant.tenant, id)).body!
    const before = JSON.parse(await trail()) as { data: { content?: object[]; changes?: object[] } }[]
    expect(before[1]!.data.content).toMatchObject([
      { key: 'other', source: { value: 2 }, target: { value: 1 } },
      { key: 'password', source: { value: clear }, target: { value: 'old' } },
    ])
    keepSecret(11, 'new')
    await log.project(sizes)
    const text = await trail()
    expect(text).not.toMatch(/hunter2|"old"/)
    const after = JSON.parse(text) as typeof before
    expect(after[1]!.data.content).toEqual([
      before[1]!.data.content![0],
      { ...before[1]!.data.content![1], source: { value: mask }, target: { value: mask } },
    ])
    expect(after[4]!.data.changes![1]).toMatchObject({ before: { value: mask }, after: { value: mask } })
    expect(after.map(({ data }) => ({ ...data, content: 0, changes: 0 }))).toEqual(
      before.map(({ data }) => ({ ...data, content: 0, changes: 0 })),
    )
    expect((await findPromotion(log.query, tenant.tenant, id)).body!.json).not.toContain(clear)
  })

  test('is masked in the trail of an earlier promotion when only the source marks it, and not in a later one', async () => {
    set(8, 'old')
    appendAt(8, tenant => tenant.set('staging', { password: clear }))
    const ids: string[] = []
    const validate = (hour: number) =>
      appendAt(hour, tenant => {
        const { id, events } = tenant.promote()
        ids.push(id)
        return [...events, ...tenant.act(id, 'ValidatePromotion', {})]
      })
    validate(9)
    keepSecret(10, clear, 'staging')
    appendAt(11, tenant => tenant.change('staging', { set: [{ key: 'password', value: 'public', secret: false }] }))
    validate(12)
    await log.project(sizes)
    const [first, second] = await Promise.all(ids.map(id => findPromotionEvents(log.query, tenant.tenant, id)))
    expect(first!.body).not.toMatch(/hunter2|"old"/)
    expect(second!.body).toMatch(/"public"/)
    expect(second!.body).toMatch(/"old"/)
  })
})

test('all versions of a key stay masked after 300 changes of its secret mark', async () => {
  for (let n = 0; n < 300; n++) {
    log.append(tenant.change('production', { set: [{ key: 'password', value: `v${n}`, secret: false }] }))
    log.append(tenant.keepSecret('production', 'password', `v${n}`))
  }
  await log.project([7])
  expect((await history()).every(change => JSON.stringify(change) === JSON.stringify(masked))).toBe(true)
  const [row] = await log.query<{ revision: number; readable: number }>({
    text: `SELECT (SELECT revision FROM read_v1.configuration_secret WHERE tenant = $1) AS revision,
      (SELECT count(*)::int FROM read_v1.configuration_history WHERE tenant = $1 AND value IS NOT NULL) AS readable`,
    values: [tenant.tenant],
  })
  expect(row).toEqual({ revision: 600, readable: 0 })
})
