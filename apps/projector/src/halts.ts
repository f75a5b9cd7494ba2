import { shown } from '#libs/contracts'
import type { LogReader } from '#libs/event-log'
import type { Log } from '#libs/operations'
import {
  parkEvent,
  seqOf,
  type Obstacle,
  type ProjectedPosition,
  type Projection,
  type ReadModels,
} from '#libs/read-models'
import type { Halt, PartitionState } from './partition-state.js'
import type { ProjectorMetrics } from './projector-metrics.js'

/** Stops partitions in front of what cannot be projected, visibly, and lets them go on. */
export class Halts {
  constructor(
    private readonly readModels: ReadModels,
    private readonly projection: Projection,
    private readonly metrics: ProjectorMetrics,
    private readonly log: Log,
  ) {}

  /** Keeps the event that a partition halts in front of, with the reason. */
  async park(partition: number, state: PartitionState, poison: Obstacle, reader: LogReader): Promise<void> {
    const { record, reason } = poison
    const header = (name: string) => record.headers[name]?.toString()
    await parkEvent(this.readModels.query, {
      projection: this.projection.name,
      partition,
      offset: record.offset,
      seq: seqOf(record),
      eventId: header('ce_id'),
      type: header('ce_type'),
      reason,
    })
    state.parked = true
    const name = `event ${seqOf(record) ?? 'without ledgerseq'} at offset ${record.offset} (${shown(header('ce_type') ?? 'no type')})`
    this.halt(partition, state, `${name} cannot be projected: ${reason}`, reader)
  }

  halt(partition: number, state: PartitionState, reason: string, reader: LogReader): void {
    const halt: Halt = { position: state.position, reason, since: new Date() }
    state.halt = halt
    this.metrics.halted(partition, true)
    this.log.error('a partition is halted, a restart tries it again', { partition, ...state.position, reason })
    // The batch under way is not handled then: the group's offset stays in front of what is not projected.
    reader.seek(partition, state.position.nextOffset)
    reader.halt(partition)
  }

  /** Lets a halted partition go on where another process has got beyond. */
  release(partition: number, state: PartitionState, stored: ProjectedPosition | undefined, reader: LogReader): void {
    if (!state.halt || !stored || stored.seq <= state.halt.position.seq) return
    this.log.info('a halted partition goes on: another process has got beyond', { partition, ...stored })
    state.position = stored
    delete state.halt
    this.metrics.halted(partition, false)
    reader.seek(partition, stored.nextOffset)
    reader.resume(partition)
  }
}
