import type { FromSchema } from 'json-schema-to-ts'
import {
  canonicalValue,
  type IncidentCommand,
  normalizeInstant,
  type OpenIncident,
  openIncidentSchema,
  type ResolveIncident,
  resolveIncidentSchema,
  streamIdOf,
} from '#libs/contracts'
import { incident } from '#libs/domain'

/** Request bodies, valid by their schemas in libs/contracts. */
export type OpenIncidentBody = FromSchema<typeof openIncidentSchema>
export type ResolveIncidentBody = FromSchema<typeof resolveIncidentSchema>

/** The stream of a command on an incident. */
export function incidentTarget<C extends IncidentCommand>(tenant: string, command: C) {
  return { streamId: streamIdOf(incident.category, tenant, command.incidentId), command }
}

/** Default: start now. */
export function openIncident(
  incidentId: string,
  body: OpenIncidentBody,
  { tenant, now }: { tenant: string; now: string },
): OpenIncident {
  const { id: _, startedAt = normalizeInstant(now), ...sent } = canonicalValue(openIncidentSchema, body)
  return { type: 'OpenIncident', incidentId, tenant, now, facts: { ...sent, startedAt } }
}

/** Default: `resolvedAt` now. */
export function resolveIncident(incidentId: string, body: ResolveIncidentBody, now: string): ResolveIncident {
  return { type: 'ResolveIncident', incidentId, now, resolvedAt: normalizeInstant(body.resolvedAt ?? now) }
}
