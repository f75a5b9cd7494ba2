import { logPositions } from '#libs/ledger'
import type { LogConsumer } from '#libs/log-consumer'
import type { Logger } from '#libs/operations'
import type { ProjectedEvent, ReadModels } from '#libs/read-models'
import type { ProjectorMetrics } from './projector-metrics.js'
import type { Projector } from './projector.js'

const EVERY_MS = 2000

/** How far the read models are behind the log. */
export class Lag {
  private readonly caughtUpAt = new Map<number, number>()
  private timer?: NodeJS.Timeout
  private measuring?: Promise<void>
  private total = 0

  constructor(
    private readonly projector: Projector,
    private readonly readModels: ReadModels,
    private readonly consumer: LogConsumer<ProjectedEvent>,
    private readonly metrics: ProjectorMetrics,
    private readonly log: Logger,
  ) {}

  /** Events in the log that are not projected, when last measured. */
  get events(): number {
    return this.total
  }

  start(): void {
    this.timer ??= setInterval(() => void this.measure(), EVERY_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.measuring
  }

  /** Compares both positions now. Never rejects: where they cannot be read, the values stay as they were. */
  measure(): Promise<void> {
    this.measuring ??= this.compare()
      .catch(error => this.log.debug('the lag cannot be measured', { event: 'projector.lag_unknown', error }))
      .finally(() => (this.measuring = undefined))
    return this.measuring
  }

  // The ledger's positions are the end of the log: it reads back everything that it appends.
  private async compare(): Promise<void> {
    const { query } = this.readModels
    const projected = await this.projector.positions()
    this.consumer.release(projected)
    const ends = await logPositions(query)
    const now = Date.now()
    this.total = 0
    for (const { partition, seq } of ends) {
      const behind = Math.max(0, seq - (projected.get(partition)?.seq ?? 0))
      this.total += behind
      if (behind === 0) this.caughtUpAt.set(partition, now)
      this.metrics.lag(partition, behind, behind === 0 ? 0 : (now - this.caughtUpUntil(partition)) / 1000)
    }
  }

  // The missing events were recorded after the last projected one, and after the last time at which none was missing.
  private caughtUpUntil(partition: number): number {
    const recorded = this.consumer.states.get(partition)?.lastRecorded?.getTime() ?? 0
    const caughtUp = this.caughtUpAt.get(partition) ?? 0
    return Math.max(recorded, caughtUp) || Date.now()
  }
}
