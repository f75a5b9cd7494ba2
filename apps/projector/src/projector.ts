import { PARTITIONS } from '#libs/event-log'
import { seqOf, type Halt, type LogPosition, type PartitionStep } from '#libs/log-consumer'
import {
  parkedPartitions,
  parkEvent,
  preparePositions,
  projectBatches,
  readPositions,
  Statistics,
  unparkEvent,
  type ProjectedEvent,
  type Projection,
  type ReadModels,
} from '#libs/read-models'
import type { ProjectorMetrics } from './projector-metrics.js'

/** Applies events of the log to the read models, and parks those that cannot be applied. */
export class Projector {
  private readonly parked = new Set<number>()
  private readonly statistics = new Statistics()

  constructor(
    private readonly readModels: ReadModels,
    private readonly projection: Projection,
    private readonly metrics: ProjectorMetrics,
  ) {}

  /** Creates the tables and the positions. Throws ReadModelsUnavailable. */
  async prepare(): Promise<void> {
    await this.readModels.open()
    const { query } = this.readModels
    await preparePositions(query, this.projection.name, PARTITIONS)
    for (const partition of await parkedPartitions(query, this.projection.name)) this.parked.add(partition)
  }

  /** The stored positions. Throws ReadModelsUnavailable. */
  positions(): Promise<Map<number, LogPosition>> {
    return readPositions(this.readModels.query, this.projection.name)
  }

  /** Applies events and moves the positions over them, in one transaction. False: a position was not where it was expected. */
  apply(steps: readonly PartitionStep<ProjectedEvent>[]): Promise<boolean> {
    return projectBatches(this.readModels, this.projection, steps)
  }

  /** Counts what was applied, and removes the events that are not parked any more. */
  async applied(steps: readonly PartitionStep<ProjectedEvent>[], seconds: number): Promise<void> {
    const { query } = this.readModels
    const count = steps.reduce((sum, { events }) => sum + events.length, 0)
    this.metrics.committed(count, seconds)
    for (const { partition, events } of steps) this.metrics.projected(partition, events.length)
    for (const { partition } of steps) {
      if (!this.parked.has(partition)) continue
      await unparkEvent(query, this.projection.name, partition)
      this.parked.delete(partition)
    }
    await this.statistics.grown(query, count)
  }

  /** Parks the event in front of which a partition halts. */
  async halted(partition: number, { unreadable }: Halt): Promise<void> {
    if (unreadable) {
      const { record, reason } = unreadable
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
      this.parked.add(partition)
    }
    this.metrics.halted(partition, true)
  }
}
