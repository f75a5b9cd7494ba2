import type { Moment } from '../sql/as-of.js'
import type { Side } from './slot-timeline.js'

/** Environments of a tenant that are compared, by the pipeline's names, at a moment: what runs without an end, where none is given. */
export interface Comparison extends Moment {
  tenant: string
  environments: string[]
  application?: string
}

/** An application and its places, in the order of the environments. */
export interface ComparedApplication {
  application: string
  sides: Side[]
}

/** A part of the applications that are compared, from after one of them on. */
export interface ComparedPart {
  after?: string
  /** Applications at most. */
  limit: number
  /** Only those whose places are not all alike. */
  onlyDiffering?: boolean
  /** Also those of which nothing runs at the moment. */
  alsoIdle?: boolean
}
