import type { ActiveDeployment } from '#libs/api'
import { formatInstant } from '#libs/contracts'
import type { Interval } from '../deployment/interval/step-function.js'

/** The active deployment as presented. */
export function presentedActive({
  imageTag,
  deploymentId,
  deployedAt,
}: NonNullable<Interval['active']>): ActiveDeployment {
  return { imageTag, deploymentId, deployedAt: formatInstant(new Date(deployedAt)) }
}

/** Start and age of a difference. */
export interface Age {
  since: string
  ageSeconds: number
}

/** An age as presented; arguments are milliseconds since 1970. */
export function presentedAge(since: number, at: number): Age {
  return { since: formatInstant(new Date(since)), ageSeconds: (at - since) / 1000 }
}

/** Whether a cursor contains an application. */
export function isApplication(cursorKey: unknown[]): cursorKey is [string] {
  return cursorKey.length === 1 && typeof cursorKey[0] === 'string'
}
