import type { RawRecord } from '../log/log-reader.js'
import { type Deployment, foldAll } from './deployments.js'
import { defaultPipeline, environmentName, type Pipeline } from './pipeline.js'
import { byStart, finish, instant, removed, rolledBack } from './places.js'

/** An incident as its own events tell it. */
export interface Incident {
  tenant: string
  id: string
  /** The deployment, the application and the environment that it names. */
  deploymentId?: string
  application?: string
  environment?: string
  startedAt: string
  resolvedAt?: string
  title?: string
  url?: string
  partition: number
  /** Place of the event that opened it, and of its last event. */
  seq: number
  lastSeq: number
  version: number
  recordedAt: string
}

export const isOfIncident = ({ headers }: RawRecord): boolean =>
  headers['ce_type']?.startsWith('io.shiplog.incident.') ?? false

/** Folds the events of the log to incidents, by tenant and id; without those that name a deployment which was voided. */
export function foldIncidents(records: RawRecord[]): Incident[] {
  const incidents = new Map<string, Incident>()
  for (const record of records.filter(isOfIncident)) {
    const { partition, headers, value } = record
    const { incidentId, ...data } = JSON.parse(value) as Record<string, string>
    const tenant = headers['ce_tenant'] ?? ''
    const key = `${tenant} ${incidentId}`
    const known = incidents.get(key)
    const lastSeq = Number(headers['ce_ledgerseq'])
    const version = Number(headers['ce_streamversion'])
    if (headers['ce_type'] === 'io.shiplog.incident.opened.v1') {
      if (known) throw new Error(`incident ${key} was opened twice`)
      const recordedAt = headers['ce_recordedtime'] ?? ''
      const { startedAt } = data
      const where = { tenant, id: incidentId!, partition, seq: lastSeq, lastSeq, version, recordedAt }
      incidents.set(key, { ...data, startedAt: startedAt!, ...where })
    } else if (headers['ce_type'] === 'io.shiplog.incident.resolved.v1' && known) {
      Object.assign(known, { resolvedAt: data['resolvedAt'], lastSeq, version })
    } else throw new Error(`${headers['ce_type']} of ${key}, which is ${known ? 'opened' : 'unknown'}`)
  }
  const ofDeployments = records.filter(({ headers }) => headers['ce_type']?.startsWith('io.shiplog.deployment.'))
  const voided = foldAll(ofDeployments).filter(({ voidedAt }) => voidedAt !== undefined)
  return [...incidents.values()].filter(
    incident => !voided.some(one => one.tenant === incident.tenant && isNamed(incident, one, defaultPipeline)),
  )
}

/** The incidents that had started by then; what was resolved later is open. */
export function incidentsAsOf(incidents: Incident[], moment: string | undefined): Incident[] {
  if (moment === undefined) return incidents
  const t = instant(moment)
  return incidents
    .filter(({ startedAt }) => instant(startedAt) <= t)
    .map(incident => {
      if (incident.resolvedAt === undefined || instant(incident.resolvedAt) <= t) return incident
      const { resolvedAt: _, ...open } = incident
      return open
    })
}

/** The deployment to which an incident belongs: the one that it names, of where it says; else the one that was active when it started, if any. */
export function ownerOf(incident: Incident, deployments: Deployment[], pipeline: Pipeline): Deployment | undefined {
  if (incident.deploymentId !== undefined)
    return deployments.find(deployment => isNamed(incident, deployment, pipeline))
  const at = instant(incident.startedAt)
  const latest = deployments
    .filter(deployment => isThere(incident, deployment, pipeline))
    .filter(deployment => {
      if (!deployment.succeeded || finish(deployment) > at) return false
      return deployment.status !== 'ROLLED_BACK' || at < (rolledBack(deployment) ?? -Infinity)
    })
    .toSorted(byStart)
    .at(-1)
  return latest && (removed(latest) ?? Infinity) > at ? latest : undefined
}

function isNamed(incident: Incident, deployment: Deployment, pipeline: Pipeline): boolean {
  return deployment.id.toLowerCase() === incident.deploymentId && isThere(incident, deployment, pipeline)
}

function isThere({ application, environment }: Incident, deployment: Deployment, pipeline: Pipeline): boolean {
  return (
    (application === undefined || deployment.application === application) &&
    (environment === undefined ||
      environmentName(deployment.environment, pipeline) === environmentName(environment, pipeline))
  )
}

/** The incidents of each deployment, by its id; and those that belong to none. */
export function incidentsByOwner(
  incidents: Incident[],
  deployments: Deployment[],
  pipeline: Pipeline,
): { owned: Map<string, Incident[]>; unattributed: Incident[] } {
  const owned = new Map<string, Incident[]>()
  const unattributed: Incident[] = []
  for (const incident of incidents) {
    const owner = ownerOf(incident, deployments, pipeline)
    if (owner) owned.set(owner.id, [...(owned.get(owner.id) ?? []), incident])
    else unattributed.push(incident)
  }
  return { owned, unattributed }
}

/** Newest first by start, then the log. */
export const newestIncidentFirst = (a: Incident, b: Incident): number =>
  instant(b.startedAt) - instant(a.startedAt) || a.partition - b.partition || b.seq - a.seq

/** Where an incident is: as it says, else where the deployment is that it names. */
export function placeOf(incident: Incident, deployments: Deployment[], pipeline: Pipeline) {
  const { application, environment, deploymentId } = incident
  const named = deploymentId === undefined ? undefined : ownerOf(incident, deployments, pipeline)
  return { application: application ?? named?.application, environment: environment ?? named?.environment }
}

/**
 * An incident as the API shows it.
 * @param known the deployments whenever they started, `deployments` those that had started by then
 */
export function shownIncident(incident: Incident, deployments: Deployment[], pipeline: Pipeline, known = deployments) {
  const owner = ownerOf(incident, deployments, pipeline)
  const { id, startedAt, resolvedAt, title, url, recordedAt, partition, lastSeq, version } = incident
  const all = {
    id,
    ...placeOf(incident, known, pipeline),
    deploymentId: owner?.id,
    startedAt,
    resolvedAt,
    title,
    url,
    recordedAt,
    position: `${partition}:${lastSeq}`,
    version,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
