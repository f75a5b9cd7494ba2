import { statement, type Query } from '#libs/postgres'
import type { EventKey } from './event-key.js'

/** An incident of an application, and its events. Instants in milliseconds since 1970. */
export interface KnownIncident {
  application: string
  /** By the pipeline's name. */
  environment: string
  id: string
  /** The deployment that it names; it names a slot otherwise. */
  named: string | undefined
  start: number
  opened: EventKey
  /** Once it is resolved. */
  resolved?: EventKey & { at: number }
}

/** An event of an incident: an index in the list of incidents. */
export interface IncidentEvent extends EventKey {
  incident: number
  /** Version in the incident's stream: 1 opens it, 2 resolves it. */
  version: number
}

/** The events of incidents. */
export function incidentEventsOf(incidents: readonly KnownIncident[]): IncidentEvent[] {
  return incidents.flatMap(({ opened, resolved }, incident) => [
    { ...opened, incident, version: 1 },
    ...(resolved ? [{ ...resolved, incident, version: 2 }] : []),
  ])
}

interface Row {
  application: string
  environment: string
  id: string
  named: string | null
  start: number
  resolvedAt: number | null
  openedMs: number
  resolvedMs: number | null
  partition: number
  openedSeq: number
  lastSeq: number
}

/** The incidents of applications in environments, at most `most`. */
export async function loadIncidents(
  query: Query,
  { tenant, environments }: { tenant: string; environments: readonly string[] },
  applications: readonly string[],
  most: number,
): Promise<KnownIncident[]> {
  const rows = await query<Row>(statement('known incidents', KNOWN, { tenant, environments, applications, most }))
  return rows.map(row => {
    const { application, environment, id, named, start, partition, resolvedAt, resolvedMs } = row
    return {
      application,
      environment,
      id,
      named: named ?? undefined,
      start,
      opened: { knownMs: row.openedMs, partition, seq: row.openedSeq },
      ...(resolvedAt !== null && { resolved: { knownMs: resolvedMs!, partition, seq: row.lastSeq, at: resolvedAt } }),
    }
  })
}

const KNOWN = `
  SELECT i.application, i.environment_name AS environment, i.incident_id AS id, i.named_deployment_id AS named, milliseconds(i.started_at) AS start,
    milliseconds(i.resolved_at) AS "resolvedAt", milliseconds(i.recorded_at) AS "openedMs",
    milliseconds(i.resolution_known_from) AS "resolvedMs", i.partition, i.recorded_seq::float8 AS "openedSeq",
    i.last_seq::float8 AS "lastSeq"
  FROM incident i
  WHERE i.tenant = $tenant AND i.application = ANY ($applications) AND i.environment_name = ANY ($environments)
  ORDER BY i.application, i.started_at, i.log_order LIMIT $most::integer`
