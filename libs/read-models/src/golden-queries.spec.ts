import { join } from 'node:path'
import { metrics } from '#libs/api'
import type { Query, Statement } from '#libs/postgres'
import { describeGolden, statementsOf, type Variant } from '#test/specs/golden'
import { waitingCommits } from './ahead/commits.js'
import { namesOfCommit } from './deployment/commit/resolve.js'
import { runningSinceAsKnown } from './deployment/current/running-since.js'
import { configurationSummary } from './configuration/summary.js'
import { currentTimelines } from './drift/current-timelines.js'
import { readAll } from './drift/readings.js'
import { driftScope } from './drift/scope.js'
import type { Reading, SlotTimeline } from './drift/slot-timeline.js'
import { timelinesAsKnown } from './drift/timelines-as-known.js'
import {
  changesPage,
  commitPath,
  configurationDiff,
  configurationDrift,
  configurationsPage,
  currentPage,
  driftHistory,
  explainPage,
  exportKeys,
  findConfiguration,
  findDeployment,
  findDeploymentEvents,
  findIncident,
  findIncidentEvents,
  findKeySchemas,
  findPipelineSettings,
  findPromotion,
  findPromotionEvents,
  findRollback,
  historyPage,
  incidentsPage,
  keyHistoryPage,
  knownEnvironments,
  metricValuesAsOf,
  promotionsPage,
  rollupMetricValues,
  tagExistence,
  tagPath,
  type AsOf,
  type CurrentRequest,
  type HistoryFilters,
} from './index.js'
import { loadKnown } from './metrics/changes/known-deployments.js'
import { loadIncidents } from './metrics/known/known-incidents.js'
import { presentContributions } from './metrics/changes/periods.js'
import { presentedEvents } from './metrics/changes/queries.js'

const tenant = 'acme'
const id = '0198c0de-0000-7000-8000-000000000001'
const [asOf, knownAt] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z']
const [application, environment] = ['shop', 'prod']
const times: AsOf[] = [{}, { asOf }, { knownAt }, { asOf, knownAt }]
const sides = { source: 'staging', target: 'prod' }
const timezone = 'Europe/Berlin'
const window = { from: asOf, to: knownAt, timezone }

const variants: Variant[] = []
const add = (variant: string, statements: readonly Statement[]) =>
  variants.push(...statements.map(statement => ({ statement, variant })))

async function query(variant: string, read: (query: Query) => Promise<unknown>): Promise<void> {
  add(variant, await statementsOf(read))
}

/** A list from a cursor. @param last what the end of the page before it is encoded from */
async function page(
  variant: string,
  read: (query: Query, cursor?: string) => Promise<{ body: { next?: string } | undefined }>,
  last: unknown[],
): Promise<void> {
  let next: string | undefined
  const answer = { json: '[]', rows: [], known: true, last, names: {}, positions: '' }
  await statementsOf(
    async query => (next = (await read(query)).body!.next),
    () => [answer],
  )
  await query(variant && `${variant}, from a cursor`, query => read(query, next))
}

const all = {
  application,
  environment,
  imageTag: 'v1',
  gitCommit: 'abc',
  gitBranch: 'main',
  actor: 'ann',
  status: ['DEPLOYED' as const, 'FAILED' as const],
  from: asOf,
  to: knownAt,
}

async function deployments(): Promise<void> {
  const history =
    (filters: HistoryFilters, moment?: AsOf, includeVoided = false) =>
    (query: Query, cursor?: string) =>
      historyPage(query, { tenant, filters, includeVoided, moment, limit: 50, cursor })
  await query('no filter', history({}))
  await page('by slot', history({ application, environment }), [asOf, '1'])
  await query('one status that is not DEPLOYED', history({ status: ['FAILED'] }))
  await query('several statuses without DEPLOYED', history({ status: ['FAILED', 'PENDING'] }))
  const current = (filters: CurrentRequest['filters'], moment?: AsOf) => (query: Query, cursor?: string) =>
    currentPage(query, { tenant, filters, moment, limit: 50, cursor })
  await query('no filter', current({}))
  const several = { application: ['shop', 'cart'], environment: ['prod', 'qa'], label: ['team=a', 'tier=b'] }
  for (const moment of times) {
    await query('several values and labels', history(several, moment))
    await query('several values and labels', current(several, moment))
  }
  await query(
    'several applications, several statuses',
    history({ application: ['shop', 'cart'], status: ['FAILED', 'PENDING'] }),
  )
  await query('of a label', history({ label: ['team=a'] }))
  await query('of a deployment', query => findRollback(query, { tenant, deploymentId: id, application, environment }))
  for (const moment of times) {
    const end = [application, 1, environment]
    await page('all filters', history(all, moment), [asOf, '1'])
    await page('all filters', history(all, moment, true), [asOf, '1'])
    await page('all filters', current({ application, environment }, moment), end)
    await query('', query => findDeployment(query, tenant, id, moment))
    await query('of the active deployment', query => findRollback(query, { tenant, application, environment, moment }))
    const selection = { tenant, moment, limit: 50, application }
    await page('of an application', (query, cursor) => tagPath(query, { ...selection, imageTag: 'v1', cursor }), end)
    await page('of an application', (query, cursor) => commitPath(query, { ...selection, sha: 'abc', cursor }), end)
  }
  await query('', query => runningSinceAsKnown(query, { tenant, knownAt }, [[application, environment, 'v1']]))
  const sources = ['deployment_commit', 'deployment_superseded', 'deployment_changed_commit'] as const
  for (const scope of [{}, { application }]) {
    const named = await statementsOf(
      query => namesOfCommit(query, { tenant, ...scope, name: 'a'.repeat(40), sources }),
      name => (name === 'stored commits' ? [] : undefined),
    )
    add('application' in scope ? 'of an application' : '', named)
  }
  await query('of all applications', query => tagPath(query, { tenant, imageTag: 'v1', limit: 50 }))
  await query('of all applications', query => commitPath(query, { tenant, sha: 'abc', limit: 50 }))
  await query('', query => tagExistence(query, { tenant, imageTag: 'v1' }))
  await query('in a slot', query => tagExistence(query, { tenant, imageTag: 'v1', application, environment }))
  await query('', query => findDeploymentEvents(query, tenant, id))
}

