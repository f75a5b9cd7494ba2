import type { LoggedEvent } from '#libs/contracts'
import type { EventLog, LogLogger, LogRecord } from '#libs/event-log'
import type { Halt, LogPosition, PartitionStep } from './partition.js'

export interface LogConsumerOptions<E extends LoggedEvent> {
  log: EventLog
  /** Consumer group: members share the partitions. */
  group: string
  logger: LogLogger
  /** Prepares what the consumer needs; called before it reads, again after each failure. */
  prepare?(): Promise<void>
  /** Reads the stored positions, by partition. */
  positions(): Promise<ReadonlyMap<number, LogPosition>>
  /** Reads a record. Throws where it is not an event that can be applied: its partition halts in front of it. */
  decode(record: LogRecord): E
  /**
   * Applies events, those of each partition in order, and stores the positions after them, all in one transaction.
   * False: a stored position was not the one before the events, because another process has moved it; nothing was changed.
   */
  apply(steps: readonly PartitionStep<E>[]): Promise<boolean>
  /** Whether an error of `apply` is caused by an event, so that trying again cannot help. Any other is tried again. */
  isEventError(error: unknown): boolean
  /** Called after each transaction, with its duration. Where it throws, the batch is tried again. */
  onApplied?(steps: readonly PartitionStep<E>[], seconds: number): Promise<void>
  /** Called before a partition halts. Where it throws, the batch is tried again. */
  onHalt?(partition: number, halt: Halt): Promise<void>
  /** Called when a halted partition resumes, because another process has applied the event. */
  onResume?(partition: number): void
  /** Called with the number of events that were skipped because the log repeats their `ledgerseq`. */
  onRepeated?(partition: number, events: number): void
  /** Reading has ended permanently. */
  onCrash?(error: Error): void
  /** Applies only up to the positions of `until`, and reads ahead meanwhile. Its positions are its own: it commits none to the group. */
  bounded?: boolean
  /** Events in one transaction at most (1,000). */
  maxEvents?: number
  /** Transactions at the same time at most, each of another partition (4). */
  transactions?: number
}
