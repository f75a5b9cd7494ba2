import { randomUUID } from 'node:crypto'
import type { PipelineEnvironment } from '#libs/contracts'
import { Decided } from '#test/specs/read-models/decided'
import { GivenLog } from '#test/specs/read-models/given-log'
import {
  configurationDiff,
  configurationDrift,
  configurationsPage,
  environmentDrift,
  findPromotionEvents,
  keyHistoryPage,
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

const at = (hour: number) => `2026-02-12T${String(hour).padStart(2, '0')}:00:00Z`
const [dev, staging]: PipelineEnvironment[] = [{ name: 'dev' }, { name: 'staging' }]
const live = (...aliases: string[]) => ({ name: 'live', aliases })

/** Appends the events that the tenant decides at that hour. */
function appendAt(hour: number, decide: (tenant: Decided) => Parameters<GivenLog['append']>[0]): void {
  tenant.now = at(hour)
  log.append(decide(tenant))
}
const pipeline = (hour: number, ...environments: PipelineEnvironment[]) =>
  appendAt(hour, tenant => tenant.putPipeline({ environments: [dev!, staging!, ...environments] }))

type Presented = Record<string, unknown>

async function keys(environment: string, moment: AsOf = {}): Promise<Presented[]> {
  const selection = { tenant: tenant.tenant, environment, kind: 'configuration', limit: 500, ...moment } as const
  return JSON.parse((await configurationsPage(log.query, selection)).body.json) as Presented[]
}
async function values(environment: string, moment: AsOf = {}): Promise<Presented> {
  return Object.fromEntries((await keys(environment, moment)).map(({ key, value }) => [key, value]))
}
async function history(environment: string, key: string): Promise<unknown[]> {
  const request = { tenant: tenant.tenant, environment, kind: 'configuration', key, limit: 500 } as const
  const { body } = await keyHistoryPage(log.query, request)
  return (JSON.parse(body!.json) as Presented[]).map(({ value, revision }) => [revision, value])
}
async function diff(source: string, target: string, moment: AsOf = {}): Promise<Presented> {
  return JSON.parse(
    (await configurationDiff(log.query, { tenant: tenant.tenant, source, target, ...moment })).body.json,
  ) as Presented
}

test.each([
  ['event by event', [1]],
  ['in one batch', [Infinity]],
])('a renamed environment has one configuration under all of its names, projected %s', async (_, sizes) => {
  appendAt(8, tenant => [...tenant.set('production', { a: 1, b: 1 }), ...tenant.set('staging', { a: 2, b: 1 })])
  await log.project(sizes)
  const before = await keys('production')
  pipeline(9, live('production', 'prod'))
  appendAt(10, tenant => [...tenant.set('live', { a: 3 }), ...tenant.set('prod', { c: 4 })])
  await log.project(sizes)
  for (const name of ['live', 'production', 'prod']) {
    expect(await values(name)).toEqual({ a: 3, b: 1, c: 4 })
    expect(await values(name, { asOf: at(8) })).toEqual({ a: 1, b: 1 })
    expect(await history(name, 'a')).toEqual([
      [2, 3],
      [1, 1],
    ])
    expect(await diff('staging', name)).toMatchObject({
      targetEnvironment: name,
      modified: [{ key: 'a', sourceValue: 2, targetValue: 3 }],
      removed: [{ key: 'c', value: 4 }],
      unchanged: 1,
    })
  }
  const ids = (presented: Presented[]) => presented.filter(({ key }) => key !== 'c').map(({ key, id }) => [key, id])
  expect(ids(await keys('live'))).toEqual(ids(before))

  // Both kinds of drift, under the present name in the pipeline.
  const drift = { tenant: tenant.tenant, source: 'staging', target: 'production', asOf: at(12), limit: 500 }
  const { body } = await configurationDrift(log.query, drift)
  expect([body.target, body.unknown, JSON.parse(body.rows.json)]).toEqual([
    'live',
    [],
    [
      expect.objectContaining({
        key: 'a',
        since: at(8),
        cause: expect.objectContaining({ environment: 'staging' }) as unknown,
      }),
      expect.objectContaining({
        key: 'c',
        since: at(10),
        cause: expect.objectContaining({ environment: 'live' }) as unknown,
      }),
    ],
  ])
  const answered = await environmentDrift(log.query, { ...drift, onlyDiffering: false })
  expect(answered.body).toMatchObject({ drift: { configuration: { modified: 1, removed: 1, unchanged: 1 } } })

  pipeline(11, { name: 'main', aliases: ['live', 'production'] })
  appendAt(11, tenant => tenant.putFreezes([]))
  appendAt(12, tenant =>
    tenant.putPipeline({ environments: [dev!, { name: 'main', aliases: ['production'] }], allowSkipping: true }),
  )
  await log.project(sizes)
  expect([await values('main'), await values('production')]).toEqual([
    { a: 3, b: 1, c: 4 },
    { a: 3, b: 1, c: 4 },
  ])
  expect([await values('live'), await values('staging')]).toEqual([{}, { a: 2, b: 1 }])
})

test('the trail of a promotion masks a value once its key is a secret in the target, under any name of the target', async () => {
  appendAt(8, tenant => tenant.set('staging', { password: 'hunter2' }))
  pipeline(8, live('production'))
  const ids: string[] = []
  const executed = (target: string) =>
    appendAt(9, tenant => {
      const { id, events } = tenant.promote({ targetEnvironment: target })
      ids.push(id)
      return [...events, ...tenant.act(id, 'ValidatePromotion', {}), ...tenant.act(id, 'ExecutePromotion', {})]
    })
  executed('production')
  appendAt(9, tenant => tenant.set('staging', { password: 'hunter3' }))
  executed('live')
  const trails = async () =>
    (await Promise.all(ids.map(id => findPromotionEvents(log.query, tenant.tenant, id)))).map(({ body }) => body)
  await log.project()
  expect(String(await trails())).toMatch(/hunter2.*hunter3/s)
  pipeline(10, { name: 'main', aliases: ['live', 'production'] })
  appendAt(11, tenant => tenant.keepSecret('main', 'password', 'x'))
  await log.project()
  expect(String(await trails())).not.toMatch(/hunter/)
})
