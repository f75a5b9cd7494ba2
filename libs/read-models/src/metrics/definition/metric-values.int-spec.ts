import { randomUUID } from 'node:crypto'
import { at, Tenant } from '#test/specs/read-models/asking'
import { Decided } from '#test/specs/read-models/decided'
import { afterwards, GivenLog, opened, resolved } from '#test/specs/read-models/given-log'
import { isHistorical, type AsOf } from '../../sql/as-of.js'
import type { MetricValues, MetricValuesRequest } from './metric-values.js'
import { rollupMetricValues } from '../rollup/rollup.js'
import { metricValuesAsOf } from '../historical/values-as-of.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

const minutes = (n: number) => n * 60_000

async function metricValues(filter: Partial<MetricValuesRequest> & AsOf = {}): Promise<MetricValues> {
  const window = { from: at('00:00:00'), to: at('23:59:59') }
  const how = { bucket: 'day', timezone: 'UTC', rollbacks: 'all' } as const
  const request = { tenant: tenant.name, ...window, ...how, ...filter }
  const { body } = await metricValuesAsOf(log.query, request)
  // The counters give the same values.
  if (!isHistorical(filter)) expect((await rollupMetricValues(log.query, request)).body).toEqual(body)
  return body
}

describe('counted deployments', () => {
  test('are those that finished in the window, without pending ones', async () => {
    await log.given(
      tenant.recorded({ deployedAt: at('09:50:00'), completedAt: at('10:00:00') }),
      tenant.recorded({ deployedAt: at('10:10:00'), status: 'FAILED' }),
      tenant.recorded({ deployedAt: at('10:20:00'), status: 'PENDING' }),
      tenant.recorded({ deployedAt: at('10:50:00'), completedAt: at('11:00:00') }),
    )
    expect(await metricValues({ from: at('10:00:00'), to: at('11:00:00') })).toMatchObject({
      deployments: 2,
      successes: 1,
    })
    expect(await metricValues({ from: at('10:00:00'), to: at('11:00:01') })).toMatchObject({
      deployments: 3,
      successes: 2,
    })
    expect(await metricValues({ from: at('10:00:01'), to: at('11:00:00') })).toMatchObject({
      deployments: 1,
      successes: 0,
    })
  })

  test('include as successes those marked after a success or recorded as rolled back, and not those marked after a failure', async () => {
    const [good, bad] = [tenant.recorded({}), tenant.recorded({ status: 'FAILED' })]
    await log.given(good, bad, tenant.recorded({ status: 'ROLLED_BACK' }))
    await log.given(
      ...[good, bad].map(one => afterwards(one, { type: 'DeploymentRolledBack', rolledBackAt: at('12:00:00') })),
    )
    expect(await metricValues()).toMatchObject({ deployments: 3, successes: 2, failed: 0, reported: 3 })
  })

  test('are of the environment under any name, by default the last of the pipeline, and of one application or all', async () => {
    await log.given(
      tenant.recorded({ environment: 'prod' }),
      tenant.recorded({ environment: 'production', application: 'search' }),
      tenant.recorded({ environment: 'dev' }),
    )
    expect(await metricValues()).toMatchObject({ environment: 'production', deployments: 2 })
    expect(await metricValues({ environment: 'prod' })).toMatchObject({ environment: 'production', deployments: 2 })
    expect(await metricValues({ application: 'search' })).toMatchObject({ deployments: 1 })
    expect(await metricValues({ environment: 'development' })).toMatchObject({ environment: 'dev', deployments: 1 })
  })

  test('give zeroes and null medians where there are none', async () => {
    const nothing = { median: null, p95: null, n: 0 }
    expect(await metricValues()).toMatchObject({
      deployments: 0,
      days: 1,
      buckets: [{ start: at('00:00:00'), count: 0 }],
      leadTime: nothing,
      recovery: { median: null, n: 0 },
      duration: nothing,
      promotionLead: nothing,
    })
  })
})

