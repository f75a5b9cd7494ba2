import type { Query } from '#libs/postgres'
import {
  currentPage,
  driftMatrix,
  environmentDrift,
  historyPage,
  rollupMetricValues,
  metricValuesAsOf,
  tagPath,
} from '#libs/read-models'
import type { Asked } from './asked.js'
import { year } from './made-up-year.js'

/** A query that is repeated with other applications, tags or instants. */
export interface Question {
  name: string
  /** Path and query string of the n-th request. */
  path(n: number): string
  /** The read model query of the app for it. */
  ask(query: Query, n: number): Promise<unknown>
  /** Reads all pages, not only the first. */
  allPages?: boolean
  /** Number of items on a page. */
  count(page: unknown): number
  /** Number of items on all pages; any by default. */
  expected?: number
  /** Takes seconds: only its SQL is run, once a round. */
  slow?: boolean
}

/** Number of different requests. */
export const VARIANTS = 16

const { tenant, source, target } = year
const deployments = '/api/v1/platform/deployments'
const window = `environment=${target}&from=${year.from}&to=${year.to}`
const figures = { tenant, environment: target, from: year.from, to: year.to, rollbacks: 'all' } as const
const zone = 'America/St_Johns'
/** A time after all data: a bitemporal query that sees everything. */
const AFTER_ALL = '2026-06-01T00:00:00Z'

const inList = (page: unknown) => (page as unknown[]).length
const inApplications = (page: unknown) => (page as { applications: unknown[] }).applications.length
const daysCounted = (page: unknown) =>
  (page as { deploymentFrequency: { buckets: unknown[] } }).deploymentFrequency.buckets.length

/** Instants in the second half of the year. */
const instant = (n: number) =>
  new Date(Date.parse(year.to) - (11 * n + 1) * 86_400_000).toISOString().replace('.000Z', 'Z')

/** The queries of the largest tenant. */
export function questionsOf({ running, places, compared, applications }: Asked) {
  const of = (n: number) => running[n % running.length]!
  const history: Question = {
    name: 'history page of 50',
    path: n => `${deployments}/history?application=${of(n).application}`,
    ask: (query, n) => historyPage(query, { tenant, filters: { application: of(n).application }, limit: 50 }),
    count: inList,
  }
  const current = (limit: number): Question => ({
    name: `what runs, page of ${limit}`,
    path: () => `${deployments}/current?limit=${limit}`,
    ask: query => currentPage(query, { tenant, filters: {}, limit }),
    count: inList,
    expected: Math.min(limit, places),
  })
  const currentThen = (limit: number): Question => ({
    name: `what ran at an instant, page of ${limit}`,
    path: n => `${deployments}/current?limit=${limit}&asOf=${instant(n)}`,
    ask: (query, n) => currentPage(query, { tenant, filters: {}, limit, moment: { asOf: instant(n) } }),
    count: inList,
  })
  const thenKnown: Question = {
    name: 'what ran at an instant as it was known later, page of 50',
    path: n => `${deployments}/current?limit=50&asOf=${instant(n)}&knownAt=${instant(n - 1)}`,
    ask: (query, n) =>
      currentPage(query, { tenant, filters: {}, limit: 50, moment: { asOf: instant(n), knownAt: instant(n - 1) } }),
    count: inList,
  }
  const historyThen: Question = {
    name: 'history page of 50 as it was known at an instant',
    path: n => `${history.path(n)}&knownAt=${instant(n)}`,
    ask: (query, n) => {
      const filters = { application: of(n).application }
      return historyPage(query, { tenant, filters, limit: 50, moment: { knownAt: instant(n) } })
    },
    count: inList,
  }
  const drift: Question = {
    name: 'drift of all applications, two environments',
    path: () => `${deployments}/drift?source=${source}&target=${target}&limit=500`,
    ask: query => everyPage(cursor => environmentDrift(query, { tenant, source, target, limit: 500, cursor })),
    allPages: true,
    count: inApplications,
    expected: compared,
  }
  const driftThen: Question = {
    ...drift,
    name: 'the same drift at an instant',
    path: n => `${drift.path(n)}&asOf=${instant(n)}`,
    ask: (query, n) =>
      everyPage(cursor => environmentDrift(query, { tenant, source, target, asOf: instant(n), limit: 500, cursor })),
    expected: undefined,
  }
  const matrix: Question = {
    name: 'drift matrix of all applications, page of 50',
    path: () => `${deployments}/drift?limit=50`,
    ask: query => driftMatrix(query, { tenant, limit: 50 }),
    count: inApplications,
    expected: Math.min(50, applications),
  }
  const metrics: Question = {
    name: 'metrics of a year',
    path: () => `${deployments}/metrics?${window}`,
    ask: query => rollupMetricValues(query, { ...figures, bucket: 'day', timezone: 'UTC' }),
    count: daysCounted,
    expected: year.days,
  }
  const metricsByWeek: Question = {
    name: 'metrics of a year by week, in a time zone',
    path: () => `${deployments}/metrics?${window}&bucket=week&timezone=${encodeURIComponent(zone)}`,
    ask: query => rollupMetricValues(query, { ...figures, bucket: 'week', timezone: zone }),
    count: daysCounted,
  }
  const metricsOnTheFly: Question = {
    name: 'metrics of a year on the fly',
    path: () => `${deployments}/metrics?${window}&asOf=${AFTER_ALL}`,
    ask: query => metricValuesAsOf(query, { ...figures, bucket: 'day', timezone: 'UTC', asOf: AFTER_ALL }),
    count: daysCounted,
    slow: true,
  }
  const path: Question = {
    name: 'path of a tag',
    path: n => `${deployments}/tag/${of(n).imageTag}/path?application=${of(n).application}`,
    ask: (query, n) => tagPath(query, { tenant, ...of(n), limit: 500 }),
    count: inList,
  }
  const [current50, current500, then50, then500] = [current(50), current(500), currentThen(50), currentThen(500)]
  const ofDrift = { drift, driftThen, matrix }
  const historical = { then50, then500, thenKnown, historyThen }
  return { history, current50, current500, ...historical, ...ofDrift, metrics, metricsByWeek, metricsOnTheFly, path }
}

export type Questions = ReturnType<typeof questionsOf>

interface Paged {
  body: object
}

async function everyPage(read: (cursor?: string) => Promise<Paged>): Promise<void> {
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const { body } = await read(cursor)
    cursor = 'next' in body ? (body.next as string | undefined) : undefined
  }
}
