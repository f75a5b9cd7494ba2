import { logPositions } from '#libs/ledger'
import type { Log } from '#libs/operations'
import type { ReadModels } from '#libs/read-models'
import type { LogSource } from './log-source.js'
import type { ProjectorMetrics } from './projector-metrics.js'
import type { Projector } from './projector.js'

const LOOK_EVERY_MS = 2000

/** How far the read models are behind the log. */
export class Lag {
  private readonly caughtUpAt = new Map<number, number>()
  private timer?: NodeJS.Timeout
  private looking?: Promise<void>
  private total = 0

  constructor(
    private readonly readModels: ReadModels,
    private readonly projector: Projector,
    private readonly source: LogSource,
    private readonly metrics: ProjectorMetrics,
    private readonly log: Log,
  ) {}

  /** Events that are in the log and not projected, at the last look. */
  get events(): number {
    return this.total
  }

  start(): void {
    this.timer ??= setInterval(() => void this.look(), LOOK_EVERY_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.looking
  }

  /** Looks at both ends now. Never rejects: where they cannot be seen, the figures stay as they were. */
  look(): Promise<void> {
    this.looking ??= this.compare()
      .catch(error => this.log.debug('the lag is not known', { error }))
      .finally(() => (this.looking = undefined))
    return this.looking
  }

  // What the log holds is what the ledger has read back from it.
  private async compare(): Promise<void> {
    const { query } = this.readModels
    const projected = await this.projector.storedPositions()
    if (this.source.reader) this.projector.release(projected, this.source.reader)
    const ends = await logPositions((text, values = []) => query({ text, values }))
    const now = Date.now()
    this.total = 0
    for (const { partition, seq } of ends) {
      const behind = Math.max(0, seq - (projected.get(partition)?.seq ?? 0))
      this.total += behind
      if (behind === 0) this.caughtUpAt.set(partition, now)
      this.metrics.lag(partition, behind, behind === 0 ? 0 : (now - this.lastNews(partition)) / 1000)
    }
  }

  // What is missing was recorded after the last event that is not, and after the last moment at which nothing was missing.
  private lastNews(partition: number): number {
    const recorded = this.projector.states().get(partition)?.lastRecorded?.getTime() ?? 0
    const caughtUp = this.caughtUpAt.get(partition) ?? 0
    return Math.max(recorded, caughtUp) || Date.now()
  }
}
