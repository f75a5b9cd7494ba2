import {
  type ContextStreams,
  type Decider,
  type Decision,
  defaultApplication,
  evolveIncident,
  type IncidentCommand,
  type IncidentEvent,
  type IncidentFacts,
  type IncidentOpened,
  type IncidentRecord,
  type IncidentResolved,
  type OpenIncident,
  refuse,
  type ResolveIncident,
} from '#libs/contracts'
import { namedDeployment, readsOfNaming, strayName } from '../deployment/rollback-of.js'
import { blankEnvironment, DAY_MS, type FieldError, refusalOf } from '../deployment/deployment-facts.js'

export type Incident = { state: 'absent' } | { state: 'opened'; record: IncidentRecord }

function evolve(incident: Incident, event: IncidentEvent): Incident {
  return { state: 'opened', record: evolveIncident(incident.state === 'opened' ? incident.record : undefined, event) }
}

/** The context streams of opening an incident: the deployment that it names, and the pipeline, which resolves environment names. */
export function readsOfOpening({ tenant, facts: { deploymentId } }: OpenIncident): string[] {
  return readsOfNaming(tenant, deploymentId)
}

function open(command: OpenIncident, incident: Incident, contextStreams: ContextStreams): Decision<IncidentOpened> {
  const { incidentId, now } = command
  if (incident.state === 'opened') {
    return refuse('unprocessable', `incident ${incidentId} already exists with other facts`, {
      errors: [{ pointer: '/id', detail: 'is the id of an existing incident: send another id' }],
    })
  }
  const facts = withSlot(command, contextStreams)
  const errors = [
    ...(facts.environment === undefined ? [] : blankEnvironment({ environment: facts.environment })),
    ...impossibleStart(facts.startedAt, now),
    ...strayDeployment(command, contextStreams),
  ]
  return refusalOf(errors) ?? [{ type: 'IncidentOpened', incidentId, ...facts }]
}

/** Adds the application and environment of the named deployment, if it is known; without a named deployment the default application. */
function withSlot(command: OpenIncident, contextStreams: ContextStreams): IncidentFacts {
  const { tenant, facts } = command
  const { deploymentId, application, environment, ...others } = facts
  const named = deploymentId === undefined ? undefined : namedDeployment(tenant, deploymentId, contextStreams)
  const known = {
    application: application ?? (deploymentId === undefined ? defaultApplication : named?.application),
    environment: environment ?? named?.environment,
  }
  return {
    ...(deploymentId !== undefined && { deploymentId }),
    ...(known.application !== undefined && { application: known.application }),
    ...(known.environment !== undefined && { environment: known.environment }),
    ...others,
  }
}

/** Checks `deploymentId`. An unknown id is accepted, as that deployment may be recorded later. */
function strayDeployment({ tenant, facts }: OpenIncident, contextStreams: ContextStreams): FieldError[] {
  const { deploymentId: id, application, environment } = facts
  if (id === undefined) return []
  return strayName({ id, pointer: '/deploymentId', application, environment }, tenant, contextStreams)
}

function impossibleStart(startedAt: string, now: string): FieldError[] {
  const start = Date.parse(startedAt)
  if (start < 0) {
    const detail = 'is before 1970-01-01T00:00:00Z, which looks like an unset time: send the real time'
    return [{ pointer: '/startedAt', detail }]
  }
  return tooLate(startedAt, '/startedAt', now)
}

function tooLate(at: string, pointer: string, now: string): FieldError[] {
  if (Date.parse(at) <= Date.parse(now) + DAY_MS) return []
  return [{ pointer, detail: 'is more than 24 h in the future', dependsOnState: true }]
}

function resolve(command: ResolveIncident, incident: Incident): Decision<IncidentResolved> {
  const { incidentId, resolvedAt, now } = command
  if (incident.state === 'absent') return refuse('not-found', `incident ${incidentId} does not exist`)
  const { startedAt, resolvedAt: before } = incident.record
  if (before !== undefined) {
    const reason = `incident ${incidentId} is resolved since ${before}: an incident can be resolved only once`
    return refuse('conflict', reason, { details: { incidentId, resolvedAt: before } })
  }
  const early = Date.parse(resolvedAt) < Date.parse(startedAt)
  const errors: FieldError[] = [
    ...(early ? [{ pointer: '/resolvedAt', detail: `is before \`startedAt\` (${startedAt})` }] : []),
    ...tooLate(resolvedAt, '/resolvedAt', now),
  ]
  return refusalOf(errors) ?? [{ type: 'IncidentResolved', incidentId, resolvedAt }]
}

function decide(
  command: IncidentCommand,
  incident: Incident,
  contextStreams: ContextStreams = new Map(),
): Decision<IncidentEvent> {
  switch (command.type) {
    case 'OpenIncident':
      return open(command, incident, contextStreams)
    case 'ResolveIncident':
      return resolve(command, incident)
    default:
      return command satisfies never
  }
}

export const incident: Decider<Incident, IncidentCommand, IncidentEvent> = {
  category: 'incident',
  stateVersion: 1,
  initial: { state: 'absent' },
  evolve,
  decide,
  // That of the application, so that a partition has an incident in order with the deployments to which it can belong.
  orderingKey: incident => (incident.state === 'opened' ? incident.record.application : undefined),
  indexEntries: () => [],
}
