import { Tenant } from '#test/specs/read-models/asking'
import { afterwards, GivenLog } from '#test/specs/read-models/given-log'
import type { AsOf } from '../../sql/as-of.js'
import type { Bucket, MetricValues } from '../definition/metric-values.js'
import { metricValuesAsOf } from './values-as-of.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

async function metricValues(
  [from, to]: [from: string, to: string],
  timezone: string,
  bucket: Bucket,
  moment: AsOf = {},
): Promise<MetricValues> {
  const request = { tenant: tenant.name, from, to, timezone, bucket, rollbacks: 'all' as const, ...moment }
  return (await metricValuesAsOf(log.query, request)).body
}

const successesAt = (...times: string[]) => log.given(...times.map(deployedAt => tenant.recorded({ deployedAt })))

describe('buckets', () => {
  test('begin with the one that contains the start of the window, include empty ones, and count within the window only', async () => {
    await successesAt(
      '2026-02-09T00:00:00Z',
      '2026-02-11T12:00:00Z',
      '2026-02-13T23:59:59.999Z',
      '2026-02-14T00:00:00Z',
    )
    const { buckets, days } = await metricValues(['2026-02-11T12:00:00Z', '2026-02-14T00:00:00Z'], 'UTC', 'day')
    expect(buckets).toEqual([
      { start: '2026-02-11T00:00:00Z', count: 1 },
      { start: '2026-02-12T00:00:00Z', count: 0 },
      { start: '2026-02-13T00:00:00Z', count: 1 },
    ])
    expect(days).toBe(3)
    const weeks = await metricValues(['2026-02-11T12:00:00Z', '2026-02-16T00:00:00.001Z'], 'UTC', 'week')
    expect(weeks.buckets).toEqual([
      { start: '2026-02-09T00:00:00Z', count: 3 },
      { start: '2026-02-16T00:00:00Z', count: 0 },
    ])
    expect(weeks.days).toBe(6)
    const months = await metricValues(['2026-02-11T12:00:00Z', '2026-02-11T12:00:00.001Z'], 'UTC', 'month')
    expect(months).toMatchObject({ buckets: [{ start: '2026-02-01T00:00:00Z', count: 1 }], days: 1 })
  })

  test.each([
    ['a day of 23 hours', 'Europe/Berlin', ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'], 1],
    ['a day of 25 hours', 'Europe/Berlin', ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'], 1],
    ['a day of an offset with quarter hours', 'Asia/Kathmandu', ['2026-02-11T18:15:00Z', '2026-02-12T18:15:00Z'], 1],
    ['the day before a skipped midnight', 'America/Havana', ['2026-03-07T05:00:00Z', '2026-03-08T05:00:00Z'], 1],
    ['the day of a skipped midnight', 'America/Havana', ['2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'], 1],
    ['the day of a repeated midnight', 'America/Havana', ['2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'], 1],
  ] as const)('have the bounds of %s (%s)', async (_what, timezone, [start, end], days) => {
    const last = new Date(Date.parse(end) - 1).toISOString()
    await successesAt(new Date(Date.parse(start) - 1).toISOString(), start, last, end)
    const day = await metricValues([start, end], timezone, 'day')
    expect(day).toMatchObject({ successes: 2, days, buckets: [{ start, count: 2 }] })
    // A millisecond more touches, and counts, the next day.
    const more = await metricValues([last, new Date(Date.parse(end) + 1).toISOString()], timezone, 'day')
    expect(more).toMatchObject({ successes: 2, days: 2 })
    expect(more.buckets).toEqual([
      { start, count: 1 },
      { start: end, count: 1 },
    ])
  })

  test.each([
    [
      'no bucket for a skipped day',
      'Pacific/Apia',
      ['2011-12-29T10:00:00Z', '2011-12-31T10:00:00Z'],
      ['2011-12-29T10:00:00Z', '2011-12-30T10:00:00Z'],
    ],
    [
      'a window that ends on the day before its start, where the clocks go back over midnight',
      'America/St_Johns',
      ['2010-11-07T02:30:30Z', '2010-11-07T02:40:00Z'],
      ['2010-11-06T02:30:00Z', '2010-11-07T02:30:00Z'],
    ],
  ] as [string, string, [string, string], string[]][])(
    'follow the calendar of the time zone: %s (%s)',
    async (_what, timezone, window, starts) => {
      const buckets = starts.map(start => ({ start, count: 0 }))
      expect(await metricValues(window, timezone, 'day')).toMatchObject({ days: 2, buckets })
    },
  )

  test('begin on Monday for weeks and on the first for months, in the time zone', async () => {
    const window: [string, string] = ['2026-03-29T12:00:00Z', '2026-04-06T12:00:00Z']
    expect((await metricValues(window, 'Europe/Berlin', 'week')).buckets).toEqual([
      { start: '2026-03-22T23:00:00Z', count: 0 },
      { start: '2026-03-29T22:00:00Z', count: 0 },
      { start: '2026-04-05T22:00:00Z', count: 0 },
    ])
    expect((await metricValues(window, 'America/New_York', 'month')).buckets).toEqual([
      { start: '2026-03-01T05:00:00Z', count: 0 },
      { start: '2026-04-01T04:00:00Z', count: 0 },
    ])
  })
})

describe('metricValuesAsOf', () => {
  const window: [string, string] = ['2026-02-12T00:00:00Z', '2026-02-13T00:00:00Z']
  const at = (time: string) => `2026-02-12T${time}Z`

  test('counts with asOf a deployment from its finish on, and its rollback from its time on', async () => {
    const slow = tenant.recorded({ deployedAt: at('10:00:00'), completedAt: at('10:30:00') })
    await log.given(slow)
    await log.given(afterwards(slow, { type: 'DeploymentRolledBack', rolledBackAt: at('11:00:00') }))
    const until = (asOf: string) => metricValues(window, 'UTC', 'day', { asOf })
    expect(await until(at('10:29:59.999'))).toMatchObject({ deployments: 0 })
    expect(await until(at('10:30:00'))).toMatchObject({ deployments: 1, successes: 1, reported: 0 })
    expect(await until(at('11:00:00'))).toMatchObject({ deployments: 1, successes: 1, reported: 1, open: 1 })
  })

  test('does not count with asOf a deployment that was pending until its later rollback', async () => {
    const pending = tenant.recorded({ deployedAt: at('10:00:00'), status: 'PENDING' })
    await log.given(pending, afterwards(pending, { type: 'DeploymentRolledBack', rolledBackAt: at('12:00:00') }))
    const until = (asOf: string) => metricValues(window, 'UTC', 'day', { asOf })
    expect(await until(at('11:59:59.999'))).toMatchObject({ deployments: 0, failed: 0, reported: 0, open: 0 })
    expect(await until(at('12:00:00'))).toMatchObject({ deployments: 1, failed: 0, reported: 1, open: 1 })
  })

  test('counts with knownAt what had been recorded by then, without later deployments and corrections', async () => {
    const recordedAt = (imageTag: string, start: string, recordedTime: string) =>
      tenant.recorded({ imageTag, deployedAt: at(start), recordedTime })
    const [v2, v1] = [recordedAt('v2', '10:10:00', at('10:11:00')), recordedAt('v1', '10:20:00', at('10:21:00'))]
    await log.given(v2, v1, recordedAt('v1', '10:00:00', at('12:00:00')))
    await log.given({
      ...afterwards(v2, {
        type: 'DeploymentCorrected',
        corrections: [{ field: 'status', before: 'DEPLOYED', after: 'FAILED' }],
        reason: 'it was not so',
      }),
      recordedTime: at('13:00:00'),
    })
    const known = (knownAt: string) => metricValues(window, 'UTC', 'day', { knownAt })
    expect(await known(at('10:10:59'))).toMatchObject({ deployments: 0 })
    expect(await known(at('11:59:59'))).toMatchObject({ deployments: 2, inferred: 0 })
    expect(await known(at('12:00:00'))).toMatchObject({ deployments: 3, inferred: 1, failed: 0 })
    expect(await known(at('13:00:00'))).toMatchObject({ deployments: 3, inferred: 0, failed: 1 })
    const both = { knownAt: at('12:30:00'), asOf: at('10:15:00') }
    expect(await metricValues(window, 'UTC', 'day', both)).toMatchObject({ deployments: 2, inferred: 0 })
  })
})
