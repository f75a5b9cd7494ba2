import { environmentKey, environmentKeys, type DeploymentRecord, type IndexEntry, type Pipeline } from '#libs/contracts'

type Placed = Pick<DeploymentRecord, 'application' | 'environment'>

/** Candidates for what runs in a place: succeeded, and not rolled back. */
export const runningIndex = 'running'

/** The deployments that carry a tag and had succeeded, rolled back since or not. */
export function successIndex(imageTag: string): string {
  return `success/${imageTag}`
}

/** The deployments that carry a tag and had not succeeded. */
export function attemptIndex(imageTag: string): string {
  return `attempt/${imageTag}`
}

/** An application in an environment, by the key of the name that was sent: which names mean one place, a pipeline says, and it can change. */
function placeOf({ application, environment }: Placed): string {
  return JSON.stringify([application, environmentKey(environment)])
}

/** What a place says. */
export function readPlace(place: string): Placed {
  const [application, environment] = JSON.parse(place) as [string, string]
  return { application, environment }
}

/** How the places of an application begin; of all applications where none is named. */
export function beginningOfPlaces(application?: string): string {
  return application === undefined ? '[' : `[${JSON.stringify(application)},`
}

/** One place by each name that a pipeline has for its environment. */
export function namesOfPlace(pipeline: Pipeline, { application, environment }: Placed): string[] {
  return environmentKeys(pipeline, environment).map(key => placeOf({ application, environment: key }))
}

/** By its tag, and as a candidate for what runs; the latest start first. */
export function deploymentIndexEntries(record: DeploymentRecord): IndexEntry[] {
  const { imageTag, succeeded, status } = record
  const at = { place: placeOf(record), rank: new Date(record.deployedAt).toISOString() }
  if (!succeeded) return [{ name: attemptIndex(imageTag), ...at }]
  const success = { name: successIndex(imageTag), ...at }
  return status === 'ROLLED_BACK' ? [success] : [success, { name: runningIndex, ...at }]
}
