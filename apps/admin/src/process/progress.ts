import { count, tell } from './output.js'

const EVERY_MS = 2000

/** Tells how far a fold is, and about how long it will take, until it is told to stop. */
export class Progress {
  private started = performance.now()
  private readonly before: number
  private readonly timer: NodeJS.Timeout

  constructor(
    private readonly fold: { readonly events: number },
    private readonly total: number,
  ) {
    this.before = fold.events
    this.timer = setInterval(() => tell(this.line()), EVERY_MS)
  }

  /** Ends, and says what it was in all. */
  end(): void {
    clearInterval(this.timer)
    const seconds = (performance.now() - this.started) / 1000
    const events = this.fold.events - this.before
    tell(`${count(events)} events folded in ${seconds.toFixed(1)} s, ${count(Math.round(events / seconds))} events/s`)
  }

  private line(): string {
    const { events } = this.fold
    // A broker lets a new group wait for further members: that says nothing of the speed.
    if (events === this.before) this.started = performance.now()
    const rate = events === this.before ? 0 : (events - this.before) / ((performance.now() - this.started) / 1000)
    const left = rate > 0 ? `, about ${count(Math.ceil(Math.max(0, this.total - events) / rate))} s left` : ''
    const share = this.total > 0 ? Math.min(100, Math.floor((events / this.total) * 100)) : 100
    return `${count(events)} of ${count(this.total)} events (${share} %), ${count(Math.round(rate))} events/s${left}`
  }
}