describe('failures', () => {
  test('count once each: as failed, else as reported, else as inferred', async () => {
    const [v1, v2] = [
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:00:00') }),
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:10:00') }),
    ]
    const failed = tenant.recorded({ imageTag: 'v3', deployedAt: at('10:20:00'), status: 'FAILED' })
    await log.given(v1, v2, failed, tenant.recorded({ imageTag: 'v1', deployedAt: at('10:30:00') }))
    expect(await metricValues()).toMatchObject({ deployments: 4, failed: 1, reported: 0, inferred: 1 })
    // when: two report a rollback of the failed deployment, then one of the deployment with an inferred rollback
    await log.given(
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:40:00'), rollbackOf: failed.id }),
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:50:00'), rollbackOf: failed.id }),
    )
    expect(await metricValues()).toMatchObject({ deployments: 6, failed: 1, reported: 0, inferred: 1 })
    await log.given(tenant.recorded({ imageTag: 'v1', deployedAt: at('11:00:00'), rollbackOf: v2.id }))
    expect(await metricValues()).toMatchObject({ deployments: 7, failed: 1, reported: 1, inferred: 0 })
  })

  describe('a rollback that is reported', () => {
    const own = '0198c0de-0000-7000-8000-00000000000a'

    test.each<[string, (named: string) => Parameters<Tenant['recorded']>[0]]>([
      ['by a deployment of another application', named => ({ application: 'search', rollbackOf: named })],
      ['by a deployment of another environment', named => ({ environment: 'staging', rollbackOf: named })],
      ['by a failed deployment', named => ({ status: 'FAILED', environment: 'Prod', rollbackOf: named })],
      ['by a pending deployment', named => ({ status: 'PENDING', rollbackOf: named })],
      ['by the deployment itself', () => ({ id: own, rollbackOf: own })],
    ])('%s does not count, in either order of arrival', async (_, naming) => {
      const moments = [{}, { asOf: at('20:00:00') }, { knownAt: '2026-11-21T12:00:00Z' }]
      for (const order of [1, -1]) {
        tenant = new Tenant(log)
        const named = tenant.recorded({ deployedAt: at('10:00:00') })
        const other = tenant.recorded({ ...naming(named.id), imageTag: 'v2', deployedAt: at('10:30:00') })
        const events = order === 1 ? [named, other] : [other, named]
        for (const event of events) await log.given(event)
        for (const moment of moments) expect(await metricValues(moment)).toMatchObject({ reported: 0, inferred: 0 })
      }
    })

    test('counts once its deployment succeeds, and not after a correction to FAILED', async () => {
      const named = tenant.recorded({ deployedAt: at('10:00:00') })
      const naming = { imageTag: 'v2', deployedAt: at('10:30:00'), status: 'PENDING', rollbackOf: named.id } as const
      const pending = tenant.recorded(naming)
      await log.given(named, pending)
      expect(await metricValues()).toMatchObject({ reported: 0 })
      const done = { type: 'DeploymentCompleted', status: 'DEPLOYED', completedAt: at('11:00:00') } as const
      await log.given(afterwards(pending, done))
      expect(await metricValues()).toMatchObject({ reported: 1 })
      expect(await metricValues({ asOf: at('10:59:59') })).toMatchObject({ reported: 0 })
      expect(await metricValues({ asOf: at('11:00:00') })).toMatchObject({ reported: 1 })
      const corrections = [{ field: 'status' as const, before: 'DEPLOYED', after: 'FAILED' }]
      await log.given(afterwards(pending, { type: 'DeploymentCorrected', corrections, reason: 'it did not' }))
      expect(await metricValues()).toMatchObject({ reported: 0, failed: 1 })
    })

    test('counts across environments that the pipeline makes one', async () => {
      const named = tenant.recorded({ environment: 'prod', deployedAt: at('10:00:00') })
      await log.given(named, tenant.recorded({ environment: 'eu', deployedAt: at('10:30:00'), rollbackOf: named.id }))
      expect(await metricValues()).toMatchObject({ reported: 0 })
      const decided = new Decided(tenant.name)
      await log.given(...decided.putPipeline({ environments: [{ name: 'production', aliases: ['prod', 'EU'] }] }))
      expect(await metricValues()).toMatchObject({ deployments: 2, reported: 1 })
    })
  })

  test('exclude inferred rollbacks from counts and recovery with `rollbacks: reported`', async () => {
    const tags = ['v1', 'v2', 'v1']
    await log.given(...tags.map((imageTag, n) => tenant.recorded({ imageTag, deployedAt: at(`10:${n}0:00`) })))
    expect(await metricValues()).toMatchObject({ inferred: 1, recovered: 1 })
    expect(await metricValues({ rollbacks: 'reported' })).toMatchObject({ inferred: 0, recovered: 0, open: 0 })
  })

  test('count in the window in which they finished, also where they were undone later', async () => {
    const tags = ['v1', 'v2', 'v1']
    await log.given(...tags.map((imageTag, n) => tenant.recorded({ imageTag, deployedAt: at(`1${n}:00:00`) })))
    const window = { from: at('11:00:00'), to: at('12:00:00') }
    expect(await metricValues(window)).toMatchObject({ deployments: 1, inferred: 1, recovery: { median: minutes(60) } })
    expect(await metricValues({ ...window, asOf: at('11:59:59') })).toMatchObject({ deployments: 1, inferred: 0 })
    expect(await metricValues({ ...window, asOf: at('12:00:00') })).toMatchObject({ deployments: 1, inferred: 1 })
  })

  test('recover with the next success by finish in their slot, also one rolled back later, and are open until then', async () => {
    const failed = tenant.recorded({ status: 'FAILED', deployedAt: at('10:00:00') })
    const slow = tenant.recorded({ deployedAt: at('09:00:00'), completedAt: at('10:30:00') })
    const quick = tenant.recorded({ deployedAt: at('10:05:00'), completedAt: at('10:20:00') })
    await log.given(
      failed,
      slow,
      quick,
      tenant.recorded({ application: 'search', deployedAt: at('10:01:00') }),
      tenant.recorded({ environment: 'dev', deployedAt: at('10:01:00') }),
    )
    await log.given(afterwards(quick, { type: 'DeploymentRolledBack', rolledBackAt: at('10:21:00') }))
    const window = { from: at('10:00:00'), to: at('10:00:01') }
    expect(await metricValues(window)).toMatchObject({ recovered: 1, open: 0, recovery: { median: minutes(20), n: 1 } })
    expect(await metricValues({ ...window, asOf: at('10:15:00') })).toMatchObject({ recovered: 0, open: 1 })
  })

  test('recover in log order where all finish at one instant', async () => {
    const order = ['DEPLOYED', 'FAILED', 'FAILED', 'DEPLOYED'] as const
    await log.given(...order.map(status => tenant.recorded({ status })))
    expect(await metricValues()).toMatchObject({ failed: 2, recovered: 2, open: 0, recovery: { median: 0 } })
    await log.given(tenant.recorded({ status: 'FAILED' }))
    expect(await metricValues()).toMatchObject({ failed: 3, recovered: 2, open: 1 })
  })
})

