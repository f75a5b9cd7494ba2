import { environmentKey, environmentKeys, type DeploymentRecord, type IndexEntry, type Pipeline } from '#libs/contracts'

type Placed = Pick<DeploymentRecord, 'application' | 'environment'>

/** Candidates for what runs in a place: succeeded, and not rolled back. */
export const runningIndex = 'running'

/** The deployments that carry a tag. */
export function tagIndex(imageTag: string): string {
  return `tag/${imageTag}`
}

/** An application in an environment, by the key of the name that was sent: which names mean one place, a pipeline says, and it can change. */
export function placeOf({ application, environment }: Placed): string {
  return JSON.stringify([application, environmentKey(environment)])
}

/** One place by each name that a pipeline has for its environment. */
export function namesOfPlace(pipeline: Pipeline, { application, environment }: Placed): string[] {
  return environmentKeys(pipeline, environment).map(key => placeOf({ application, environment: key }))
}

/** By tag, and as a candidate for what runs; the latest start first. */
export function deploymentIndexEntries(record: DeploymentRecord): IndexEntry[] {
  const place = placeOf(record)
  const rank = new Date(record.deployedAt).toISOString()
  const entries = [{ name: tagIndex(record.imageTag), place, rank }]
  if (record.succeeded && record.status !== 'ROLLED_BACK') entries.push({ name: runningIndex, place, rank })
  return entries
}