async function incidents(): Promise<void> {
  const filters = { application, environment, open: true, from: asOf, to: knownAt }
  await query('no filter', query => incidentsPage(query, { tenant, filters: {}, limit: 50 }))
  for (const moment of times) {
    const list = (query: Query, cursor?: string) => incidentsPage(query, { tenant, filters, moment, limit: 50, cursor })
    await page('all filters', list, [asOf, '1'])
    await query('', query => findIncident(query, tenant, 'INC-1', moment))
  }
  await query('', query => findIncidentEvents(query, tenant, 'INC-1'))
}

async function configurations(): Promise<void> {
  for (const [name, moment] of [['now', {}] as const, ['as of and as known', { asOf, knownAt }] as const]) {
    const selection = { tenant, environment, kind: 'configuration' as const, ...moment }
    const keys = (query: Query, cursor?: string) =>
      configurationsPage(query, { ...selection, prefix: 'a.', limit: 50, cursor })
    await page(name, keys, ['a'])
    await query(name, query => findConfiguration(query, { ...selection, key: 'a' }))
    await page(name, (query, cursor) => keyHistoryPage(query, { ...selection, key: 'a', limit: 50, cursor }), [3])
    await query(name, query => exportKeys(query, selection))
    await query(name, query => configurationDiff(query, { tenant, ...sides, ...moment }))
    await query(name, query => configurationSummary(query, { tenant, ...sides, ...moment, at: 0 }))
    const drift = (query: Query, cursor?: string) =>
      configurationDrift(query, { tenant, ...sides, ...moment, limit: 50, cursor }).then(({ body: { rows } }) => {
        return { body: rows }
      })
    await page(name, drift, ['configuration', 'a'])
  }
}

async function pipelinesAndPromotions(): Promise<void> {
  await query('of configurations', query => knownEnvironments(query, tenant, ['configurations']))
  await query('of deployments', query => knownEnvironments(query, tenant, ['deployments']))
  await query('of both', query => knownEnvironments(query, tenant, ['configurations', 'deployments']))
  await query('', query => findPipelineSettings(query, tenant))
  await query('', query => findKeySchemas(query, tenant))
  await query('', query => findPromotion(query, tenant, id))
  await query('', query => findPromotionEvents(query, tenant, id))
  const filters = { state: ['APPROVED' as const], ...sides }
  await query('no filter', query => promotionsPage(query, { tenant, filters: {}, limit: 50 }))
  await page('all filters', (query, cursor) => promotionsPage(query, { tenant, filters, limit: 50, cursor }), [
    asOf,
    '1',
  ])
}

async function drift(): Promise<void> {
  const environments = ['staging', 'production']
  await query('', query => driftScope(query, { tenant, named: [], asOf }))
  await query('as known', query => driftScope(query, { tenant, named: [], knownAt: asOf }))
  await query('', query => currentTimelines(query, { tenant, environments }, { limit: 50 }))
  const part = { limit: 50, after: 'a', onlyDiffering: true }
  await query('all filters', query => currentTimelines(query, { tenant, environments, application, asOf }, part))
  const narrowed = { tenant, environments, application: ['shop', 'cart'], label: ['team=a'] }
  await query('of several applications, by label', query => currentTimelines(query, narrowed, part))
  await query('with idle applications', query =>
    currentTimelines(query, { tenant, environments }, { limit: 50, alsoIdle: true }),
  )
  for (const scope of [{}, { application }]) {
    const comparison = { tenant, environments, knownAt, ...scope }
    const known = await statementsOf(
      query => timelinesAsKnown(query, comparison, { limit: 50, after: 'a' }),
      name => (name === 'applications of a tenant' ? [{ application }] : undefined),
    )
    add('application' in scope ? 'of an application' : '', known)
  }
  const labelled = await statementsOf(
    query => timelinesAsKnown(query, { ...narrowed, knownAt }, { limit: 50 }),
    name => (name === 'applications of a tenant' ? [{ application }] : name === 'timelines as known' ? [] : undefined),
  )
  add('of several applications, by label', labelled)
  for (const moment of times)
    await query('', query => waitingCommits(query, { tenant, ...sides, ...moment }, [{ application, from: 0 }]))
  const timeline: SlotTimeline = { application, environment, intervals: [], complete: false, firstStarts: new Map() }
  const reading = function* (tag?: string): Reading<void> {
    yield { timeline, tag }
  }
  await query('', query => readAll(query, tenant, [reading()]))
  await query('', query => readAll(query, tenant, [reading('v1')]))
  const scope = { unknown: [], environments, pipeline: environments, at: Date.parse(knownAt), positions: '' }
  const history = await statementsOf(
    query => driftHistory(query, { tenant, ...sides, ...window }),
    name => (name === 'drift scope' ? [scope] : undefined),
  )
  add('', history.slice(1))
}

