import { recorded, type GivenEvent } from './given-log.js'
import { partitionOf } from './written-log.js'

/** Two applications of the tenant `acme` whose events go to different partitions. */
export const one = 'checkout'
export const partition = partitionOf({ tenant: 'acme', application: one })
export const other = ['search', 'billing', 'catalogue', 'mail'].find(
  application => partitionOf({ tenant: 'acme', application }) !== partition,
)!
export const otherPartition = partitionOf({ tenant: 'acme', application: other })

/** Deployments of an application, tagged `v<first>` and so on, minute by minute. */
export function deploymentsOf(application: string, count: number, first = 1): GivenEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const n = first + index
    return recorded({ application, imageTag: `v${n}`, deployedAt: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString() })
  })
}

/** `v<from>` to `v<to>`. */
export function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `v${from + index}`)
}
