import { CountedConnection, type Cost } from '#test/specs/read-models/statement-cost'
import { hardShapes, type Shape } from '#test/specs/shapes/hard-shapes'
import { projectShape, ShapeModels } from '#test/specs/shapes/projected-shape'
import { eventsOfCommands } from '#test/specs/shapes/shape-log'
import type { Query } from '#libs/postgres'
import {
  currentPage,
  driftHistory,
  environmentChanges,
  environmentDrift,
  explainPage,
  historyPage,
  incidentsPage,
  rollupMetricValues,
  metricValuesAsOf,
  tagPath,
  type HistoryFilters,
  type IncidentFilters,
  type AsOf,
} from '../index.js'

const FEW = 500
const GROWTH = 4
const BATCH = 1000

/** The allowed growth of queries over the whole history, and of pages, which may read one more level of an index. */
const MOST = { whole: 5, page: 1.5 }
/** Rows and blocks of the pipeline and the positions, which do not count. */
const FEW_ROWS = 100

/** Shapes in which a query can read many rows that it does not return. */
const SHAPES = [
  'ascending',
  'shuffled',
  'one tag',
  'two tags in turn',
  'all corrected to an earlier time',
  'all marked at the end, at one moment',
  'one commit, three environments',
  'all finished at one moment',
  'each rolling back the one before',
  'all voided at the end',
  'one instant',
  'an incident of each, told late, the latest first',
  'incidents of one deployment, then resolved, the latest first',
  'N places',
  'N applications',
]

interface RequestedTimes {
  /** When a tenth and when half of the deployments had started, and when half of the events were recorded. */
  early: string
  asOf: string
  knownAt: string
}

type QueryCase = [
  name: string,
  cost: keyof typeof MOST,
  run: (query: Query, requested: RequestedTimes) => Promise<unknown>,
]

const [tenant, limit] = ['shapes', 10]
const between = { source: 'staging', target: 'production' }
const years = { tenant, from: '2022-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z', bucket: 'month' } as const
const metricValues = { ...years, timezone: 'UTC', rollbacks: 'all' } as const
const history = (query: Query, filters: HistoryFilters, moment: AsOf = {}) =>
  historyPage(query, { tenant, filters, moment, limit })
const current = (query: Query, moment: AsOf = {}) => currentPage(query, { tenant, filters: {}, moment, limit })
const incidents = (query: Query, filters: IncidentFilters, moment: AsOf = {}) =>
  incidentsPage(query, { tenant, filters, moment, limit })
const inSlot = { application: 'shop', environment: 'production' }

