import { randomUUID } from 'node:crypto'
import { defaultPipeline, type Pipeline } from '#libs/contracts'
import { Tenant, at, tagsOf } from '#test/specs/read-models/asking'
import { Decided } from '#test/specs/read-models/decided'
import { GivenLog, partitionOf, type GivenEvent, type GivenOfTenant } from '#test/specs/read-models/given-log'
import { findKeySchemas, findPipelineSettings } from '../index.js'

let log: GivenLog

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())

const own: Pipeline = {
  environments: [
    { name: 'qa', aliases: ['dev'], approvals: 0 },
    { name: 'live', aliases: ['production', 'prod', 'blue'], approvals: 3 },
  ],
  allowSkipping: true,
}

describe('the settings of a tenant', () => {
  test('are the default pipeline, no freezes and no schemas until others are put', async () => {
    const { body } = await findPipelineSettings(log.query, 'nobody')
    expect(body).toEqual({ pipeline: defaultPipeline, freezes: [], revision: 1 })
    expect((await findKeySchemas(log.query, 'nobody')).body).toBe('[]')
    const rows = await log.query<{ name: string; words: string[] }>({
      text: `SELECT name, words FROM read_v1.environments('nobody') ORDER BY rank`,
      values: [],
    })
    expect(rows).toEqual(
      defaultPipeline.environments.map(({ name, aliases }) => ({ name, words: [name, ...aliases!] })),
    )
  })

  test('are the pipeline, freezes and schemas that were put last', async () => {
    const tenant = new Decided(`tenant-${randomUUID().slice(0, 8)}`)
    const freezes = [{ name: 'christmas', from: at('10:00:00'), to: at('11:00:00') }]
    await log.given(...tenant.putFreezes(freezes), ...tenant.putSchema('b.*', { type: 'string' }))
    await log.given(...tenant.putPipeline(own), ...tenant.putSchema('a', true), ...tenant.putSchema('gone', {}))
    await log.given(...tenant.putSchema('gone'), ...tenant.putSchema('b.*', { type: 'number', title: 'B' }))
    expect((await findPipelineSettings(log.query, tenant.tenant)).body).toEqual({ pipeline: own, freezes, revision: 8 })
    expect(JSON.parse((await findKeySchemas(log.query, tenant.tenant)).body)).toEqual([
      { keyPattern: 'a', schema: true, updatedAt: at('10:00:00'), updatedBy: 'ann' },
      { keyPattern: 'b.*', schema: { type: 'number', title: 'B' }, updatedAt: at('10:00:00'), updatedBy: 'ann' },
    ])
  })
})

