import { printable } from '#libs/contracts'
import type { LogLogger, LogReader } from '#libs/event-log'
import { seqOf } from './chunk.js'
import type { Halt, LogPosition, PartitionState, UnreadableRecord } from './partition.js'

/** Moves the reader of a partition. */
export type ReaderControl = Pick<LogReader, 'seek' | 'halt' | 'resume'>

interface HaltHooks {
  logger: LogLogger
  onHalt?(partition: number, halt: Halt): Promise<void>
  onResume?(partition: number): void
}

/** Halts partitions in front of what cannot be applied, visibly, and resumes them. */
export class PartitionHalts {
  constructor(
    private readonly hooks: HaltHooks,
    private readonly reader: ReaderControl,
  ) {}

  /** Halts a partition in front of an event that cannot be applied. */
  haltBefore(state: PartitionState, unreadable: UnreadableRecord): Promise<void> {
    const { record, reason } = unreadable
    const seq = seqOf(record) ?? 'without ledgerseq'
    const type = printable(record.headers['ce_type']?.toString() ?? 'no type')
    const name = `event ${seq} at offset ${record.offset} (${type})`
    return this.halt(state, `${name} cannot be applied: ${reason}`, unreadable)
  }

  async halt(state: PartitionState, reason: string, unreadable?: UnreadableRecord): Promise<void> {
    const { partition, position } = state
    const halt: Halt = { position, reason, since: new Date(), ...(unreadable && { unreadable }) }
    await this.hooks.onHalt?.(partition, halt)
    state.halt = halt
    const fields = { event: 'log_consumer.partition_halted', partition, ...position, reason }
    this.hooks.logger.error('a partition is halted; a restart tries the event again', fields)
    // The running batch then counts as not handled: the group's offset stays in front of what is not applied.
    this.reader.seek(partition, position.nextOffset)
    this.reader.halt(partition)
  }

  /** Resumes a halted partition if another process has moved its position beyond the halt. */
  release(state: PartitionState, stored: LogPosition | undefined): void {
    if (!state.halt || !stored || stored.seq <= state.halt.position.seq) return
    const { partition } = state
    const fields = { event: 'log_consumer.partition_resumed', partition, ...stored }
    this.hooks.logger.info('a halted partition resumes: another process has applied the event', fields)
    state.position = stored
    delete state.halt
    this.hooks.onResume?.(partition)
    this.reader.seek(partition, stored.nextOffset)
    this.reader.resume(partition)
  }
}
