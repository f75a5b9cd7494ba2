import type { Deployment } from '../deployments/deployments.js'
import { byEnvironment, byText, defaultPipeline, type Pipeline } from '../deployments/pipeline.js'
import { byFinish, currentOf, finish, instant, type Place, placesOf, start } from '../deployments/places.js'

/** One stop of a path: where, by which deployment, and after which other stop. */
interface Stop {
  place: Place
  deployment: Deployment
  at: number
}

/** The promotion path of a tag, as the API answers it: an entry for each environment where it succeeded. */
export function tagPath(
  deployments: Deployment[],
  imageTag: string,
  pipeline: Pipeline = defaultPipeline,
): Record<string, unknown>[] {
  const stops = placesOf(deployments, pipeline).flatMap((place): Stop[] => {
    const deployment = place.deployments.find(other => other.succeeded && other.imageTag === imageTag)
    return deployment ? [{ place, deployment, at: start(deployment) }] : []
  })
  return inOrder(stops, pipeline).map(stop => ({
    ...head(stop),
    firstDeployedAt: stop.deployment.deployedAt,
    ...previous(stop, stops, pipeline),
    active: runsIn(stop),
  }))
}

/** When a commit reached each environment, and by which deployment; `from`, `secondsAfterPrevious` as for a tag, by the finish. */
export function commitPath(
  deployments: Deployment[],
  sha: string,
  pipeline: Pipeline = defaultPipeline,
): Record<string, unknown>[] {
  const stops = placesOf(deployments, pipeline).flatMap((place): Stop[] => {
    const deployment = place.deployments.filter(carries(sha)).toSorted(byFinish)[0]
    return deployment ? [{ place, deployment, at: finish(deployment) }] : []
  })
  return inOrder(stops, pipeline).map(stop => {
    const { imageTag, deployedAt, completedAt } = stop.deployment
    const committedAt = commitsOf(stop.deployment).find(commit => commit.sha === sha)?.committedAt
    return {
      ...head(stop),
      imageTag,
      deployedAt,
      ...(completedAt !== undefined && { completedAt }),
      ...(committedAt !== undefined && { committedAt, leadTimeSeconds: (stop.at - instant(committedAt)) / 1000 }),
      ...previous(stop, stops, pipeline),
      active: runsIn(stop),
    }
  })
}

const commitsOf = ({ more }: Deployment) => (more['commits'] ?? []) as { sha: string; committedAt: string }[]

const carries = (sha: string) => (deployment: Deployment) =>
  deployment.succeeded &&
  (deployment.more['gitCommit'] === sha || commitsOf(deployment).some(commit => commit.sha === sha))

/** Whether the tag runs there, by whichever of its deployments. */
const runsIn = ({ place, deployment }: Stop) => currentOf(place)?.imageTag === deployment.imageTag

const head = ({ place: { application, environment }, deployment: { id } }: Stop) => ({
  application,
  environment,
  deploymentId: id,
})

function inOrder(stops: Stop[], pipeline: Pipeline): Stop[] {
  const order = byEnvironment(pipeline)
  return stops.toSorted(
    ({ place: a }, { place: b }) => byText(a.application, b.application) || order(a.environment, b.environment),
  )
}

/** The nearest earlier environment of the pipeline where it had arrived by then. */
function previous({ place, at }: Stop, stops: Stop[], { environments }: Pipeline): object {
  const earlier = environments.slice(0, Math.max(environments.indexOf(place.environment), 0))
  const before = earlier
    .flatMap(
      name => stops.find(stop => stop.place.application === place.application && stop.place.environment === name) ?? [],
    )
    .findLast(stop => stop.at <= at)
  return before ? { from: before.place.environment, secondsAfterPrevious: (at - before.at) / 1000 } : {}
}
