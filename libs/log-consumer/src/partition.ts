import type { LogRecord } from '#libs/event-log'

/** How far a consumer has come in one partition. */
export interface LogPosition {
  /** `ledgerseq` of the last event that is applied; 0: none. */
  seq: number
  /** Kafka offset to read from next. */
  nextOffset: number
}

/** Events of one partition, and its position before and after them. */
export interface PartitionStep<E> {
  partition: number
  from: LogPosition
  to: LogPosition
  events: readonly E[]
}

/** A record that cannot be applied, and why. */
export interface UnreadableRecord {
  record: LogRecord
  reason: string
}

/** Why a partition waits for somebody to fix it. */
export interface Halt {
  /** Everything before it is applied. */
  position: LogPosition
  reason: string
  since: Date
  /** The event that could not be applied; `undefined` at a gap. */
  unreadable?: UnreadableRecord
}

/** What a consumer knows of one partition. */
export interface PartitionState {
  readonly partition: number
  position: LogPosition
  halt?: Halt
  /** `ledgerseq` at which a gap made it read again from the stored position. */
  wentBackAt?: number
  /** Failed attempts in a row. */
  failures: number
  /** When the last applied event was recorded. */
  lastRecorded?: Date
}
