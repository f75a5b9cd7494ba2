import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PipelineEvent, PromotionEvent } from '#libs/contracts'
import { absentPromotion, evolvePromotion } from '#libs/domain'
import type { Query, Statement } from '#libs/postgres'
import { describeGolden, statementsOf, type Variant } from '#test/specs/golden'
import { slicesOf } from './catalog/slices.js'
import { relocateDeployments } from './catalog/relocate-deployments.js'
import { isMigrated, readModelsDataSource } from './database/migrate.js'
import { refreshCommits } from './deployment/commit/projection.js'
import { touchedByMovedTags } from './deployment/history/moved-tags.js'
import { refreshLabels } from './deployment/label/projection.js'
import { deleteIntervals, loadStanding, putIntervals, spansOf, spansOfRuns } from './deployment/interval/stored.js'
import { walk } from './deployment/interval/walk.js'
import { foldDeployments, type DeploymentChange } from './deployment/record/fold.js'
import { keepSuperseded } from './deployment/record/superseded.js'
import { upsertHistory } from './deployment/record/upsert.js'
import { applyIncidents, relocateIncidents, tenantsAcrossPartitions } from './incident/projection.js'
import {
  deployments,
  NEXT_SCHEMA,
  parkedPartitions,
  parkEvent,
  preparePositions,
  readPositions,
  readRecord,
  Statistics,
  unparkEvent,
  type ProjectedEvent,
} from './index.js'
import { advancePositions } from './log/positions.js'
import { refreshAllMetrics, refreshMetrics } from './metrics/projection/projection.js'
import { refreshStandings } from './promotion/standing.js'
import { compareTables } from './rebuild/compare.js'
import { fingerprintOf, prepareNextPositions } from './rebuild/session.js'
import { swapTables } from './rebuild/swap.js'

const variants: Variant[] = []
type Answers = Record<string, object[]>

/** The statements of `work`, without those that another case has had. Others than these answers have no rows. */
async function projection(work: (query: Query) => Promise<unknown>, answers: Answers = {}): Promise<void> {
  const known = new Set(variants.map(({ statement }) => statement.name))
  const isNew = ({ name }: Statement) => !known.has(name)
  const sent = await statementsOf(work, name => answers[name] ?? [])
  variants.push(...sent.filter(isNew).map(statement => ({ statement })))
}

const eventFolder = join(__dirname, '../../contracts/golden')
const events = readdirSync(eventFolder).map((file, n) => {
  const { key, headers, value } = JSON.parse(readFileSync(join(eventFolder, file), 'utf8'))
  const all = { ...headers, ce_ledgerseq: String(n + 1) }
  return readRecord({
    partition: 0,
    key: Buffer.from(key),
    value: Buffer.from(JSON.stringify(value)),
    headers: Object.fromEntries(Object.entries(all).map(([name, text]) => [name, Buffer.from(String(text))])),
  })
})
const ofType = (...types: string[]) => events.filter(({ event }) => types.includes(event.type)) as never

const [tenant, application, environmentName] = ['acme', 'checkout', 'production']
const slot = { tenant, application, environmentName }
const id = '0198c0de-0000-7000-8000-000000000001'
const at = '2026-02-12T10:00:00Z'
const run = { deploymentId: id, imageTag: 'v1', deployedAt: 0, logOrder: 1n, from: 1, until: 2 }
const tables = [{ model: 'current' as const, table: 'deployment_current' }]

async function changed(): Promise<DeploymentChange> {
  let changes: DeploymentChange[] = []
  await statementsOf(
    async query => (changes = await foldDeployments(query, ofType('DeploymentRecorded'), new Map())),
    () => [],
  )
  return changes[0]!
}

async function deploymentProjections(): Promise<void> {
  await projection(query => deployments.apply(query, ofType('DeploymentRecorded')))
  const change = await changed()
  const known = {
    ...change,
    before: { ...change.record, gitCommit: 'other', commits: [] },
    superseded: [{ ...change, knownUntil: at }],
  }
  await projection(query => foldDeployments(query, ofType('DeploymentCompleted'), new Map()).catch(() => undefined))
  await projection(query => upsertHistory(query, [known]))
  const voided = { ...known, record: { ...change.record, voided: true as const }, voidedAt: at }
  await projection(query => upsertHistory(query, [voided]))
  await projection(query => keepSuperseded(query, [known]))
  await projection(query => refreshCommits(query, [known]))
  const started = { ...known, before: { ...known.record, deployedAt: '2026-01-01T00:00:00Z' } }
  await projection(query => refreshLabels(query, [{ ...started, record: { ...known.record, labels: { team: 'a' } } }]))
  const others = Array.from({ length: 40 }, () => ({ n: 1, at, log_order: '9' }))
  const moved = { ...slot, imageTag: 'v1', at: '2026-01-01T00:00:00Z', logOrder: 1n, stands: true }
  await projection(query => touchedByMovedTags(query, [moved]), { 'successes with a tag': others })
  const span = { slot, from: 0, until: 1 }
  const interval = { slot, from: 0, active: run, byRollback: false, newTag: true }
  await projection(query => spansOf(query, [{ slot, deploymentId: id }]))
  await projection(query => walk(query, [span]))
  await projection(query => spansOfRuns(query, [{ slot, run, until: 2 }], []))
  await projection(query => loadStanding(query, [span]))
  await projection(query => deleteIntervals(query, [interval]))
  await projection(query => putIntervals(query, [interval]))
  const empty = ['deployment_counter', 'deployment_histogram', 'deployment_value'].map(table_name => ({
    table_name,
    row_id: '(0,1)',
  }))
  await projection(query => refreshMetrics(query, [change], [], new Map()), { 'refresh metrics': empty })
}

