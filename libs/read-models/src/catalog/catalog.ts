import type { ConfigurationEvent, DeploymentEvent, PipelineEvent, PromotionEvent } from '#libs/contracts'
import type { ClientBase } from 'pg'
import { applyConfigurations } from '../configuration/projection.js'
import { refreshCommits } from '../deployment/commit/projection.js'
import { refreshCurrent } from '../deployment/current/projection.js'
import { appendEvents } from '../deployment/trail/projection.js'
import { foldDeployments } from '../deployment/record/fold.js'
import { inferRollbacks } from '../deployment/history/inferred-rollback.js'
import { slicesOf } from './slices.js'
import { keepSuperseded } from '../deployment/record/superseded.js'
import { upsertHistory } from '../deployment/record/upsert.js'
import { refreshIntervals } from '../deployment/interval/projection.js'
import { refreshMetrics } from '../metrics/projection/projection.js'
import type { ProjectedEvent, Projection } from '../log/projected-event.js'
import { applyPromotions } from '../promotion/projection.js'
import { refreshStandings } from '../promotion/standing.js'
import { relocateDeployments } from './relocate-deployments.js'
import { lockPipelines, type Pipelines } from '../pipeline/pipelines.js'
import { applyPipelineChanges } from '../pipeline/projection.js'

/**
 * Everything that is projected: deployments (their history, their events, which of them run and ran), configurations, promotions and the
 * rules of tenants. One projection, so that no two of them ever reflect different positions. Its positions keep the name that
 * they had when deployments were all there was.
 */
export const deployments: Projection = {
  name: 'deployments',
  async apply(connection, all) {
    const ofDeployments = all.filter(isOfDeployment)
    const ofPipelines = all.filter(isOfPipeline)
    if (ofDeployments.length + ofPipelines.length > 0) await recordAndApply(connection, ofDeployments, ofPipelines)
    await applyConfigurations(connection, all.filter(isOfConfiguration))
    await applyPromotions(connection, all.filter(isOfPromotion))
    await refreshStandings(connection, tenantsWithOtherPipelines(ofPipelines))
  },
}

// Rules first: what is deployed in this batch too is placed by the pipelines at its end.
async function recordAndApply(
  connection: ClientBase,
  ofDeployments: readonly ProjectedEvent<DeploymentEvent>[],
  ofPipelines: readonly ProjectedEvent<PipelineEvent>[],
): Promise<void> {
  const tenants = ofDeployments.map(({ metadata }) => metadata.tenant)
  const changed = tenantsWithOtherPipelines(ofPipelines)
  const slices = await slicesOf(connection, ofDeployments)
  // Partitions share the sums of a tenant's metrics. Whoever writes them twice in a transaction must be alone with them.
  const apart = [...changed, ...(slices.length > 1 ? tenants : [])]
  let pipelines = await lockPipelines(connection, [...tenants, ...changed], apart)
  if (ofPipelines.length > 0) await applyPipelineChanges(connection, ofPipelines)
  if (changed.length > 0) {
    const before = pipelines
    pipelines = await lockPipelines(connection, [...tenants, ...changed], apart)
    await relocateDeployments(connection, changed, before, pipelines)
  }
  for (const slice of slices) await applyDeployments(connection, slice, pipelines)
}

function tenantsWithOtherPipelines(ofPipelines: readonly ProjectedEvent<PipelineEvent>[]): string[] {
  return [...new Set(ofPipelines.flatMap(({ event, metadata }) => (event.pipeline ? [metadata.tenant] : [])))]
}

async function applyDeployments(
  connection: ClientBase,
  events: readonly ProjectedEvent<DeploymentEvent>[],
  pipelines: Pipelines,
): Promise<void> {
  const changes = await foldDeployments(connection, events, pipelines)
  await upsertHistory(connection, changes)
  await keepSuperseded(connection, changes)
  await refreshCommits(connection, changes)
  await appendEvents(connection, events)
  const named = await inferRollbacks(connection, changes)
  await refreshCurrent(connection, changes)
  await refreshIntervals(connection, changes)
  await refreshMetrics(connection, changes, named, pipelines)
}

function isOfDeployment(projected: ProjectedEvent): projected is ProjectedEvent<DeploymentEvent> {
  return 'deploymentId' in projected.event
}

function isOfPipeline(projected: ProjectedEvent): projected is ProjectedEvent<PipelineEvent> {
  return projected.event.type === 'PipelineChanged'
}

function isOfConfiguration(projected: ProjectedEvent): projected is ProjectedEvent<ConfigurationEvent> {
  return projected.event.type === 'ConfigurationChanged'
}

function isOfPromotion(projected: ProjectedEvent): projected is ProjectedEvent<PromotionEvent> {
  return 'promotionId' in projected.event
}
