import type { IncidentEvent } from '#libs/contracts'
import { resolveEnvironment } from '#libs/contracts'
import { rowSet, statement, type Query } from '#libs/postgres'
import type { DeploymentChange } from '../deployment/record/fold.js'
import { appendToAuditTrail, incidentAuditTrail } from '../log/audit-trail.js'
import type { ProjectedEvent } from '../log/projected-event.js'
import { pipelineOf, type Pipelines } from '../pipeline/pipelines.js'
import { refreshAllAttribution, refreshAttribution, type AffectedDeployment } from './attribution.js'
import {
  insertIncidents,
  keyOf,
  resolveIncidents,
  tenantsWithoutApplication,
  type OpenedEvent,
  type ResolvedEvent,
} from './rows.js'

type Event = ProjectedEvent<IncidentEvent>

const isOpened = (projected: Event): projected is OpenedEvent => projected.event.type === 'IncidentOpened'
const isResolved = (projected: Event): projected is ResolvedEvent => projected.event.type === 'IncidentResolved'

/**
 * The tenants of incidents that name a deployment which was unknown, and no application: these events are in another partition than the
 * deployment may be, so that whoever projects them must be alone with the tenant. Otherwise both could miss each other.
 */
export async function tenantsAcrossPartitions(query: Query, events: readonly Event[]): Promise<string[]> {
  const opened = events.filter(isOpened).filter(({ event }) => event.application === undefined)
  const resolved = await tenantsWithoutApplication(query, events.filter(isResolved))
  return [...opened.map(({ metadata }) => metadata.tenant), ...resolved]
}

/**
 * Applies a batch to the incidents, after the deployments that it changes. Returns the deployments whose incidents have changed, so that
 * their metrics may.
 */
export async function applyIncidents(
  query: Query,
  events: readonly Event[],
  changes: readonly DeploymentChange[],
  pipelines: Pipelines,
): Promise<AffectedDeployment[]> {
  await insertIncidents(query, events.filter(isOpened), pipelines)
  await resolveIncidents(query, events.filter(isResolved))
  if (events.length > 0) {
    const recorded = events.map(projected => ({
      id: projected.event.incidentId,
      data: projected.data,
      projected,
    }))
    await appendToAuditTrail(query, incidentAuditTrail, recorded)
  }
  const keys = new Map(events.map(projected => [projected.metadata.streamId, keyOf(projected as OpenedEvent)]))
  return refreshAttribution(query, [...keys.values()], changes)
}

interface KnownName {
  tenant: string
  /** As sent. */
  environment: string
}

/**
 * Reassigns the incidents of tenants to environments by their current pipelines, after the deployments. Returns the tenants in which an
 * incident belongs to another deployment now. The caller holds the pipelines exclusively.
 */
export async function relocateIncidents(query: Query, tenants: readonly string[], now: Pipelines): Promise<string[]> {
  const known = await query<KnownName>(statement('names of environments of incidents', KNOWN, { tenants }))
  if (known.length > 0) {
    const names = known.map(row => ({ ...row, now: resolveEnvironment(pipelineOf(now, row.tenant), row.environment) }))
    await query(statement('relocate incidents', MOVE, renamed.values(names)))
  }
  const affected = await refreshAllAttribution(query, tenants)
  return [...new Set(affected.map(({ tenant }) => tenant))]
}

const KNOWN = `
  SELECT DISTINCT tenant, named_environment AS environment FROM incident
  WHERE tenant = ANY ($tenants) AND named_environment IS NOT NULL`

const renamed = rowSet<KnownName & { now: string }>('renamed', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'environment', type: 'text', value: ({ environment }) => environment },
  { name: 'now', type: 'text', value: ({ now }) => now },
])

const MOVE = `
  UPDATE incident i SET environment_name = environment.now FROM (SELECT * FROM ${renamed.sql}) environment
  WHERE i.tenant = environment.tenant AND i.named_environment = environment.environment
    AND i.environment_name <> environment.now`
