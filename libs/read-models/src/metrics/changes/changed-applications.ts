import { everRecorded } from '../../deployment/record/versions.js'
import { ReadLimitExceeded } from '../../sql/read-errors.js'
import { statement, type Query } from '#libs/postgres'
import type { Metric } from '#libs/api'
import { applicationValues, isApplicationSql } from '../../sql/filter.js'
import { groupBy } from '../../sql/group-by.js'
import { loadIncidents, type KnownIncident } from '../known/known-incidents.js'
import { loadedEnvironments, loadKnown, NOT_VOIDED_BEFORE, type Known, type KnownRequest } from './known-deployments.js'
import type { ChangesHead, ChangesRequest } from './periods.js'
import { ownContributions } from './relations.js'
import { compareKeys } from '../known/event-key.js'
import type { History, KnownDeployment, Version } from '../known/version.js'
import type { Work } from '../../sql/read-budget.js'

/** Maximum number of deployments loaded at once. */
const CHUNK = 5000
/** Maximum numbers in memory. */
const MOST_VERSIONS = 200_000
const MOST_COMMITS = 500_000
const MOST_INCIDENTS = 20_000

/**
 * The histories of the applications with events since a time, one after the other; for metrics with independent contributions, only of the
 * changed deployments. Throws ReadLimitExceeded.
 */
export async function* changedApplications(
  query: Query,
  request: ChangesRequest,
  head: ChangesHead,
  work: Work,
): AsyncGenerator<History, void> {
  const { metric } = request
  const known: KnownRequest = {
    ...request,
    environments: head.environments,
    origin: head.origin,
    withOrigin: metric === 'promotionLeadTime',
    onlyChanged: ownContributions[metric] !== undefined,
    withCommits: metric === 'leadTimeForChange',
  }
  for (const applications of batchesOf(await changedOnes(query, known, metric))) {
    const byApplication = new Map(applications.map((name): [string, Known[]] => [name, []]))
    const room = { versions: MOST_VERSIONS, commits: MOST_COMMITS }
    for await (const chunk of loadKnown(query, known, applications, CHUNK)) {
      for (const deployment of chunk) {
        byApplication.get(deployment.application)!.push(deployment)
        room.versions -= deployment.versions.length
        for (const { facts } of deployment.versions) room.commits -= facts.commits.size
      }
      if (Math.min(room.versions, room.commits) < 0) throw tooMany(applications, head)
      await work.done(chunk.length * 4)
    }
    const incidents = withIncidents(metric)
      ? await loadIncidents(query, { ...request, environments: head.environments }, applications, MOST_INCIDENTS + 1)
      : []
    if (incidents.length > MOST_INCIDENTS) throw tooMany(applications, head)
    const incidentsOf = groupBy(incidents, one => one.application)
    for (const [application, deployments] of byApplication) {
      yield historyOf(deployments, incidentsOf.get(application) ?? [])
    }
  }
}

/** Whether incidents change a metric. */
function withIncidents(metric: Metric): boolean {
  return metric === 'changeFailRate' || metric === 'failedDeploymentRecoveryTime'
}

function historyOf(known: readonly Known[], incidents: readonly KnownIncident[]): History {
  const deployments: KnownDeployment[] = known.map(({ id, recordedSeq, isCounted }) => ({ id, recordedSeq, isCounted }))
  for (const [deployment, { versions }] of known.entries())
    for (const version of versions) version.deployment = deployment
  const versions: Version[] = known.flatMap(one => one.versions)
  return { deployments, versions: versions.toSorted(compareKeys), incidents }
}

function tooMany(applications: readonly string[], { environments }: ChangesHead): ReadLimitExceeded {
  const most = `${MOST_VERSIONS} versions of deployments, ${MOST_COMMITS} commits of them, and ${MOST_INCIDENTS} incidents`
  return new ReadLimitExceeded(
    `Changes are computed from at most ${most}, but ${applications.join(', ')} has more in ${environments.join(', ')}`,
  )
}

interface ChangedApplication {
  application: string
  deployments: number
}

async function changedOnes(
  query: Query,
  { tenant, application, since, onlyChanged, ...others }: KnownRequest,
  metric: Metric,
): Promise<ChangedApplication[]> {
  const filter = application === undefined ? '' : `AND ${isApplicationSql('application', application)}`
  const environments = loadedEnvironments(others)
  const isChanged = 'known_from > $since::timestamptz'
  const text = `
    SELECT application, count(*)::int AS deployments FROM ${everRecorded} h
    WHERE tenant = $tenant AND environment_name = ANY ($environments) ${filter} AND ${onlyChanged ? isChanged : NOT_VOIDED_BEFORE}
    GROUP BY application HAVING bool_or(${isChanged}) ${withIncidents(metric) ? OR_INCIDENT : ''} ORDER BY application`
  return query<ChangedApplication>(
    statement('changed applications', text, { tenant, ...applicationValues(application), environments, since }),
  )
}

const OR_INCIDENT = `OR application IN (
      SELECT i.application FROM incident i WHERE i.tenant = $tenant AND i.environment_name = ANY ($environments)
        AND greatest(i.recorded_at, i.resolution_known_from) > $since::timestamptz)`

/** Applications with few deployments are loaded together. */
function batchesOf(changed: readonly ChangedApplication[]): string[][] {
  const batches: string[][] = []
  let room = 0
  for (const { application, deployments } of changed) {
    if (deployments <= room) batches.at(-1)!.push(application)
    else {
      batches.push([application])
      room = CHUNK
    }
    room -= deployments
  }
  return batches
}
