import type { DomainEvent } from '#libs/contracts'
import { positionsSql, type QueryResult, type JsonText } from '../sql/query-result.js'
import { rowSet, statement, type Query, type RowSet } from '#libs/postgres'
import type { ProjectedEvent } from './projected-event.js'

/** The audit trails of one kind of stream: a table, its key column, and the rows of a batch. */
interface AuditTrail {
  table: 'deployment_event' | 'promotion_event' | 'incident_event'
  column: 'deployment_id' | 'promotion_id' | 'incident_id'
  rows: RowSet<AuditTrailEvent>
}

/** An event, the id of its stream, and its data as JSON. */
interface AuditTrailEvent {
  id: string
  data: string
  projected: ProjectedEvent<DomainEvent>
}

const auditTrail = (
  table: AuditTrail['table'],
  column: AuditTrail['column'],
  type: 'uuid' | 'text' = 'uuid',
): AuditTrail => ({
  table,
  column,
  rows: rowSet('event', [
    { name: 'tenant', type: 'text', value: ({ projected }) => projected.metadata.tenant },
    { name: column, type, value: ({ id }) => id },
    { name: 'version', type: 'integer', value: ({ projected }) => projected.metadata.streamVersion },
    { name: 'partition', type: 'smallint', value: ({ projected }) => projected.partition },
    { name: 'seq', type: 'bigint', value: ({ projected }) => projected.seq },
    { name: 'event_id', type: 'uuid', value: ({ projected }) => projected.metadata.id },
    { name: 'type', type: 'text', value: ({ projected }) => projected.ceType },
    { name: 'actor', type: 'text', value: ({ projected }) => projected.metadata.actor },
    { name: 'time', type: 'timestamptz', value: ({ projected }) => projected.metadata.time },
    { name: 'recorded_at', type: 'timestamptz', value: ({ projected }) => projected.metadata.recordedTime },
    { name: 'data', type: 'json', value: ({ data }) => data },
  ]),
})

export const deploymentAuditTrail = auditTrail('deployment_event', 'deployment_id')
export const promotionAuditTrail = auditTrail('promotion_event', 'promotion_id')
export const incidentAuditTrail = auditTrail('incident_event', 'incident_id', 'text')

/** Adds the events of a batch. */
export async function appendToAuditTrail(
  query: Query,
  { table, rows }: AuditTrail,
  events: readonly AuditTrailEvent[],
): Promise<void> {
  const text = `INSERT INTO ${table} (${rows.columns}) SELECT * FROM ${rows.sql}`
  await query(statement(`append to ${table}`, text, rows.values(events), { plan: 'once' }))
}

/** SQL: the audit trail of one stream, rows `e`, as a JSON array in order. @param data SQL of their data as JSON text */
export function auditTrailSql(data: string): string {
  // The data is inserted as text, unchanged, after the members that may be absent.
  return `'[' || string_agg(left(json_strip_nulls(json_build_object(
        'type', e.type, 'position', e.partition || ':' || e.seq, 'eventId', e.event_id, 'actor', e.actor,
        'time', instant(e.time), 'recordedAt', instant(e.recorded_at)))::text, -1) || ',"data":' || ${data} || '}',
        ',' ORDER BY e.version) || ']'`
}

/** The audit trail of one stream, in order; `undefined` if the tenant has none with this id (a UUID, but of an incident). */
export async function findAuditTrail(
  query: Query,
  { table, column }: AuditTrail,
  tenant: string,
  id: string,
): Promise<QueryResult<JsonText | undefined>> {
  const text = `
    SELECT (
      SELECT ${auditTrailSql('e.data::text')}
      FROM ${table} e WHERE e.tenant = $tenant AND e.${column} = $id
    ) AS json, ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ json: string | null; positions: string }>(
    statement(`read ${table}`, text, { tenant, id }),
  )
  return { body: row!.json ?? undefined, positions: row!.positions }
}
