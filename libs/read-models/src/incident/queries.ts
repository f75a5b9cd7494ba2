import { statement, type Query } from '#libs/postgres'
import { findAuditTrail, incidentAuditTrail } from '../log/audit-trail.js'
import { environmentKeyOf, environmentNameSql } from '../pipeline/environment.js'
import { isHistorical, nameAsOf, timesOf, type AsOf } from '../sql/as-of.js'
import { decodeCursor, encodeCursor } from '../sql/cursor.js'
import { isStartKey } from '../sql/log-order.js'
import { rowsFetched } from '../sql/page-rows.js'
import { positionsSql, type JsonText, type Page, type QueryResult } from '../sql/query-result.js'
import { incidentsAsOf } from './as-of.js'

/** Filters of a list of incidents; all given ones must match. */
export interface IncidentFilters {
  application?: string
  /** Any name of the environment; aliases resolve. */
  environment?: string
  /** Only those that are open, or only those that are resolved. */
  open?: boolean
  /** RFC 3339; inclusive start of `startedAt`. */
  from?: string
  /** RFC 3339; exclusive end of `startedAt`. */
  to?: string
}

export interface IncidentsRequest {
  tenant: string
  filters: IncidentFilters
  /** Now by default. */
  moment?: AsOf
  /** Maximum number of incidents, 1 to 500. */
  limit: number
  cursor?: string
}

/** SQL: JSON of a visible incident `i`, as in the API. */
const incidentJson = `json_strip_nulls(json_build_object('id', i.incident_id, 'application', i.application,
    'environment', i.environment, 'deploymentId', i.deployment_id, 'startedAt', instant(i.started_at),
    'resolvedAt', instant(i.resolved_at), 'title', i.title, 'url', i.url, 'recordedAt', instant(i.recorded_at),
    'position', i.partition || ':' || i.last_seq, 'version', i.version))::text`

/** The incidents, newest first by `startedAt`, then by log order; optionally as of a time. Throws InvalidCursor. */
export async function incidentsPage(query: Query, request: IncidentsRequest): Promise<QueryResult<Page>> {
  const { tenant, limit, cursor, moment = {} } = request
  const { application, environment, open, from, to } = request.filters
  const list = { list: 'incidents', application, environment, open, from, to, ...timesOf(moment) }
  const [lastStartedAt, lastLogOrder] = cursor === undefined ? [] : decodeCursor(cursor, list, isStartKey)
  const values = {
    tenant,
    limit,
    ...timesOf(moment),
    application,
    environment: environmentKeyOf(environment),
    from,
    to,
    lastStartedAt,
    lastLogOrder,
  }
  const [row] = await query<{ json: string; last: [string, string] | null; positions: string }>(
    statement(nameAsOf('incidents', moment), pageSql(request), values),
  )
  const { json, last, positions } = row!
  return { body: { json, ...(last && { next: encodeCursor(list, last) }) }, positions }
}

function pageSql({ filters, moment = {}, limit, cursor }: IncidentsRequest): string {
  const { application, environment, open, from, to } = filters
  // An incident that names only a deployment has the application and environment of that, as soon as it is visible.
  const where = (i: string) => [
    ...(application === undefined ? [] : [`${i}.application = $application`]),
    ...(environment === undefined ? [] : [`${i}.environment_name = ${environmentNameSql('$environment')}`]),
  ]
  const conditions = [
    'i.tenant = $tenant',
    ...where('i'),
    ...(from === undefined ? [] : ['i.started_at >= $from::timestamptz']),
    ...(to === undefined ? [] : ['i.started_at < $to::timestamptz']),
    ...(cursor === undefined
      ? []
      : ['(i.started_at, i.log_order) < ($lastStartedAt::timestamptz, $lastLogOrder::bigint)']),
  ]
  const isOpen = open === undefined ? [] : [`i.resolved_at IS ${open ? '' : 'NOT '}NULL`]
  const visible = incidentsAsOf(moment, isHistorical(moment) ? conditions : [...conditions, ...isOpen])
  const shown = [...(moment.knownAt === undefined ? [] : where('i')), ...(isHistorical(moment) ? isOpen : [])]
  return `
    WITH page AS MATERIALIZED (
      SELECT i.*, row_number() OVER () AS n FROM (
        SELECT i.* FROM ${visible} i ${shown.length > 0 ? `WHERE ${shown.join(' AND ')}` : ''}
        ORDER BY i.started_at DESC, i.log_order DESC LIMIT ${rowsFetched(limit)}
      ) i
    )
    SELECT '[' || coalesce((SELECT string_agg(${incidentJson}, ',' ORDER BY i.n) FROM page i WHERE i.n <= $limit), '') || ']' AS json,
      (SELECT json_build_array(instant(started_at), log_order::text) FROM page
        WHERE n = $limit AND EXISTS (SELECT FROM page WHERE n > $limit)) AS last,
      ${positionsSql('deployments')} AS positions`
}

/** One incident, optionally as of a time; `undefined` if the tenant has none with this id that is visible. */
export async function findIncident(
  query: Query,
  tenant: string,
  id: string,
  moment: AsOf = {},
): Promise<QueryResult<JsonText | undefined>> {
  const visible = incidentsAsOf(moment, ['i.tenant = $tenant', 'i.incident_id = $id'])
  const text = `
    SELECT (SELECT ${incidentJson} FROM ${visible} i) AS json, ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ json: string | null; positions: string }>(
    statement(nameAsOf('incident', moment), text, { tenant, id, ...timesOf(moment) }),
  )
  return { body: row!.json ?? undefined, positions: row!.positions }
}

/** The audit trail of an incident, in order; `undefined` if the tenant has none with this id. */
export function findIncidentEvents(
  query: Query,
  tenant: string,
  id: string,
): Promise<QueryResult<JsonText | undefined>> {
  return findAuditTrail(query, incidentAuditTrail, tenant, id)
}
