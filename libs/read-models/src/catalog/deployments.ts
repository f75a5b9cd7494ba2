import type { DeploymentEvent, IncidentEvent, PipelineEvent } from '#libs/contracts'
import type { Query } from '#libs/postgres'
import { refreshCommits } from '../deployment/commit/projection.js'
import { refreshCurrent } from '../deployment/current/projection.js'
import { refreshLabels } from '../deployment/label/projection.js'
import { appendEvents } from '../deployment/trail/projection.js'
import { foldDeployments } from '../deployment/record/fold.js'
import { inferRollbacks } from '../deployment/history/inferred-rollback.js'
import { slicesOf } from './slices.js'
import { keepSuperseded } from '../deployment/record/superseded.js'
import { upsertHistory } from '../deployment/record/upsert.js'
import { refreshIntervals } from '../deployment/interval/projection.js'
import { applyIncidents, tenantsAcrossPartitions } from '../incident/projection.js'
import { refreshMetrics } from '../metrics/projection/projection.js'
import type { ProjectedEvent } from '../log/projected-event.js'
import { relocateDeployments } from './relocate-deployments.js'
import { lockPipelines, type Pipelines } from '../pipeline/pipelines.js'
import { applyPipelineChanges } from '../pipeline/projection.js'

type AnyEvent = DeploymentEvent | IncidentEvent | PipelineEvent

/**
 * Applies what happened to deployments, to the incidents that belong to them, and to the pipelines that name their environments. Pipelines
 * come first: deployments of the same batch belong to the environments of the pipelines at its end. Incidents come last.
 */
export async function applyDeploymentsAndPipelines(
  query: Query,
  events: readonly ProjectedEvent<AnyEvent>[],
): Promise<void> {
  const ofPipelines = events.filter(isOfPipeline)
  const ofIncidents = events.filter(isOfIncident)
  const ofDeployments = events.filter(isOfDeployment)
  const tenants = [...ofDeployments, ...ofIncidents].map(({ metadata }) => metadata.tenant)
  const changed = tenantsWithOtherPipelines(ofPipelines)
  const slices = await slicesOf(query, ofDeployments)
  // Partitions share the sums of a tenant's metrics. Whoever writes them twice in a transaction must be alone with them.
  const apart = [
    ...changed,
    ...(slices.length > 1 ? tenants : []),
    ...(await tenantsAcrossPartitions(query, ofIncidents)),
  ]
  let pipelines = await lockPipelines(query, [...tenants, ...changed], apart)
  if (ofPipelines.length > 0) await applyPipelineChanges(query, ofPipelines)
  if (changed.length > 0) {
    const before = pipelines
    pipelines = await lockPipelines(query, [...tenants, ...changed], apart)
    await relocateDeployments(query, changed, before, pipelines)
  }
  if (slices.length === 0 && ofIncidents.length > 0) slices.push([])
  for (const [n, slice] of slices.entries()) {
    await applySlice(query, slice, n === slices.length - 1 ? ofIncidents : [], pipelines)
  }
}

/** Tenants whose pipeline changed, and not only their freezes or key schemas. */
export function tenantsWithOtherPipelines(ofPipelines: readonly ProjectedEvent<PipelineEvent>[]): string[] {
  return [...new Set(ofPipelines.flatMap(({ event, metadata }) => (event.pipeline ? [metadata.tenant] : [])))]
}

async function applySlice(
  query: Query,
  events: readonly ProjectedEvent<DeploymentEvent>[],
  ofIncidents: readonly ProjectedEvent<IncidentEvent>[],
  pipelines: Pipelines,
): Promise<void> {
  const changes = await foldDeployments(query, events, pipelines)
  await upsertHistory(query, changes)
  await keepSuperseded(query, changes)
  await refreshCommits(query, changes)
  await refreshLabels(query, changes)
  if (events.length > 0) await appendEvents(query, events)
  const named = await inferRollbacks(query, changes)
  await refreshCurrent(query, changes)
  await refreshIntervals(query, changes)
  const affected = await applyIncidents(query, ofIncidents, changes, pipelines)
  await refreshMetrics(query, changes, [...named, ...affected], pipelines)
}

function isOfDeployment(projected: ProjectedEvent<AnyEvent>): projected is ProjectedEvent<DeploymentEvent> {
  return !isOfPipeline(projected) && !isOfIncident(projected)
}

function isOfIncident(projected: ProjectedEvent<AnyEvent>): projected is ProjectedEvent<IncidentEvent> {
  return projected.event.type === 'IncidentOpened' || projected.event.type === 'IncidentResolved'
}

function isOfPipeline(projected: ProjectedEvent<AnyEvent>): projected is ProjectedEvent<PipelineEvent> {
  return projected.event.type === 'PipelineChanged'
}
