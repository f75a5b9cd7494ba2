import { setImmediate } from 'node:timers/promises'
import { READ_LIMIT_MS, ReadLimitExceeded, TOO_LONG } from './read-errors.js'

/** Number of steps between two turns of the event loop: some milliseconds. */
const AT_ONCE = 20_000

/** Limits the computing of one request: yields to other requests, and ends after too long a time. */
export class Work {
  private readonly deadline = performance.now() + READ_LIMIT_MS
  private steps = 0

  /** Counts steps. Throws ReadLimitExceeded. */
  async done(steps: number): Promise<void> {
    this.steps += steps
    if (this.steps < AT_ONCE) return
    this.steps = 0
    await setImmediate()
    if (performance.now() > this.deadline) throw new ReadLimitExceeded(TOO_LONG)
  }
}
