import { formatInstant } from '#libs/contracts'
import type { Interval } from '../deployment/interval/step-function.js'

/** What runs in one environment. */
export interface ActiveDeployment {
  imageTag: string
  deploymentId: string
  deployedAt: string
}

/** What runs, as it is shown. */
export function presentedActive({
  imageTag,
  deploymentId,
  deployedAt,
}: NonNullable<Interval['active']>): ActiveDeployment {
  return { imageTag, deploymentId, deployedAt: formatInstant(new Date(deployedAt)) }
}

/** Since when it is so, and for how long. */
export interface Age {
  since: string
  ageSeconds: number
}

/** An age, as it is shown; both milliseconds since 1970. */
export function presentedAge(since: number, at: number): Age {
  return { since: formatInstant(new Date(since)), ageSeconds: (at - since) / 1000 }
}

/** Whether a cursor's place is an application. */
export function isApplication(cursorKey: unknown[]): cursorKey is [string] {
  return cursorKey.length === 1 && typeof cursorKey[0] === 'string'
}