const requests: QueryCase[] = [
  ['history', 'page', query => history(query, {})],
  [
    'history with voided ones',
    'page',
    query => historyPage(query, { tenant, filters: {}, includeVoided: true, limit }),
  ],
  [
    'history of an application with voided ones, with asOf',
    'page',
    (query, { asOf }) =>
      historyPage(query, { tenant, filters: { application: 'shop' }, includeVoided: true, moment: { asOf }, limit }),
  ],
  ['history of an application', 'page', query => history(query, { application: 'shop' })],
  ['history of an environment', 'page', query => history(query, { environment: 'production' })],
  [
    'history of an application with asOf',
    'page',
    (query, { asOf }) => history(query, { application: 'shop' }, { asOf }),
  ],
  [
    'history of an application with an early asOf',
    'page',
    (query, { early }) => history(query, { application: 'shop' }, { asOf: early }),
  ],
  ['history of a tag', 'whole', query => history(query, { imageTag: 'v1' })],
  ['history of a tag with asOf', 'whole', (query, { asOf }) => history(query, { imageTag: 'v1' }, { asOf })],
  ['failed deployments', 'whole', query => history(query, { status: ['FAILED'] })],
  ['failed deployments with asOf', 'whole', (query, { asOf }) => history(query, { status: ['FAILED'] }, { asOf })],
  ['history with knownAt', 'whole', (query, { knownAt }) => history(query, {}, { knownAt })],
  ['history with asOf and knownAt', 'whole', (query, { asOf, knownAt }) => history(query, {}, { asOf, knownAt })],
  ['incidents', 'page', query => incidents(query, {})],
  ['incidents in a slot', 'page', query => incidents(query, inSlot)],
  ['open incidents of an environment', 'whole', query => incidents(query, { environment: 'production', open: true })],
  ['incidents in a slot with asOf', 'page', (query, { asOf }) => incidents(query, inSlot, { asOf })],
  ['incidents with knownAt', 'whole', (query, { knownAt }) => incidents(query, {}, { knownAt })],
  ['current', 'whole', query => current(query)],
  ['current in a slot', 'page', query => currentPage(query, { tenant, filters: inSlot, limit })],
  [
    'current in a slot with asOf',
    'page',
    (query, { asOf }) => currentPage(query, { tenant, filters: inSlot, moment: { asOf }, limit }),
  ],
  ['current with asOf', 'whole', (query, { asOf }) => current(query, { asOf })],
  ['current with knownAt', 'whole', (query, { knownAt }) => current(query, { knownAt })],
  ['current with asOf and knownAt', 'whole', (query, { asOf, knownAt }) => current(query, { asOf, knownAt })],
  ['path of a tag', 'whole', query => tagPath(query, { tenant, imageTag: 'v1', moment: {}, limit })],
  [
    'path of a tag with asOf',
    'whole',
    (query, { asOf }) => tagPath(query, { tenant, imageTag: 'v1', moment: { asOf }, limit }),
  ],
  ['changes between environments', 'whole', query => environmentChanges(query, { tenant, ...between, limit })],
  ['drift', 'whole', query => environmentDrift(query, { tenant, ...between, limit })],
  ['drift with asOf', 'whole', (query, { asOf }) => environmentDrift(query, { tenant, ...between, limit, asOf })],
  [
    'drift history',
    'whole',
    (query, { asOf }) =>
      driftHistory(query, { tenant, ...between, from: '2024-01-01T00:00:00Z', to: asOf, timezone: 'UTC' }),
  ],
  ['metrics', 'whole', query => rollupMetricValues(query, metricValues)],
  ['metrics with asOf', 'whole', (query, { asOf }) => metricValuesAsOf(query, { ...metricValues, asOf })],
  ['metrics with knownAt', 'whole', (query, { knownAt }) => metricValuesAsOf(query, { ...metricValues, knownAt })],
  [
    'explanation of a metric',
    'whole',
    query => explainPage(query, { ...metricValues, metric: 'changeFailRate', limit }),
  ],
]

let models: ShapeModels

beforeAll(async () => {
  models = await ShapeModels.start()
})
afterAll(() => models.end())

describe('rows and blocks read by a query', () => {
  test.each(SHAPES.map(name => [name, hardShapes.find(shape => shape.name === name)!] as const))(
    'depend on the page only, or grow at most linearly with the history: %s',
    async (_, shape) => {
      const few = await costsOf(shape, FEW)
      const many = await costsOf(shape, FEW * GROWTH)
      const grown = requests.map(([name, kind], n) => ({
        name,
        kind,
        few: few[n]!,
        many: many[n]!,
        by: growth(few[n]!, many[n]!),
      }))
      expect(grown.filter(({ kind, by }) => by > MOST[kind])).toEqual([])
    },
  )
})

// A small table has many rows in one block; in a large one each row may be in a block of its own.
function growth(few: Cost, many: Cost): number {
  return (Math.max(many.rows, many.blocks) + FEW_ROWS) / (Math.max(few.rows, few.blocks) + FEW_ROWS)
}

async function costsOf(shape: Shape, events: number): Promise<Cost[]> {
  const count = events / shape.eventsEach
  const all = eventsOfCommands(shape.commands(count))
  await models.empty()
  await projectShape(models.readModels, all, BATCH)
  await models.readModels.query({ text: 'VACUUM ANALYZE', values: [] })
  const middle = all[events / 2]!
  const startOf = (n: number) => new Date(Date.UTC(2024, 0, 1) + n * 600_000).toISOString()
  const requested = {
    early: startOf(count / 10),
    asOf: startOf(count / 2),
    knownAt: middle.headers['ce_recordedtime']!,
  }
  const connection = await CountedConnection.open(models.databaseUrl)
  try {
    const costs: Cost[] = []
    for (const [, , run] of requests) {
      const { rows, blocks } = await connection.costOf(query => run(query, requested))
      costs.push({ rows, blocks })
    }
    return costs
  } finally {
    await connection.close()
  }
}
