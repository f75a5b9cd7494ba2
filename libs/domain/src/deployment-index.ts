import { defaultPipeline, resolveEnvironment, type DeploymentRecord, type IndexEntry } from '#libs/contracts'

/** Candidates for what runs in a place: succeeded, and not rolled back. */
export const runningIndex = 'running'

/** The deployments that carry a tag. */
export function tagIndex(imageTag: string): string {
  return `tag/${imageTag}`
}

/** An application in an environment, by the pipeline's name of it. */
export function placeOf({ application, environment }: Pick<DeploymentRecord, 'application' | 'environment'>): string {
  return JSON.stringify([application, resolveEnvironment(defaultPipeline, environment)])
}

/** By tag, and as a candidate for what runs; the latest start first. */
export function deploymentIndexEntries(record: DeploymentRecord): IndexEntry[] {
  const place = placeOf(record)
  const rank = new Date(record.deployedAt).toISOString()
  const entries = [{ name: tagIndex(record.imageTag), place, rank }]
  if (record.succeeded && record.status !== 'ROLLED_BACK') entries.push({ name: runningIndex, place, rank })
  return entries
}
