import type { ProjectedPosition } from '#libs/read-models'

/** Why a partition waits for somebody to mend it. */
export interface Halt {
  /** Where it stands: what is before this was projected. */
  position: ProjectedPosition
  reason: string
  since: Date
}

/** What a projector knows of one partition. */
export interface PartitionState {
  position: ProjectedPosition
  halt?: Halt
  /** Position at which a gap made it go back once already. */
  wentBackAt?: number
  /** Faults of the server in a row. */
  faults: number
  /** Whether an event of it is parked. */
  parked: boolean
  /** When the last projected event was recorded. */
  lastRecorded?: Date
}
