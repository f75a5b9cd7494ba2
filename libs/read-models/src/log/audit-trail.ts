import type { DomainEvent } from '#libs/contracts'
import type { ClientBase } from 'pg'
import { positionsSql, type QueryResult, type JsonText } from '../sql/query-result.js'
import { plainArray, statement, textArray, type Query } from '#libs/postgres'
import type { ProjectedEvent } from './projected-event.js'

/** The audit trails of one kind of stream: a table and its key column. */
interface AuditTrail {
  table: 'deployment_event' | 'promotion_event'
  column: 'deployment_id' | 'promotion_id'
}

export const deploymentAuditTrail: AuditTrail = { table: 'deployment_event', column: 'deployment_id' }
export const promotionAuditTrail: AuditTrail = { table: 'promotion_event', column: 'promotion_id' }

/** An event, the id of its stream, and its data as JSON. */
interface AuditTrailEvent {
  id: string
  data: string
  projected: ProjectedEvent<DomainEvent>
}

/** Adds the events of a batch. */
export async function appendToAuditTrail(
  connection: ClientBase,
  { table, column }: AuditTrail,
  events: readonly AuditTrailEvent[],
): Promise<void> {
  const text = `
    INSERT INTO ${table} (tenant, ${column}, version, partition, seq, event_id, type, actor, time, recorded_at, data)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::integer[], $4::smallint[], $5::bigint[], $6::uuid[], $7::text[],
      $8::text[], $9::timestamptz[], $10::timestamptz[], $11::json[])`
  const values = [
    textArray(events.map(({ projected }) => projected.metadata.tenant)),
    plainArray(events.map(({ id }) => id)),
    plainArray(events.map(({ projected }) => projected.metadata.streamVersion)),
    plainArray(events.map(({ projected }) => projected.partition)),
    plainArray(events.map(({ projected }) => projected.seq)),
    plainArray(events.map(({ projected }) => projected.metadata.id)),
    textArray(events.map(({ projected }) => projected.ceType)),
    textArray(events.map(({ projected }) => projected.metadata.actor)),
    plainArray(events.map(({ projected }) => projected.metadata.time)),
    plainArray(events.map(({ projected }) => projected.metadata.recordedTime)),
    textArray(events.map(({ data }) => data)),
  ]
  await connection.query({ name: `append to ${table}`, text, values })
}

/** SQL: the audit trail of one stream, rows `e`, as a JSON array in order. @param data SQL of their data as JSON text */
export function auditTrailSql(data: string): string {
  // The data is inserted as text, unchanged, after the members that may be absent.
  return `'[' || string_agg(left(json_strip_nulls(json_build_object(
        'type', e.type, 'position', e.partition || ':' || e.seq, 'eventId', e.event_id, 'actor', e.actor,
        'time', instant(e.time), 'recordedAt', instant(e.recorded_at)))::text, -1) || ',"data":' || ${data} || '}',
        ',' ORDER BY e.version) || ']'`
}

/** The audit trail of one stream, in order; `undefined` if the tenant has none with this id (a UUID). */
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
    statement(table.replace('_', ' ') + 's', text, { tenant, id }),
  )
  return { body: row!.json ?? undefined, positions: row!.positions }
}