describe('a pipeline change', () => {
  // An application in another partition than the tenant's pipeline, and one in the same.
  function applicationsOf(name: string): string[] {
    const shared = partitionOf(name)
    const all = Array.from({ length: 200 }, (_, n) => `app-${n}`)
    const is = (same: boolean) => all.find(app => (partitionOf(`${name}/${app}`) === shared) === same)!
    return [is(false), is(true)]
  }

  function deploymentsAndPipeline(tenant: Tenant): (GivenEvent | GivenOfTenant)[] {
    const decided = new Decided(tenant.name)
    const deployments = applicationsOf(tenant.name).flatMap(application => [
      tenant.recorded({ application, environment: 'production', imageTag: 'v1', deployedAt: at('10:00:00') }),
      tenant.recorded({ application, environment: 'blue', imageTag: 'v2', deployedAt: at('11:00:00') }),
      tenant.recorded({ application, environment: 'live', imageTag: 'v1', deployedAt: at('12:00:00') }),
      tenant.recorded({ application, environment: 'dev', imageTag: 'v3', deployedAt: at('13:00:00') }),
      tenant.recorded({ application, environment: 'elsewhere', imageTag: 'v4', deployedAt: at('14:00:00') }),
    ])
    return [...deployments, ...decided.putPipeline(own)]
  }

  const presentedBy = async (tenant: Tenant) => {
    const names = (records: Record<string, unknown>[]) =>
      records.map(({ application, environment, imageTag, active, rollbackDetected }) =>
        [application, environment, imageTag, active, rollbackDetected].join(' '),
      )
    return { history: names(await tenant.history()), current: names(await tenant.current()) }
  }

  test('moves past and active deployments to its environments, and infers rollbacks across them', async () => {
    const tenant = new Tenant(log)
    const events = deploymentsAndPipeline(tenant)
    await log.given(...events.slice(0, -1))
    const application = applicationsOf(tenant.name)[0]!
    expect(tagsOf(await tenant.current({ application, environment: 'prod' }))).toEqual(['v1'])
    expect((await tenant.history({ application })).filter(({ rollbackOf }) => rollbackOf)).toEqual([])

    await log.given(events.at(-1)!)

    expect(tagsOf(await tenant.history({ application, environment: 'prod' }))).toEqual(['v1', 'v2', 'v1'])
    expect(await tenant.history({ application, environment: 'production' })).toMatchObject([
      { environment: 'live', active: true, rollbackDetected: 'inferred' },
      { environment: 'blue', active: false },
      { environment: 'production', active: false },
    ])
    expect(tagsOf(await tenant.history({ application, environment: 'staging' }))).toEqual([])
    const current = await tenant.current({ application })
    expect(current.map(({ environment }) => environment)).toEqual(['dev', 'live', 'elsewhere'])
  })

  test('gives the same result in any order of partitions, and leaves no trace when it is reverted', async () => {
    const after = new Tenant(log)
    await log.given(...deploymentsAndPipeline(after))
    const wanted = await presentedBy(after)
    const before = new Tenant(log)
    const events = deploymentsAndPipeline(before)
    await log.given(events.at(-1)!)
    log.append(events.slice(0, -1))
    await log.project([1])
    const rename = (text: string[]) => text.map(line => line.replace(/^app-\d+/, 'app'))
    const presented = await presentedBy(before)
    expect(rename(presented.current)).toEqual(rename(wanted.current))
    expect(rename(presented.history).toSorted()).toEqual(rename(wanted.history).toSorted())

    // when: the default pipeline is restored
    const plain = new Tenant(log)
    await log.given(...deploymentsAndPipeline(plain).slice(0, -1))
    const decided = new Decided(before.name)
    decided.putPipeline(own)
    await log.given(...decided.putPipeline(defaultPipeline))
    expect(rename((await presentedBy(before)).history).toSorted()).toEqual(
      rename((await presentedBy(plain)).history).toSorted(),
    )
    expect(rename((await presentedBy(before)).current)).toEqual(rename((await presentedBy(plain)).current))
  })

  test('waits for a batch of the tenant that is being projected', async () => {
    const tenant = new Tenant(log)
    const { name } = tenant
    await log.given(tenant.recorded({ environment: 'blue', imageTag: 'v1' }))
    const lockPipelines = 'SELECT * FROM read_v1.lock_pipelines($1, $2, $3, $4)'
    const bucket = [...name].reduce((sum, character) => (sum * 31 + character.codePointAt(0)!) % 64, 0)
    let projected = false
    let projecting: Promise<void> | undefined
    await log.readModels.transaction(async query => {
      // given: a transaction that holds the lock, as the projection of a batch of this tenant does
      await query({ text: lockPipelines, values: [0x53_48_49_50, [bucket], [false], [name]] })
      projecting = log.given(...new Decided(name).putPipeline(own)).then(() => void (projected = true))
      const waits = `SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
      for (let n = 0; n === 0;) ({ n } = (await query<{ n: number }>({ text: waits, values: [] }))[0]!)
      expect(projected).toBe(false)
    })
    await projecting
    expect(tagsOf(await tenant.history({ environment: 'live' }))).toEqual(['v1'])
  })
})
