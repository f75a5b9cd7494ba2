import type { Deployment } from './deployments.js'
import { defaultPipeline, environmentName, type Pipeline } from './pipeline.js'

/** An application in an environment, by the pipeline's name of it, and its deployments by what happened: the start, then the log. */
export interface Place {
  application: string
  environment: string
  deployments: Deployment[]
}

/** Puts the deployments of one tenant where its pipeline has them. */
export function placesOf(deployments: Deployment[], pipeline: Pipeline = defaultPipeline): Place[] {
  const places = new Map<string, Map<string, Place>>()
  for (const deployment of deployments) {
    const { application } = deployment
    const environment = environmentName(deployment.environment, pipeline)
    const ofApplication = places.get(application) ?? new Map<string, Place>()
    places.set(application, ofApplication)
    const place = ofApplication.get(environment) ?? { application, environment, deployments: [] }
    ofApplication.set(environment, place)
    place.deployments.push(deployment)
  }
  return [...places.values()]
    .flatMap(ofApplication => [...ofApplication.values()])
    .map(place => ({ ...place, deployments: place.deployments.toSorted(byStart) }))
}

/** What runs in a place: the latest success by start that was not rolled back; nothing where that one was removed. */
export function currentOf(place: Place): Deployment | undefined {
  const latest = latestOf(place)
  return latest && removed(latest) === undefined ? latest : undefined
}

/** The latest success by start that was not rolled back, removed or not. */
export function latestOf({ deployments }: Place): Deployment | undefined {
  return deployments.findLast(({ status }) => status === 'DEPLOYED')
}

/**
 * Which deployments of a place undo another one without saying so, by that: a success replaces the success just before it, and where
 * its tag first succeeded before the replaced one's tag first did, it goes back to an older version.
 */
export function inferredRollbacks({ deployments }: Place): Map<Deployment, Deployment> {
  const undone = new Map<Deployment, Deployment>()
  const firstOf = new Map<string, Deployment>()
  let replaced: Deployment | undefined
  for (const deployment of deployments) {
    if (!deployment.succeeded) continue
    if (!firstOf.has(deployment.imageTag)) firstOf.set(deployment.imageTag, deployment)
    if (replaced && deployment.rollbackOf === undefined) {
      const goesBack = byStart(firstOf.get(deployment.imageTag)!, firstOf.get(replaced.imageTag)!) < 0
      if (goesBack) undone.set(deployment, replaced)
    }
    replaced = deployment
  }
  return undone
}

/** Which deployments of a place report to have undone each other one of it, by its id: successes, and of nothing else. */
export function reportedRollbacks({ deployments }: Place): Map<string, Deployment[]> {
  const here = new Set(deployments.map(({ id }) => id))
  const undoing = new Map<string, Deployment[]>()
  for (const deployment of deployments) {
    const named = deployment.rollbackOf?.toLowerCase()
    if (!deployment.succeeded || named === undefined || named === deployment.id || !here.has(named)) continue
    undoing.set(named, [...(undoing.get(named) ?? []), deployment])
  }
  return undoing
}

const instants = new Map<string, number>()

/** As Date.parse, which is slow to be asked the same again and again. */
export function instant(text: string): number {
  const known = instants.get(text)
  if (known !== undefined) return known
  const at = Date.parse(text)
  instants.set(text, at)
  return at
}

export const start = ({ deployedAt }: Deployment): number => instant(deployedAt)
export const finish = ({ deployedAt, completedAt }: Deployment): number => instant(completedAt ?? deployedAt)
export const rolledBack = ({ more }: Deployment): number | undefined =>
  more['rolledBackAt'] === undefined ? undefined : instant(more['rolledBackAt'] as string)

export const removed = ({ more }: Deployment): number | undefined =>
  more['removedAt'] === undefined ? undefined : instant(more['removedAt'] as string)

// One application has one partition.
export const byStart = (a: Deployment, b: Deployment): number => start(a) - start(b) || a.seq - b.seq
export const byFinish = (a: Deployment, b: Deployment): number => finish(a) - finish(b) || a.seq - b.seq
