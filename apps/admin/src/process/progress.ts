import { count, report } from './output.js'

const EVERY_MS = 2000

/** Reports how far a replay is, and about how long it will take, until `end` is called. */
export class Progress {
  private started = performance.now()
  private readonly before: number
  private readonly timer: NodeJS.Timeout

  constructor(
    private readonly replay: { readonly events: number },
    private readonly total: number,
  ) {
    this.before = replay.events
    this.timer = setInterval(() => report(this.line()), EVERY_MS)
  }

  /** Stops, and reports the whole. */
  end(): void {
    clearInterval(this.timer)
    const seconds = (performance.now() - this.started) / 1000
    const events = this.replay.events - this.before
    report(
      `${count(events)} events replayed in ${seconds.toFixed(1)} s, ${count(Math.round(events / seconds))} events/s`,
    )
  }

  private line(): string {
    const { events } = this.replay
    // A broker makes a new group wait for further members: the rate counts from the first event.
    if (events === this.before) this.started = performance.now()
    const rate = events === this.before ? 0 : (events - this.before) / ((performance.now() - this.started) / 1000)
    const left = rate > 0 ? `, about ${count(Math.ceil(Math.max(0, this.total - events) / rate))} s left` : ''
    const share = this.total > 0 ? Math.min(100, Math.floor((events / this.total) * 100)) : 100
    return `${count(events)} of ${count(this.total)} events (${share} %), ${count(Math.round(rate))} events/s${left}`
  }
}