describe('time metrics', () => {
  test('leadTime ends at the finish of the first success with a commit, and omits commits without a time and redeployments', async () => {
    const commit = (sha: string, time: string) => ({ sha, committedAt: at(time) })
    await log.given(
      tenant.recorded({ status: 'FAILED', deployedAt: at('08:30:00'), commits: [commit('a', '08:00:00')] }),
      tenant.recorded({
        deployedAt: at('08:50:00'),
        completedAt: at('09:00:00'),
        commits: [commit('a', '08:00:00'), commit('b', '08:30:00'), commit('b', '08:59:00')],
      }),
      tenant.recorded({ deployedAt: at('09:10:00'), commits: [commit('a', '08:00:00'), commit('c', '09:10:30')] }),
      tenant.recorded({ deployedAt: at('09:20:00'), gitCommit: 'd' }),
      tenant.recorded({ deployedAt: at('09:30:00'), commits: [commit('d', '09:00:00')] }),
    )
    const { leadTime } = await metricValues()
    expect(leadTime).toEqual({ median: minutes(30), p95: minutes(30) + (minutes(60) - minutes(30)) * 0.9, n: 3 })
    // A commit of an earlier success counts no more in later ones.
    expect(await metricValues({ from: at('09:15:00') })).toMatchObject({ leadTime: { n: 0 } })
    expect(await metricValues({ from: at('09:05:00') })).toMatchObject({ leadTime: { median: -30_000, n: 1 } })
  })

  test('duration covers successes with a completion time', async () => {
    await log.given(
      tenant.recorded({ completedAt: at('10:05:00') }),
      tenant.recorded({ completedAt: at('10:10:00.001') }),
      tenant.recorded({ completedAt: at('10:59:00'), status: 'FAILED' }),
      tenant.recorded({}),
    )
    expect((await metricValues()).duration).toEqual({ median: 450_000.5, p95: 300_000 + 300_001 * 0.95, n: 2 })
  })

  test('promotionLead runs from the first success of a tag in the first environment to its first in this one', async () => {
    const promoted = (imageTag: string, environment: string, deployedAt: string, more = {}) =>
      tenant.recorded({ imageTag, environment, deployedAt, ...more })
    await log.given(
      promoted('v1', 'dev', at('08:00:00'), { completedAt: at('08:10:00') }),
      promoted('v1', 'dev', at('08:30:00')),
      promoted('v1', 'prod', at('09:00:00'), { status: 'FAILED' }),
      promoted('v1', 'prod', at('10:00:00')),
      promoted('v1', 'prod', at('11:00:00')),
      promoted('v2', 'prod', at('09:00:00')),
      promoted('v2', 'dev', at('09:00:01')),
      promoted('v3', 'prod', at('09:00:00')),
      promoted('v4', 'dev', at('09:00:00')),
      promoted('v4', 'prod', at('09:00:00')),
      promoted('v5', 'dev', at('09:00:00'), { application: 'search' }),
      promoted('v5', 'prod', at('10:00:00')),
    )
    expect((await metricValues()).promotionLead).toMatchObject({ median: minutes(55), n: 2 })
    expect((await metricValues({ environment: 'dev' })).promotionLead).toEqual({ median: 0, p95: 0, n: 4 })
    expect((await metricValues({ from: at('10:30:00') })).promotionLead.n).toBe(0)
  })
})

