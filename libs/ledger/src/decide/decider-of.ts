import type { Decider } from '#libs/contracts'
import { deciders } from '#libs/domain'

/** The decider of a stream. Throws if this version does not know its category. */
export function deciderOf(streamId: string): Decider<unknown, unknown, unknown> {
  const category = streamId.slice(0, streamId.indexOf('-'))
  const decider = deciders.find(known => known.category === category)
  if (!decider) throw new Error(`stream ${streamId} has a category that this version does not know`)
  return decider
}
