import { randomUUID } from 'node:crypto'
import { configurationDiff, exportKeys, type AsOf } from '#libs/read-models'
import { Decided } from '../specs/read-models/decided.js'
import { GivenLog } from '../specs/read-models/given-log.js'
import { describeConfigurations, plainDiff, realConfiguration, type Snapshot } from './configuration.js'

describeConfigurations('the real configuration', () => {
  let log: GivenLog
  let tenant: Decided
  let snapshot: Snapshot

  beforeAll(async () => {
    log = await GivenLog.start()
    snapshot = realConfiguration('2025-06-30')
  })
  afterAll(() => log?.end())
  beforeEach(() => {
    tenant = new Decided(`tenant-${randomUUID().slice(0, 8)}`)
  })

  async function replaceAll({ environments }: Snapshot): Promise<void> {
    for (const [environment, values] of Object.entries(environments)) {
      const set = Object.entries(values).map(([key, value]) => ({ key, value }))
      await log.given(...tenant.change(environment, { set, replace: true }))
    }
  }

  async function diff(source: string, target: string, at: AsOf = {}) {
    const { body } = await configurationDiff(log.query, { tenant: tenant.tenant, source, target, ...at })
    return JSON.parse(body.json) as ReturnType<typeof plainDiff>
  }

  async function text(environment: string, at: AsOf = {}): Promise<string> {
    const selection = { tenant: tenant.tenant, environment, kind: 'configuration' as const, ...at }
    return JSON.stringify((await exportKeys(log.query, selection)).body)
  }

  test('has the diff between staging and production that a recomputation gives', async () => {
    await replaceAll(snapshot)
    const answer = await diff('staging', 'production')
    const { added, removed, modified, unchanged } = answer
    expect([added.length, removed.length, modified.length, unchanged]).toEqual([36, 48, 188, 1869])
    expect(answer).toMatchObject(plainDiff(snapshot.environments.staging, snapshot.environments.production))
  })

  test('has nothing to promote after a FULL promotion, and is restored byte for byte by the rollback', async () => {
    await replaceAll(snapshot)
    const [before, changed] = [await text('production'), await diff('staging', 'production')]
    const { id, events } = tenant.promote({ promotionType: 'FULL' })
    await log.given(...tenant.putPipeline({ environments: [{ name: 'staging' }, { name: 'production' }] }))
    await log.given(...events, ...tenant.act(id, 'ValidatePromotion', {}), ...tenant.act(id, 'ExecutePromotion', {}))
    expect(await diff('staging', 'production')).toMatchObject({
      added: [],
      modified: [],
      removed: changed.removed,
      unchanged: Object.keys(snapshot.environments.staging).length,
    })
    await log.given(...tenant.act(id, 'RollBackPromotion', {}))
    expect(await text('production')).toBe(before)
    expect(await diff('staging', 'production')).toEqual(changed)
  })

  test('replaces that of the year before, which asOf still returns', async () => {
    const old = realConfiguration('2024-06-30')
    for (const { at, environments } of [old, snapshot]) {
      tenant.now = new Date(at).toISOString().replace('.000Z', 'Z')
      tenant.recordedTime = '2026-11-21T12:00:00Z'
      await replaceAll({ at, environments })
    }
    for (const { at, environments } of [old, snapshot]) {
      const asOf = new Date(at).toISOString()
      expect(await diff('staging', 'production', { asOf })).toMatchObject(
        plainDiff(environments.staging, environments.production),
      )
    }
    expect(await text('integration', { knownAt: '2026-11-21T11:59:59Z' })).toBe('[]')
  })
})
