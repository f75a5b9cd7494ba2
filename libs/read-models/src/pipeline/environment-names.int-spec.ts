import { at, tagsOf, Tenant } from '#test/specs/read-models/asking'
import { Decided } from '#test/specs/read-models/decided'
import { GivenLog } from '#test/specs/read-models/given-log'
import {
  configurationDiff,
  configurationDrift,
  configurationsPage,
  environmentDrift,
  explainPage,
  findRollback,
  rollupMetricValues,
  metricValuesAsOf,
  tagExistence,
  tagPath,
} from '../index.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

const window = { from: at('00:00:00'), to: at('23:00:00'), bucket: 'day', timezone: 'UTC', rollbacks: 'all' } as const
const spellings = ['Production', ' production', 'PRODUCTION ', 'Prod', 'production']

/** One deployment for each spelling, in order of time: v0, v1... */
const inAll = (names: string[]) =>
  names.map((environment, n) => {
    return tenant.recorded({ environment, imageTag: `v${n}`, deployedAt: at(`1${n}:00:00`) })
  })

describe('environment names that differ in case and surrounding spaces', () => {
  test('are one environment in history, current, metrics, drift, paths and rollbacks; a record keeps its spelling', async () => {
    const all = inAll(spellings)
    await log.given(
      ...all.toReversed(),
      tenant.recorded({ environment: 'DEV', imageTag: 'v4', deployedAt: at('09:00:00') }),
    )
    const newest = spellings.toReversed()
    const of = { tenant: tenant.name, environment: ' PROD' }

    expect((await tenant.history({ environment: 'pRoD' })).map(({ environment }) => environment)).toEqual(newest)
    for (const moment of [{}, { asOf: at('20:00:00') }, { knownAt: '2026-11-21T12:00:00Z' }]) {
      expect(tagsOf(await tenant.current({ environment: 'PRODUCTION' }, moment))).toEqual(['v4'])
      expect(await tenant.current({}, moment)).toHaveLength(2)
    }
    expect((await rollupMetricValues(log.query, { ...of, ...window })).body).toMatchObject({
      environment: 'production',
      successes: 5,
    })
    expect((await metricValuesAsOf(log.query, { ...of, ...window, asOf: at('20:00:00') })).body.successes).toBe(5)
    const explained = await explainPage(log.query, { ...of, ...window, metric: 'deployments', limit: 500 })
    expect(JSON.parse(explained.body.json)).toHaveLength(5)

    const { body } = await environmentDrift(log.query, {
      tenant: tenant.name,
      source: 'Dev ',
      target: 'PROD',
      limit: 50,
    })
    expect(body).toMatchObject({ drift: { source: 'dev', target: 'production', applications: [{ state: 'same' }] } })
    const path = await tagPath(log.query, { tenant: tenant.name, limit: 50, imageTag: 'v4' })
    expect(JSON.parse(path.body!.json)).toMatchObject([
      { environment: 'dev' },
      { environment: 'production', from: 'dev' },
    ])
    expect((await tagExistence(log.query, { ...of, imageTag: 'v0' })).body.exists).toBe(true)
    const rollback = await findRollback(log.query, { ...of, application: 'checkout' })
    expect(rollback.body).toMatchObject({ problem: { id: all[4]!.id }, target: { id: all[3]!.id } })
  })

  test('are one environment outside the pipeline too, presented in lower case', async () => {
    await log.given(...inAll(['Prod-EU', 'prod-eu', ' PROD-EU', 'Prüfung', 'PRU\u0308FUNG']))
    expect((await tenant.current()).map(({ environment, imageTag }) => [environment, imageTag])).toEqual([
      [' PROD-EU', 'v2'],
      ['PRU\u0308FUNG', 'v4'],
    ])
    const metricValues = await rollupMetricValues(log.query, { tenant: tenant.name, environment: 'Prod-Eu', ...window })
    expect(metricValues.body).toMatchObject({ environment: 'prod-eu', successes: 3 })
    const drift = { tenant: tenant.name, source: 'PROD-EU', target: 'prüfung', limit: 50 }
    expect((await environmentDrift(log.query, drift)).body).toMatchObject({
      drift: { source: 'prod-eu', target: 'prüfung', applications: [{ state: 'different' }] },
    })
    const unknown = { ...drift, target: 'Prod-US' }
    expect((await environmentDrift(log.query, unknown)).body).toEqual({ unknown: ['Prod-US'] })
  })

  test('are joined by the aliases of a pipeline, and separated when it no longer has them', async () => {
    const decided = new Decided(tenant.name)
    await log.given(...inAll(['QA', 'qa', 'Abnahme']))
    expect(await tenant.current()).toHaveLength(2)
    await log.given(...decided.putPipeline({ environments: [{ name: 'Test', aliases: ['Qa', 'ABNAHME'] }] }))
    expect(tagsOf(await tenant.current({ environment: 'TEST' }))).toEqual(['v2'])
    const metricValues = await rollupMetricValues(log.query, { tenant: tenant.name, environment: 'abnahme', ...window })
    expect(metricValues.body).toMatchObject({ environment: 'Test', successes: 3 })
    await log.given(...decided.putPipeline({ environments: [{ name: 'Live' }] }))
    expect(tagsOf(await tenant.current({ environment: 'qa' }))).toEqual(['v1'])
    expect(tagsOf(await tenant.current({ environment: 'ABNAHME' }))).toEqual(['v2'])
  })

  test('share one configuration', async () => {
    const decided = new Decided(tenant.name)
    await log.given(...decided.set('production', { a: 1 }), ...decided.set('staging', { b: 1 }))
    const requested = { tenant: tenant.name, source: 'Stage', target: ' PRODUCTION' }
    const held = await configurationsPage(log.query, {
      ...requested,
      environment: 'PROD',
      kind: 'configuration',
      limit: 5,
    })
    expect(JSON.parse(held.body.json)).toMatchObject([{ key: 'a' }])
    expect(JSON.parse((await configurationDiff(log.query, requested)).body.json)).toMatchObject({
      sourceEnvironment: 'Stage',
      added: [{ key: 'b' }],
      removed: [{ key: 'a' }],
    })
    const { body } = await configurationDrift(log.query, { ...requested, limit: 50 })
    expect(body).toMatchObject({ source: 'staging', target: 'production', unknown: [] })
    expect(JSON.parse(body.rows.json)).toHaveLength(2)
  })
})
