import { type Incident, incidentsByOwner, newestIncidentFirst } from '../deployments/incidents.js'
import type { Deployment } from '../deployments/deployments.js'
import { byEnvironment, byText, defaultPipeline, type Pipeline } from '../deployments/pipeline.js'
import { shownInstant } from './drift.js'
import {
  byStart,
  currentOf,
  finish,
  inferredRollbacks,
  type Place,
  placesOf,
  removed,
  start,
} from '../deployments/places.js'
import { stepsOf } from './steps.js'

/** What the read API must answer about some deployments of one tenant, found the slow way: by looking at all, each time. */
export interface Recomputed {
  /** Every record as the API shows it, newest first. */
  history: Record<string, unknown>[]
  /** The records of what runs, by application, then in the order of the pipeline. */
  current: Record<string, unknown>[]
  /** How many rollbacks are inferred, by environment. */
  inferred: Record<string, number>
}

/** Recomputes history, what is current, and inferred rollbacks by the product's and the API's definitions. */
export function recompute(
  deployments: Deployment[],
  pipeline: Pipeline = defaultPipeline,
  incidents: Incident[] = [],
): Recomputed {
  const { owned } = incidentsByOwner(incidents, deployments, pipeline)
  const answers = new Map<Deployment, Record<string, unknown>>()
  const inferred: Record<string, number> = {}
  const places = placesOf(deployments, pipeline)
  const placed = placeById(places)
  for (const place of places) {
    const rollbacks = inferredRollbacks(place)
    for (const { environment } of rollbacks.keys()) inferred[environment] = (inferred[environment] ?? 0) + 1
    for (const deployment of place.deployments) {
      answers.set(deployment, withIncidents(answer(deployment, place, rollbacks, placed), owned))
    }
  }
  return {
    history: deployments.toSorted(newestFirst).map(deployment => answers.get(deployment)!),
    get current() {
      return running(places, pipeline).map(({ place, current }) => withSince(answers.get(current)!, place))
    },
    inferred,
  }
}

/** Only what is current, which is less work. */
export function recomputeCurrent(
  deployments: Deployment[],
  pipeline: Pipeline = defaultPipeline,
  incidents: Incident[] = [],
): Record<string, unknown>[] {
  const { owned } = incidentsByOwner(incidents, deployments, pipeline)
  const places = placesOf(deployments, pipeline)
  const placed = placeById(places)
  return running(places, pipeline).map(({ place, current }) =>
    withSince(withIncidents(answer(current, place, inferredRollbacks(place), placed), owned), place),
  )
}

/** Since when the tag that runs has run without a break, whichever of its deployments. */
function withSince(record: Record<string, unknown>, place: Place): Record<string, unknown> {
  const steps = stepsOf(place)
  const before = steps.findLastIndex(({ running }) => running?.imageTag !== record['imageTag'])
  return { ...record, runningSince: shownInstant(steps[before + 1]!.from) }
}

/** Adds its newest incidents to a record. */
function withIncidents(record: Record<string, unknown>, owned: Map<string, Incident[]>): Record<string, unknown> {
  const own = owned.get(record['id'] as string)
  if (!own) return record
  const incidents = own
    .toSorted(newestIncidentFirst)
    .slice(0, 20)
    .map(({ id, startedAt, resolvedAt, title, url }) =>
      JSON.parse(JSON.stringify({ id, startedAt, resolvedAt, title, url })),
    )
  return { ...record, incidents }
}

/** A voided record as the API shows it where it is asked for: it has to do with no other. */
export function voidedRecord(deployment: Deployment): Record<string, unknown> {
  const { rollbackOf, voidedAt } = deployment
  const place = { application: deployment.application, environment: '', deployments: [] }
  const shown = answer({ ...deployment, succeeded: false }, place, new Map(), new Map())
  return { ...shown, ...(rollbackOf !== undefined && { rollbackIgnored: 'It is voided.' }), voidedAt }
}

type Placed = Map<string, { deployment: Deployment; place: Place }>

function placeById(places: Place[]): Placed {
  const all = places.flatMap(place => place.deployments.map(deployment => ({ deployment, place })))
  return new Map(all.map(placed => [placed.deployment.id, placed]))
}

/** Why what a deployment says that it undoes is not undone by it; `undefined`: it is, or that one is not known. */
function ignoredRollback({ id, rollbackOf, succeeded, status }: Deployment, place: Place, placed: Placed) {
  if (rollbackOf === undefined) return undefined
  if (rollbackOf === id) return 'It names itself.'
  if (!succeeded && status !== 'PENDING') return 'It did not succeed: only a success undoes another deployment.'
  const found = placed.get(rollbackOf)
  if (!found) return undefined
  if (found.place === place)
    return found.deployment.status === 'CANCELLED'
      ? 'The deployment that it names is CANCELLED: it never ran.'
      : undefined
  const { application, environment } = found.deployment
  return `The deployment that it names is of application ${application} in environment ${environment}.`
}

function running(places: Place[], pipeline: Pipeline): { place: Place; current: Deployment }[] {
  const order = byEnvironment(pipeline)
  return places
    .flatMap(place => {
      const current = currentOf(place)
      return current ? [{ place, current }] : []
    })
    .toSorted(
      ({ place: a }, { place: b }) => byText(a.application, b.application) || order(a.environment, b.environment),
    )
}

/** Of the successes that started later and finished earlier, the one that started last. */
function overtakerOf(deployment: Deployment, ordered: Deployment[]): Deployment | undefined {
  if (!deployment.succeeded || finish(deployment) === start(deployment)) return undefined
  return ordered.findLast(
    other => other.succeeded && start(other) > start(deployment) && finish(other) < finish(deployment),
  )
}

/** Of the successes, neither rolled back nor removed, that started before what runs and finished after it, the one that finished last. */
function contesterOf(current: Deployment, ordered: Deployment[]): Deployment | undefined {
  return ordered
    .filter(other => other.status === 'DEPLOYED' && removed(other) === undefined)
    .filter(other => start(other) < start(current) && finish(other) > finish(current))
    .toSorted((a, b) => finish(a) - finish(b) || byStart(a, b))
    .at(-1)
}

function answer(
  deployment: Deployment,
  place: Place,
  inferred: Map<Deployment, Deployment>,
  placed: Placed,
): Record<string, unknown> {
  const { id, application, environment, imageTag, status, deployedAt, completedAt, rollbackOf, more } = deployment
  const active = currentOf(place) === deployment
  const undone = inferred.get(deployment)
  const all = {
    ...more,
    id,
    application,
    environment,
    imageTag,
    status,
    active,
    deployedAt,
    completedAt,
    durationSeconds: completedAt === undefined ? undefined : (finish(deployment) - start(deployment)) / 1000,
    rollbackOf: rollbackOf ?? undone?.id,
    rollbackDetected: rollbackOf !== undefined ? 'reported' : undone ? 'inferred' : undefined,
    rollbackIgnored: ignoredRollback(deployment, place, placed),
    overtakenBy: overtakerOf(deployment, place.deployments)?.id,
    contestedBy: active ? contesterOf(deployment, place.deployments)?.id : undefined,
    recordedAt: deployment.recordedAt,
    position: `${deployment.partition}:${deployment.lastSeq}`,
    version: deployment.version,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

const newestFirst = (a: Deployment, b: Deployment) => start(b) - start(a) || a.partition - b.partition || b.seq - a.seq