describe('incidents', () => {
  const incident = (facts: Parameters<typeof opened>[0] = {}) => opened({ tenant: tenant.name, ...facts })
  const nothing = { failed: 0, reported: 0, inferred: 0, incidents: 0, unattributed: 0 }

  test('count after all other failures, several of one deployment once: 4 of 9', async () => {
    const deployed = Array.from({ length: 9 }, (_, n) => {
      return tenant.recorded({ imageTag: `v${n}`, deployedAt: at(`1${n}:00:00`), ...(n === 0 && { status: 'FAILED' }) })
    })
    const back = afterwards(deployed[1]!, { type: 'DeploymentRolledBack', rolledBackAt: at('11:30:00') })
    const times = ['11:10:00', '13:10:00', '13:20:00', '15:10:00', '15:20:00']
    const cancelled = tenant.recorded({ imageTag: 'v9', deployedAt: at('12:30:00'), status: 'CANCELLED' })
    await log.given(...deployed, back, cancelled, ...times.map(time => incident({ startedAt: at(time) })))
    // An incident of the failed one changes nothing, nor does one of the cancelled one.
    const none = [deployed[0]!, cancelled].map(({ id }) => incident({ deploymentId: id, startedAt: at('10:01:00') }))
    await log.given(...none)
    expect(await metricValues()).toMatchObject({
      deployments: 9,
      cancelled: 1,
      successes: 8,
      ...nothing,
      failed: 1,
      reported: 1,
      incidents: 2,
      recovered: 4,
      open: 0,
    })
  })

  test('recover when all are resolved, from the first start; else with the next success; and are open until then', async () => {
    const v1 = tenant.recorded({ imageTag: 'v1', deployedAt: at('10:00:00') })
    const [first, second] = [incident({ startedAt: at('10:10:00') }), incident({ startedAt: at('10:20:00') })]
    await log.given(v1, first, second)
    expect(await metricValues()).toMatchObject({ ...nothing, incidents: 1, recovered: 0, open: 1 })
    await log.given(resolved(second, at('10:40:00')))
    expect(await metricValues()).toMatchObject({ incidents: 1, recovered: 0, open: 1 })
    await log.given(tenant.recorded({ imageTag: 'v2', deployedAt: at('11:00:00') }))
    expect(await metricValues()).toMatchObject({ recovered: 1, open: 0, recovery: { median: minutes(50), n: 1 } })
    await log.given(resolved(first, at('10:30:00')))
    expect(await metricValues()).toMatchObject({ recovered: 1, open: 0, recovery: { median: minutes(30), n: 1 } })
    const asOf = (time: string) => metricValues({ asOf: at(time) })
    expect(await asOf('10:09:59')).toMatchObject({ incidents: 0, open: 0 })
    expect(await asOf('10:35:00')).toMatchObject({ incidents: 1, recovered: 0, open: 1 })
    expect(await asOf('10:40:00')).toMatchObject({ incidents: 1, recovered: 1, recovery: { median: minutes(30) } })
  })

  test('recover with a success after their start, not with an earlier one', async () => {
    const v1 = tenant.recorded({ imageTag: 'v1', deployedAt: at('10:00:00') })
    await log.given(
      v1,
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:30:00') }),
      incident({ deploymentId: v1.id, startedAt: at('11:00:00') }),
    )
    expect(await metricValues()).toMatchObject({ incidents: 1, recovered: 0, open: 1 })
    await log.given(tenant.recorded({ imageTag: 'v3', deployedAt: at('11:00:00') }))
    expect(await metricValues()).toMatchObject({ incidents: 1, recovered: 0, open: 1 })
    await log.given(tenant.recorded({ imageTag: 'v4', deployedAt: at('11:00:01') }))
    expect(await metricValues()).toMatchObject({ incidents: 1, recovered: 1, recovery: { median: 1000 } })
  })

  test('of an inferred rollback count with `rollbacks: reported` only', async () => {
    const [v1, v2] = [
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:00:00') }),
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:10:00') }),
    ]
    const one = incident({ startedAt: at('10:15:00') })
    await log.given(v1, v2, one, tenant.recorded({ imageTag: 'v1', deployedAt: at('10:40:00') }))
    const reported = () => metricValues({ rollbacks: 'reported' })
    expect(await metricValues()).toMatchObject({ ...nothing, inferred: 1, recovery: { median: minutes(30), n: 1 } })
    expect(await reported()).toMatchObject({ ...nothing, incidents: 1, recovery: { median: minutes(25), n: 1 } })
    await log.given(resolved(one, at('10:20:00')))
    expect(await metricValues()).toMatchObject({ ...nothing, inferred: 1, recovery: { median: minutes(30), n: 1 } })
    expect(await reported()).toMatchObject({ ...nothing, incidents: 1, recovery: { median: minutes(5), n: 1 } })
  })

  test('that no deployment can carry are counted by their start, in their environment and application', async () => {
    const v1 = tenant.recorded({ deployedAt: at('10:00:00') })
    const early = incident({ startedAt: at('09:59:59') })
    await log.given(
      v1,
      early,
      incident({ startedAt: at('10:00:00') }),
      incident({ startedAt: at('10:30:00'), application: 'search' }),
      incident({ startedAt: at('10:30:00'), environment: 'dev' }),
      incident({ startedAt: at('10:30:00'), deploymentId: randomUUID() }),
      incident({ startedAt: at('10:30:00'), deploymentId: v1.id, environment: 'dev' }),
      incident({ startedAt: at('10:30:00'), deploymentId: randomUUID(), environment: 'prod' }),
    )
    expect(await metricValues()).toMatchObject({ incidents: 1, unattributed: 3 })
    expect(await metricValues({ application: 'checkout' })).toMatchObject({ incidents: 1, unattributed: 1 })
    expect(await metricValues({ environment: 'dev' })).toMatchObject({ incidents: 0, unattributed: 2 })
    expect(await metricValues({ from: at('09:59:59'), to: at('10:30:00') })).toMatchObject({ unattributed: 1 })
    // when: the deployment that one of them needs is reported late
    await log.given(tenant.recorded({ deployedAt: at('09:00:00') }))
    expect(await metricValues()).toMatchObject({ incidents: 2, unattributed: 2 })
    expect(await metricValues({ asOf: at('09:59:59') })).toMatchObject({ incidents: 1, unattributed: 0 })
  })

  test('with knownAt are those that were known, of the deployments that were known', async () => {
    const told = (minute: string) => ({ recordedTime: `2026-03-01T10:${minute}:00Z` })
    const [v1, v2] = [
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:00:00'), ...told('01') }),
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:10:00'), ...told('03') }),
    ]
    const one = incident({ startedAt: at('10:20:00'), ...told('02') })
    await log.given(v1, one, v2, resolved(one, at('10:25:00'), told('04').recordedTime))
    const failing = async (minute: string) => {
      const knownAt = told(minute).recordedTime
      const ids: unknown[] = []
      for (const { id } of [v1, v2]) {
        const record = await tenant.find(id, { knownAt })
        if (record && 'incidents' in record) ids.push(record['imageTag'])
      }
      const { incidents, open, recovery } = await metricValues({ knownAt })
      return { ids, incidents, open, median: recovery.median }
    }
    expect(await failing('01')).toEqual({ ids: [], incidents: 0, open: 0, median: null })
    expect(await failing('02')).toEqual({ ids: ['v1'], incidents: 1, open: 1, median: null })
    expect(await failing('03')).toEqual({ ids: ['v2'], incidents: 1, open: 1, median: null })
    expect(await failing('04')).toEqual({ ids: ['v2'], incidents: 1, open: 0, median: minutes(5) })
  })
})
