/** The facts of an incident when it is opened. Instants are RFC 3339 in UTC. */
export interface IncidentFacts {
  /** The deployment that caused it, as told. */
  deploymentId?: string
  /** As told, else that of the named deployment; absent if that was unknown. */
  application?: string
  /** The same; the name as sent. */
  environment?: string
  startedAt: string
  title?: string
  url?: string
}

/** An incident, folded from its own events. Which deployment it belongs to otherwise is computed by the read models. */
export interface IncidentRecord extends IncidentFacts {
  id: string
  resolvedAt?: string
}

export interface OpenIncident {
  type: 'OpenIncident'
  incidentId: string
  /** `deploymentId` is looked up in the streams of this tenant. */
  tenant: string
  /** Time of receipt. The start may be at most 24 h later. */
  now: string
  facts: IncidentFacts
}

export interface ResolveIncident {
  type: 'ResolveIncident'
  incidentId: string
  now: string
  resolvedAt: string
}

export type IncidentCommand = OpenIncident | ResolveIncident

export interface IncidentOpened extends IncidentFacts {
  type: 'IncidentOpened'
  incidentId: string
}

export interface IncidentResolved {
  type: 'IncidentResolved'
  incidentId: string
  resolvedAt: string
}

export type IncidentEvent = IncidentOpened | IncidentResolved

/** Applies one event. Throws if the incident was not opened before. @param record `undefined` before the first event */
export function evolveIncident(record: IncidentRecord | undefined, event: IncidentEvent): IncidentRecord {
  if (event.type === 'IncidentOpened') {
    const { type: _, incidentId, ...facts } = event
    return { id: incidentId, ...facts }
  }
  if (!record) throw new Error(`${event.type} of incident ${event.incidentId}, which was never opened`)
  return { ...record, resolvedAt: event.resolvedAt }
}