async function measured(): Promise<void> {
  const request = { tenant, ...window, bucket: 'day' as const, rollbacks: 'all' as const }
  for (const rollbacks of ['all', 'reported'] as const)
    await query(`${rollbacks} rollbacks`, query => rollupMetricValues(query, { ...request, rollbacks }))
  await query('', query => rollupMetricValues(query, { ...request, application }))
  const several = { environment: ['eu', 'us'], application: ['shop', 'cart'], label: ['team=a'] }
  await query('several values and labels', query => rollupMetricValues(query, { ...request, ...several }))
  await query('of an application and a label', query =>
    rollupMetricValues(query, { ...request, application, label: ['team=a'] }),
  )
  for (const metric of ['leadTimeForChange', 'promotionLeadTime'] as const)
    await query(`${metric}, several values and labels`, query =>
      explainPage(query, { ...request, ...several, metric, limit: 50 }),
    )
  for (const moment of times)
    await query('several values and labels', query => metricValuesAsOf(query, { ...request, ...moment, ...several }))
  for (const moment of times)
    await query('of an application', query => metricValuesAsOf(query, { ...request, ...moment, application }))
  for (const metric of metrics) await query(metric, query => explainPage(query, { ...request, metric, limit: 50 }))
  for (const moment of times) {
    const explain = (query: Query, cursor?: string) =>
      explainPage(query, { ...request, ...moment, metric: 'changeFailRate', application, limit: 50, cursor })
    await page('changeFailRate, of an application', explain, [asOf, '1', 1, ''])
  }
}

async function changes(): Promise<void> {
  const request = { tenant, environment, since: asOf, bucket: 'day' as const, timezone, limit: 50 }
  const period = { start: asOf, end: knownAt, startMs: 0, endMs: 1, knownMs: 1 }
  const head = { environments: [environment], origin: 'dev', periods: [period], positions: '' }
  for (const metric of metrics) {
    const of = metric === 'deployments' ? { application } : {}
    const sent = await statementsOf(
      query => changesPage(query, { ...request, ...of, metric }),
      name =>
        name === 'periods of changes'
          ? [head]
          : name === 'changed applications'
            ? [{ application, deployments: 1 }]
            : undefined,
    )
    add(metric, sent)
    const several = { environment: ['eu', 'us'], application: ['shop', 'cart'], label: ['team=a'] }
    const ofSeveral = await statementsOf(
      query => changesPage(query, { ...request, ...several, metric }),
      name =>
        name === 'periods of changes'
          ? [head]
          : name === 'changed applications'
            ? [{ application, deployments: 1 }]
            : undefined,
    )
    add(`${metric}, several values and labels`, ofSeveral)
    await query(`${metric}, several values and labels`, query =>
      presentContributions(query, { ...request, ...several, metric }, period),
    )
    await query(metric, query => presentContributions(query, { ...request, ...of, metric }, period))
  }
  const origin = { origin: 'dev', withOrigin: false }
  const known = { tenant, since: asOf, environments: [environment], ...origin, onlyChanged: false, withCommits: false }
  const row = { application, id, environment, start: 0, logOrder: '1', n: '1', total: '2', events: null }
  const loaded = async (applications: string[]): Promise<Statement[]> => {
    let answers = 1
    return statementsOf(
      async query => {
        for await (const _ of loadKnown(query, known, applications, 1));
      },
      () => (answers-- > 0 ? [row] : undefined),
    )
  }
  const [first, next] = await loaded([application])
  add('of an application', [first!])
  add('further ones', [next!])
  add('of several applications', (await loaded([application, 'other'])).slice(0, 1))
  await query('', query => loadIncidents(query, { tenant, environments: [environment] }, [application], 50))
  await query('', query => presentedEvents(query, tenant, []))
}

describeGolden(join(__dirname, '../golden/queries'), async () => {
  for (const part of [deployments, incidents, configurations, pipelinesAndPromotions, drift, measured, changes])
    await part()
  return variants
})
