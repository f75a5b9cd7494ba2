import { refuse, type DeploymentRecord, type Rejection } from '#libs/contracts'

export interface TagSelection {
  imageTag: string
  application?: string
  environment?: string
}

/** A slot in which a tag succeeded; streams by id. */
export interface TaggedSlot {
  /** The active deployment, if it has the tag. */
  active?: string
  /** The latest success of the tag. */
  latest: string
  isRolledBack: boolean
}

export type TagChoice =
  | { kind: 'one'; streamId: string; isActive: boolean }
  | { kind: 'several'; streamIds: string[] }
  /** Already rolled back. Choosing another slot or an older success would make a repeated request mark a second deployment. */
  | { kind: 'rolled back'; streamId: string }

/**
 * Chooses the deployment that a rollback by tag marks: the active one with the tag, or if the tag is active nowhere, its latest success.
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

export function unknownTag(selection: TagSelection): Rejection {
  return refuse('not-found', `no deployment has the image tag ${describeTag(selection)}`)
}

export function neverSucceeded(selection: TagSelection): Rejection {
  return refuse(
    'conflict',
    `no deployment of the image tag ${describeTag(selection)} succeeded, so none can be rolled back`,
  )
}

/**
 * The rejection of an ambiguous tag.
 *
 * @param records the candidates to list
 * @param count number of all candidates
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
    `${count} deployments of the image tag ${imageTag} match: send \`application\` and \`environment\`, or roll back one by its id`,
    { details: { candidates } },
  )
}

export function tooManySlots({ imageTag }: TagSelection, most: number): Rejection {
  return refuse(
    'conflict',
    `the image tag ${imageTag} was deployed to more than ${most} applications and environments: send \`application\``,
  )
}

/** The rejection of a span that is too long for one decision. */
export function tooManyToMark({ imageTag, application, environment }: DeploymentRecord, most: number): Rejection {
  return refuse(
    'conflict',
    `the image tag ${imageTag} was deployed to ${environment} of ${application} more than ${most} times in a row, or with too much ` +
      'data for one transaction: deploy an older version instead, which counts as a rollback',
  )
}

function describeTag({ imageTag, application, environment }: TagSelection): string {
  const where =
    (application ? ` in application ${application}` : '') + (environment ? ` in environment ${environment}` : '')
  return imageTag + where
}
