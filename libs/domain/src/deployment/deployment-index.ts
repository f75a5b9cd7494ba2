import { environmentKey, environmentKeys, type DeploymentRecord, type IndexEntry, type Pipeline } from '#libs/contracts'

type Placed = Pick<DeploymentRecord, 'application' | 'environment'>

/** Name of the index entries of successful deployments that are not rolled back: the latest one of a slot is active. */
export const runningIndex = 'running'

/** Name of the index entries of successful deployments of a tag, including those rolled back later. */
export function successIndex(imageTag: string): string {
  return `success/${imageTag}`
}

/** Name of the index entries of other deployments of a tag. */
export function attemptIndex(imageTag: string): string {
  return `attempt/${imageTag}`
}

/** The slot of a deployment, by the environment name as sent: aliases are resolved on reading, as the pipeline can change. */
function placeOf({ application, environment }: Placed): string {
  return JSON.stringify([application, environmentKey(environment)])
}

export function readPlace(place: string): Placed {
  const [application, environment] = JSON.parse(place) as [string, string]
  return { application, environment }
}

/** The common prefix of the slots of an application, or of all applications. */
export function beginningOfPlaces(application?: string): string {
  return application === undefined ? '[' : `[${JSON.stringify(application)},`
}

/** A slot under each name that the pipeline has for its environment. */
export function namesOfPlace(pipeline: Pipeline, { application, environment }: Placed): string[] {
  return environmentKeys(pipeline, environment).map(key => placeOf({ application, environment: key }))
}

/** The index entries of a deployment, ranked by its start. */
export function deploymentIndexEntries(record: DeploymentRecord): IndexEntry[] {
  const { imageTag, succeeded, status } = record
  const at = { place: placeOf(record), rank: new Date(record.deployedAt).toISOString() }
  if (!succeeded) return [{ name: attemptIndex(imageTag), ...at }]
  const success = { name: successIndex(imageTag), ...at }
  return status === 'ROLLED_BACK' ? [success] : [success, { name: runningIndex, ...at }]
}
