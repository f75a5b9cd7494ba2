import type { Deployment } from '../deployments/deployments.js'
import { defaultPipeline, environmentName, type Pipeline } from '../deployments/pipeline.js'
import { currentOf, type Place, placesOf, removed } from '../deployments/places.js'

export interface TagSelection {
  imageTag: string
  application?: string
  environment?: string
}

/** What "roll back this tag" must come to: the deployments that are marked, the answered one first, or the status of the refusal. */
export function rollbackByTag(
  deployments: Deployment[],
  { imageTag, application, environment }: TagSelection,
  pipeline: Pipeline = defaultPipeline,
): { marked: string[] } | { status: 404 | 409 | 422 } {
  const places = placesOf(deployments, pipeline).filter(
    place =>
      (application === undefined || place.application === application) &&
      (environment === undefined || place.environment === environmentName(environment, pipeline)) &&
      place.deployments.some(deployment => deployment.imageTag === imageTag),
  )
  if (places.length === 0) return { status: 404 }

  const running = places.filter(place => currentOf(place)?.imageTag === imageTag)
  if (running.length > 0) return running.length === 1 ? { marked: runningSpan(running[0]!) } : { status: 409 }

  const latest = places.flatMap(
    place => place.deployments.findLast(one => one.succeeded && one.imageTag === imageTag) ?? [],
  )
  if (latest.length !== 1 || latest[0]!.status !== 'DEPLOYED') return { status: 409 }
  return removed(latest[0]!) === undefined ? { marked: [latest[0]!.id] } : { status: 422 }
}

/** What a mark of a deployment by its id must mark: with what runs, all that keeps its tag running. */
export function rollbackById(deployments: Deployment[], id: string, pipeline: Pipeline = defaultPipeline): string[] {
  const place = placesOf(deployments, pipeline).find(one => one.deployments.some(deployment => deployment.id === id))
  return place && currentOf(place)?.id === id ? runningSpan(place) : [id]
}

/** Marks what runs again and again, until another tag runs. */
function runningSpan({ deployments, ...place }: Place): string[] {
  const first = currentOf({ ...place, deployments })!
  const marked: string[] = []
  let rest = deployments
  for (let current: Deployment | undefined = first; current?.imageTag === first.imageTag;) {
    const { id } = current
    marked.push(id)
    rest = rest.filter(deployment => deployment.id !== id)
    current = currentOf({ ...place, deployments: rest })
  }
  return marked
}
