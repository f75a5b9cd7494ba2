import fc from 'fast-check'
import type { DeploymentStatus } from '#libs/contracts'
import { Tenant } from '#test/specs/read-models/asking'
import { Decided } from '#test/specs/read-models/decided'
import { afterwards, GivenLog } from '#test/specs/read-models/given-log'
import { runs } from '#test/kit'
import { ReadModels } from '../../database/read-models.js'
import { buckets, type MetricValuesRequest } from '../definition/metric-values.js'
import { rollupMetricValues } from './rollup.js'
import { metricValuesAsOf } from '../historical/values-as-of.js'

const MINUTE = 60_000
const begin = Date.UTC(2026, 1, 20)
const WEEKS = 12
const instantOf = (ms: number) => new Date(ms).toISOString()

// Seconds from `begin`, about half of them around midnight. The weeks contain the change of clocks in Europe.
const second = fc.oneof(
  fc.nat(WEEKS * 7 * 86_400),
  fc.tuple(fc.nat(WEEKS * 7), fc.integer({ min: -7200, max: 7200 })).map(([day, s]) => Math.max(0, day * 86_400 + s)),
)
const deployment = fc.record({
  application: fc.constantFrom('checkout', 'search', 'mail'),
  environment: fc.constantFrom('dev', 'production', 'production'),
  imageTag: fc.nat(30).map(n => `v${n}`),
  status: fc.constantFrom<DeploymentStatus>('DEPLOYED', 'DEPLOYED', 'DEPLOYED', 'FAILED', 'ROLLED_BACK', 'PENDING'),
  start: second,
  // Some are equal, some are nearly so, some are far apart.
  length: fc.option(
    fc.oneof(fc.constantFrom(0, 60_000), fc.integer({ min: 59_000, max: 61_000 }), fc.nat(86_400_000)),
    {
      nil: undefined,
    },
  ),
  unplanned: fc.boolean(),
  commits: fc.array(fc.record({ sha: fc.nat(40).map(String), committed: second }), { maxLength: 3 }),
  later: fc.option(second, { nil: undefined, freq: 4 }),
})

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
]
const aligned = [MINUTE, 30 * MINUTE, 60 * MINUTE, 24 * 60 * MINUTE, 7 * 24 * 60 * MINUTE]
const instant = fc
  .tuple(
    fc.integer({ min: -86_400, max: WEEKS * 7 * 86_400 + 86_400 }),
    fc.nat(999),
    fc.option(fc.constantFrom(...aligned)),
  )
  .map(([s, ms, unit]) => begin + (unit === null ? s * 1000 + ms : Math.floor((s * 1000) / unit) * unit))
const request = fc.record({
  ends: fc.tuple(instant, instant).filter(([a, b]) => a !== b),
  bucket: fc.constantFrom(...buckets),
  timezone: fc.constantFrom(...zones),
  environment: fc.constantFrom('production', 'prod', 'dev', 'qa', undefined),
  application: fc.constantFrom('checkout', 'search', 'nothing', undefined, undefined, undefined, undefined),
  rollbacks: fc.constantFrom('all' as const, 'reported' as const),
})

describe('rollupMetricValues', () => {
  let log: GivenLog
  beforeAll(async () => {
    log = await GivenLog.start()
  })
  afterAll(() => log.end())

  async function given(tenant: Tenant, deployments: (typeof deployment extends fc.Arbitrary<infer T> ? T : never)[]) {
    const events = deployments.flatMap(({ start, length, commits, later, ...facts }) => {
      const deployedAt = begin + start * 1000
      const first = tenant.recorded({
        ...facts,
        deployedAt: instantOf(deployedAt),
        ...(length !== undefined && facts.status !== 'PENDING' && { completedAt: instantOf(deployedAt + length) }),
        commits: commits.map(({ sha, committed }) => ({ sha, committedAt: instantOf(begin + committed * 1000) })),
      })
      if (later === undefined) return [first]
      const corrections = [
        { field: 'deployedAt' as const, after: instantOf(begin + later * 1000) },
        { field: 'completedAt' as const },
      ]
      return [first, afterwards(first, { type: 'DeploymentCorrected', corrections, reason: 'another clock' })]
    })
    log.append(events)
    await log.project([50])
  }

  test('equals metricValuesAsOf for any window, bucket, time zone and application', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(deployment, { minLength: 1, maxLength: 150, size: 'max' }),
        fc.array(request, { minLength: 12, maxLength: 12 }),
        async (deployments, requests) => {
          const tenant = new Tenant(log)
          await given(tenant, deployments)
          for (const { ends, ...requested } of requests) {
            const [from, to] = ends.toSorted((a, b) => a - b).map(instantOf) as [string, string]
            const request: MetricValuesRequest = { tenant: tenant.name, from, to, ...requested }
            const { body, positions } = await rollupMetricValues(log.query, request)
            const visible = await metricValuesAsOf(log.query, request)
            expect({ request, body, positions }).toEqual({ request, ...visible })
          }
        },
      ),
      { numRuns: runs(40) },
    )
  }, 300_000)

  test('measures promotionLead from the first environment of the pipeline of the tenant', async () => {
    const tenant = new Tenant(log)
    await log.given(
      tenant.recorded({ environment: 'build', imageTag: 'v1', deployedAt: instantOf(begin) }),
      tenant.recorded({ environment: 'production', imageTag: 'v1', deployedAt: instantOf(begin + 5 * MINUTE) }),
    )
    const request: MetricValuesRequest = {
      tenant: tenant.name,
      from: instantOf(begin),
      to: instantOf(begin + 60 * MINUTE),
      bucket: 'day',
      timezone: 'UTC',
      rollbacks: 'all',
    }
    const promotionLead = async () => (await rollupMetricValues(log.query, request)).body.promotionLead
    expect(await promotionLead()).toEqual({ median: null, p95: null, n: 0 })
    await log.given(
      ...new Decided(tenant.name).putPipeline({ environments: [{ name: 'build' }, { name: 'production' }] }),
    )
    expect(await promotionLead()).toEqual({ median: 5 * MINUTE, p95: 5 * MINUTE, n: 1 })
  })

  test('does not depend on the time zone of the server', async () => {
    // given: a week and a day that are an hour short in Berlin; in both, a deployment that finished before the window
    const tenant = new Tenant(log)
    const windows = ['2026-03-23T00:30:00Z', '2026-03-29T00:30:00Z']
    await log.given(
      ...windows.flatMap(from =>
        [-20, 10].map(minutes => {
          const [deployedAt, completedAt] = [minutes, minutes + 1].map(m => instantOf(Date.parse(from) + m * MINUTE))
          return tenant.recorded({ environment: 'production', imageTag: from, deployedAt, completedAt })
        }),
      ),
    )
    await log.readModels.query({
      text: `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone TO ''Europe/Berlin''', current_database()); END $$`,
      values: [],
    })
    const abroad = new ReadModels({
      databaseUrl: log.database.url,
      applicationName: 'test',
      access: 'read',
      logger: { info: () => undefined, warn: () => undefined },
    })
    await abroad.open()
    try {
      for (const from of windows) {
        const request: MetricValuesRequest = {
          tenant: tenant.name,
          from,
          to: '2026-05-01T00:00:00Z',
          bucket: 'day',
          timezone: 'UTC',
          rollbacks: 'all',
        }
        const { body } = await rollupMetricValues(abroad.query, request)
        expect({ from, body }).toEqual({ from, body: (await metricValuesAsOf(log.query, request)).body })
      }
    } finally {
      await abroad.close()
    }
  })
})
