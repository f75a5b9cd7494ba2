import { refuse, type DeploymentRecord, type Rejection } from '#libs/contracts'

export interface TagSelection {
  imageTag: string
  application?: string
  environment?: string
}

/** An application in an environment in which a tag succeeded; streams by their ids. */
export interface TaggedSlot {
  /** What runs there, where that has the tag. */
  active?: string
  /** Its latest success with the tag, and whether that is rolled back. */
  latest: string
  isRolledBack: boolean
}

/** What "roll back this tag" means. */
export type TagChoice =
  | { kind: 'one'; streamId: string; isActive: boolean }
  | { kind: 'several'; streamIds: string[] }
  /** Rolled back already: to go on to another slot, or to an older success, would mark a second one for who asks twice. */
  | { kind: 'rolled back'; streamId: string }

/**
 * Which deployment "roll back this tag" means: what runs with it; where the tag runs nowhere, its latest success. It must come down to one.
 *
 * @param slots where the tag succeeded, at least one
 */
export function chooseByTag(slots: readonly TaggedSlot[]): TagChoice {
  const active = slots.flatMap(slot => slot.active ?? [])
  const rolledBack = slots.find(({ isRolledBack }) => isRolledBack)
  if (active.length === 0 && rolledBack) return { kind: 'rolled back', streamId: rolledBack.latest }
  const streamIds = active.length > 0 ? active : slots.map(({ latest }) => latest)
  const [only, another] = streamIds
  if (another !== undefined) return { kind: 'several', streamIds }
  return { kind: 'one', streamId: only!, isActive: active.length > 0 }
}

/** The refusal where no deployment has the tag. */
export function unknownTag(selection: TagSelection): Rejection {
  return refuse('not-found', `no deployment has the tag ${named(selection)}`)
}

/** The refusal where the tag was deployed, and never with success. */
export function neverSucceeded(selection: TagSelection): Rejection {
  return refuse(
    'conflict',
    `no deployment with the tag ${named(selection)} has succeeded: there is nothing to roll back`,
  )
}

/**
 * The refusal where more than one deployment is meant.
 *
 * @param records some of them, to be listed
 * @param count of all of them
 */
export function severalTagged(
  { imageTag }: TagSelection,
  records: readonly DeploymentRecord[],
  count: number,
): Rejection {
  const candidates = records.map(({ id, application, environment, imageTag, status, deployedAt }) => {
    return { id, application, environment, imageTag, status, deployedAt }
  })
  return refuse(
    'conflict',
    `${count} deployments have the tag ${imageTag}: name application and environment, or roll back one by its id`,
    { details: { candidates } },
  )
}

/** The refusal where a tag is in more slots than are looked at. */
export function tooManySlots({ imageTag }: TagSelection, most: number): Rejection {
  return refuse(
    'conflict',
    `the tag ${imageTag} is in more than ${most} applications and environments: name the application`,
  )
}

/** The refusal where a tag was deployed again and again, more often than one decision marks. */
export function tooManyToMark({ imageTag, application, environment }: DeploymentRecord, most: number): Rejection {
  return refuse(
    'conflict',
    `${imageTag} was deployed to ${environment} of ${application} more than ${most} times in a row, or with more facts than one ` +
      'decision can take: deploy the version that replaces it, which is recorded as a rollback',
  )
}

function named({ imageTag, application, environment }: TagSelection): string {
  const where =
    (application ? ` in application ${application}` : '') + (environment ? ` in environment ${environment}` : '')
  return imageTag + where
}
