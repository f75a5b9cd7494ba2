import type { DeploymentEvent, PipelineEvent } from '#libs/contracts'
import type { Query } from '#libs/postgres'
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
import type { ProjectedEvent } from '../log/projected-event.js'
import { relocateDeployments } from './relocate-deployments.js'
import { lockPipelines, type Pipelines } from '../pipeline/pipelines.js'
import { applyPipelineChanges } from '../pipeline/projection.js'

/**
 * Applies what happened to deployments and to the pipelines that name their environments. Pipelines come first: deployments of the same batch
 * belong to the environments of the pipelines at its end.
 */
export async function applyDeploymentsAndPipelines(
  query: Query,
  events: readonly ProjectedEvent<DeploymentEvent | PipelineEvent>[],
): Promise<void> {
  const ofPipelines = events.filter(isOfPipeline)
  const ofDeployments = events.filter(isOfDeployment)
  const tenants = ofDeployments.map(({ metadata }) => metadata.tenant)
  const changed = tenantsWithOtherPipelines(ofPipelines)
  const slices = await slicesOf(query, ofDeployments)
  // Partitions share the sums of a tenant's metrics. Whoever writes them twice in a transaction must be alone with them.
  const apart = [...changed, ...(slices.length > 1 ? tenants : [])]
  let pipelines = await lockPipelines(query, [...tenants, ...changed], apart)
  if (ofPipelines.length > 0) await applyPipelineChanges(query, ofPipelines)
  if (changed.length > 0) {
    const before = pipelines
    pipelines = await lockPipelines(query, [...tenants, ...changed], apart)
    await relocateDeployments(query, changed, before, pipelines)
  }
  for (const slice of slices) await applyDeployments(query, slice, pipelines)
}

/** Tenants whose pipeline changed, and not only their freezes or key schemas. */
export function tenantsWithOtherPipelines(ofPipelines: readonly ProjectedEvent<PipelineEvent>[]): string[] {
  return [...new Set(ofPipelines.flatMap(({ event, metadata }) => (event.pipeline ? [metadata.tenant] : [])))]
}

async function applyDeployments(
  query: Query,
  events: readonly ProjectedEvent<DeploymentEvent>[],
  pipelines: Pipelines,
): Promise<void> {
  const changes = await foldDeployments(query, events, pipelines)
  await upsertHistory(query, changes)
  await keepSuperseded(query, changes)
  await refreshCommits(query, changes)
  await appendEvents(query, events)
  const named = await inferRollbacks(query, changes)
  await refreshCurrent(query, changes)
  await refreshIntervals(query, changes)
  await refreshMetrics(query, changes, named, pipelines)
}

function isOfDeployment(
  projected: ProjectedEvent<DeploymentEvent | PipelineEvent>,
): projected is ProjectedEvent<DeploymentEvent> {
  return projected.event.type !== 'PipelineChanged'
}

function isOfPipeline(
  projected: ProjectedEvent<DeploymentEvent | PipelineEvent>,
): projected is ProjectedEvent<PipelineEvent> {
  return projected.event.type === 'PipelineChanged'
}