async function incidentProjections(): Promise<void> {
  const given = ofType('IncidentOpened', 'IncidentResolved')
  await projection(query => tenantsAcrossPartitions(query, given))
  await projection(query => applyIncidents(query, given, [], new Map()), {
    'resolve incidents': [{ found: 1 }],
    'tenants with incidents': [{ tenant }],
  })
  await projection(query => relocateIncidents(query, [tenant], new Map()), {
    'names of environments of incidents': [{ tenant, environment: 'prod' }],
  })
}

async function otherProjections(): Promise<void> {
  const relocated = { tenant, environment: 'prod', environment_name: 'prod' }
  await projection(query => relocateDeployments(query, [tenant], new Map(), new Map()), {
    'names of environments': [relocated],
    'relocate deployments': [slot],
  })
  await projection(query => refreshAllMetrics(query, [tenant]), {
    'sizes of applications': [{ tenant, application, deployments: 1 }],
  })
  await projection(query => deployments.apply(query, ofType('ConfigurationChanged')))
  await projection(query => deployments.apply(query, ofType('PipelineChanged')))
  await projection(query => deployments.apply(query, ofType('PromotionCreated')))
  const [changed] = ofType('PipelineChanged') as ProjectedEvent<PipelineEvent>[]
  const withoutSchema = { ...changed!, event: { ...changed!.event, keySchema: { keyPattern: 'db.*' } } }
  await projection(query => deployments.apply(query, [withoutSchema]))
  const [created] = ofType('PromotionCreated') as ProjectedEvent<PromotionEvent>[]
  const promotion = evolvePromotion(absentPromotion, created!.event)
  await projection(query => refreshStandings(query, [tenant]), {
    'open promotions': [{ tenant, promotion, standing: { state: 'APPROVED' } }],
  })
  const many = Array.from({ length: 20 }, (_, n) => ({
    event: { type: 'DeploymentCompleted', deploymentId: `0198c0de-0000-7000-8000-0000000000${10 + n}` },
    metadata: { tenant },
    data: '',
  }))
  await projection(query => slicesOf(query, many as never))
}

async function positionsAndRebuild(): Promise<void> {
  const position = { seq: 0, nextOffset: 0 }
  await projection(query => readPositions(query, 'deployments'))
  await projection(query => preparePositions(query, 'deployments', 12))
  await projection(query => advancePositions(query, 'deployments', [{ partition: 0, from: position, to: position }]))
  await projection(query => parkEvent(query, { projection: 'deployments', partition: 0, offset: 1, reason: 'unknown' }))
  await projection(query => parkedPartitions(query, 'deployments'))
  await projection(query => unparkEvent(query, 'deployments', 0))
  await projection(query => new Statistics().grown(query, 1000))
  const migrations = readModelsDataSource('').options.migrations as { name: string }[]
  await projection(query => isMigrated(query), {
    'is migrated': [{ known: true }],
    migrations: migrations.map(({ name }) => ({ name })),
  })
  await projection(query => fingerprintOf(query, NEXT_SCHEMA))
  await projection(query => prepareNextPositions(query, NEXT_SCHEMA))
  await projection(query => swapTables(query, NEXT_SCHEMA, ['deployment_current'], true))
  const shape = { columns: 'tenant, application', key: 'tenant' }
  for (const [live, next] of [
    [1, 1],
    [0, 1],
  ]) {
    const digests = [
      { rows: live, hash: 'a' },
      { rows: next, hash: 'b' },
    ]
    const sent = await statementsOf(
      query => compareTables(query, NEXT_SCHEMA, tables),
      name => (name === 'columns of a table' ? [shape] : name === 'digest of a table' ? [digests.shift()!] : []),
    )
    variants.push(...sent.map(statement => ({ statement })))
  }
}

describeGolden(join(__dirname, '../golden/projections'), async () => {
  for (const part of [deploymentProjections, incidentProjections, otherProjections, positionsAndRebuild]) await part()
  return variants
})
