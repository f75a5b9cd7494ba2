import { environmentKey, environmentKeys, type DeploymentRecord, type IndexEntry, type Pipeline } from '#libs/contracts'

type Slot = Pick<DeploymentRecord, 'application' | 'environment'>

/** Name of the index entries of successful deployments that are not rolled back: the latest one of a slot is active, unless it was removed. */
export const activeIndex = 'running'

/** Name of the index entries, beside those, of deployments that were removed. */
export const removedIndex = 'removed'

/** Name of the index entries of successful deployments that were rolled back later. */
export const rolledBackIndex = 'rolled-back'

/** Name of the index entries of successful deployments of a tag, including those rolled back later. */
export function successIndex(imageTag: string): string {
  return `success/${imageTag}`
}

/** Name of the index entries of other deployments of a tag. */
export function attemptIndex(imageTag: string): string {
  return `attempt/${imageTag}`
}

/** The slot of a deployment, by the environment name as sent: aliases are resolved on reading, as the pipeline can change. */
function slotKey({ application, environment }: Slot): string {
  return JSON.stringify([application, environmentKey(environment)])
}

export function parseSlotKey(key: string): Slot {
  const [application, environment] = JSON.parse(key) as [string, string]
  return { application, environment }
}

/** The common prefix of the slots of an application, or of all applications. */
export function slotKeyPrefix(application?: string): string {
  return application === undefined ? '[' : `[${JSON.stringify(application)},`
}

/** A slot under each name that the pipeline has for its environment. */
export function slotKeysOf(pipeline: Pipeline, { application, environment }: Slot): string[] {
  return environmentKeys(pipeline, environment).map(key => slotKey({ application, environment: key }))
}

/** The index entries of a deployment, ranked by its start. */
export function deploymentIndexEntries(record: DeploymentRecord): IndexEntry[] {
  const { imageTag, succeeded, status, removedAt } = record
  const at = { groupKey: slotKey(record), rank: new Date(record.deployedAt).toISOString() }
  if (!succeeded) return [{ name: attemptIndex(imageTag), ...at }]
  const success = { name: successIndex(imageTag), ...at }
  if (status === 'ROLLED_BACK') return [success, { name: rolledBackIndex, ...at }]
  return [success, { name: activeIndex, ...at }, ...(removedAt === undefined ? [] : [{ name: removedIndex, ...at }])]
}
