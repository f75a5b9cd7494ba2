import type { IncidentOpened, IncidentResolved } from '#libs/contracts'
import { resolveEnvironment } from '#libs/contracts'
import { rowSet, statement, type Query } from '#libs/postgres'
import { withKey } from '../deployment/record/index-lookups.js'
import type { ProjectedEvent } from '../log/projected-event.js'
import { pipelineOf, type Pipelines } from '../pipeline/pipelines.js'
import { logOrder } from '../sql/log-order.js'

export type OpenedEvent = ProjectedEvent<IncidentOpened>
export type ResolvedEvent = ProjectedEvent<IncidentResolved>

/** A key of an incident. */
export interface IncidentKey {
  tenant: string
  incidentId: string
}

const incidentKeys = ['tenant', 'incident_id']

export const keyOf = ({ metadata: { tenant }, event: { incidentId } }: OpenedEvent | ResolvedEvent): IncidentKey => ({
  tenant,
  incidentId,
})

/** Inserts the incidents that a batch opens; they belong to no deployment yet. */
export async function insertIncidents(
  query: Query,
  opened: readonly OpenedEvent[],
  pipelines: Pipelines,
): Promise<void> {
  if (opened.length === 0) return
  const rows = opened.map(projected => {
    const { environment } = projected.event
    const pipeline = pipelineOf(pipelines, projected.metadata.tenant)
    const environmentName = environment === undefined ? undefined : resolveEnvironment(pipeline, environment)
    return { ...projected, environmentName }
  })
  await query(statement('insert incidents', INSERT, openedRows.values(rows), { plan: 'once' }))
}

/** Ends the incidents that a batch resolves. Throws for an incident that was never opened. */
export async function resolveIncidents(query: Query, resolved: readonly ResolvedEvent[]): Promise<void> {
  if (resolved.length === 0) return
  const found = await query(statement('resolve incidents', RESOLVE, resolvedRows.values(resolved), { plan: 'once' }))
  if (found.length !== resolved.length) {
    throw new Error(`${resolved.length - found.length} incidents are resolved that were never opened`)
  }
}

/** The tenants of resolved incidents whose events name no application: see `tenantsAcrossPartitions`. */
export async function tenantsWithoutApplication(query: Query, resolved: readonly ResolvedEvent[]): Promise<string[]> {
  if (resolved.length === 0) return []
  const rows = await query<{ tenant: string }>(
    statement('incidents without an application', WITHOUT_APPLICATION, keyRows.values(resolved.map(keyOf)), {
      plan: 'once',
    }),
  )
  return rows.map(({ tenant }) => tenant)
}

type OpenedRow = OpenedEvent & { environmentName: string | undefined }

const openedRows = rowSet<OpenedRow>('opened', [
  { name: 'tenant', type: 'text', value: ({ metadata }) => metadata.tenant },
  { name: 'incident_id', type: 'text', value: ({ event }) => event.incidentId },
  { name: 'named_deployment_id', type: 'uuid', value: ({ event }) => event.deploymentId },
  { name: 'named_application', type: 'text', value: ({ event }) => event.application },
  { name: 'named_environment', type: 'text', value: ({ event }) => event.environment },
  { name: 'application', type: 'text', value: ({ event }) => event.application },
  { name: 'environment', type: 'text', value: ({ event }) => event.environment },
  { name: 'environment_name', type: 'text', value: ({ environmentName }) => environmentName },
  { name: 'started_at', type: 'timestamptz', value: ({ event }) => event.startedAt },
  { name: 'title', type: 'text', value: ({ event }) => event.title },
  { name: 'url', type: 'text', value: ({ event }) => event.url },
  { name: 'recorded_at', type: 'timestamptz', value: ({ metadata }) => metadata.recordedTime },
  { name: 'partition', type: 'smallint', value: ({ partition }) => partition },
  { name: 'recorded_seq', type: 'bigint', value: ({ seq }) => seq },
  { name: 'log_order', type: 'bigint', value: ({ partition, seq }) => logOrder(partition, seq) },
  { name: 'last_seq', type: 'bigint', value: ({ seq }) => seq },
  { name: 'version', type: 'integer', value: ({ metadata }) => metadata.streamVersion },
])

const INSERT = `INSERT INTO incident (${openedRows.columns}) SELECT * FROM ${openedRows.sql}`

const resolvedRows = rowSet<ResolvedEvent>('resolved', [
  { name: 'tenant', type: 'text', value: ({ metadata }) => metadata.tenant },
  { name: 'incident_id', type: 'text', value: ({ event }) => event.incidentId },
  { name: 'resolved_at', type: 'timestamptz', value: ({ event }) => event.resolvedAt },
  { name: 'recorded_at', type: 'timestamptz', value: ({ metadata }) => metadata.recordedTime },
  { name: 'last_seq', type: 'bigint', value: ({ seq }) => seq },
  { name: 'version', type: 'integer', value: ({ metadata }) => metadata.streamVersion },
])

const RESOLVE = `
  UPDATE incident i SET resolved_at = resolved.resolved_at, last_seq = resolved.last_seq, version = resolved.version,
    resolution_known_from = greatest(i.recorded_at, resolved.recorded_at)
  FROM (
    SELECT resolved.*, i.ctid AS row_id FROM ${resolvedRows.sql}
    CROSS JOIN LATERAL (SELECT i.ctid FROM incident i WHERE ${withKey('i', 'resolved', incidentKeys)}) i
  ) resolved WHERE i.ctid = resolved.row_id
  RETURNING 1 AS found`

const keyRows = rowSet<IncidentKey>('wanted', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'incident_id', type: 'text', value: ({ incidentId }) => incidentId },
])

const WITHOUT_APPLICATION = `
  SELECT DISTINCT i.tenant FROM ${keyRows.sql}
  CROSS JOIN LATERAL (SELECT i.* FROM incident i WHERE ${withKey('i', 'wanted', incidentKeys)}) i
  WHERE i.named_application IS NULL`
