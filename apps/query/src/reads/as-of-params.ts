import { InstantParameter } from '#libs/http'

/** Valid time. */
export const asOf = InstantParameter({
  description: 'Valid time: the response shows the state at this time, inclusive. Default: the current state.',
})
/** Transaction time. */
export const knownAt = InstantParameter({
  description:
    'Transaction time: the response uses only what had been recorded by this time, inclusive. Default: everything recorded so far.',
})

/** Parameters of a bitemporal read. */
export class AsOfQuery {
  @asOf
  asOf?: string

  @knownAt
  knownAt?: string
}
