import { setImmediate } from 'node:timers/promises'
import { READ_LIMIT_MS, ReadLimitExceeded, TOO_LONG } from './read-errors.js'

/** Steps between two turns of the event loop: some milliseconds. */
const AT_ONCE = 20_000

/** The computing of one request: lets other requests have their turns, and ends where this one has taken too long. */
export class Work {
  private readonly deadline = performance.now() + READ_LIMIT_MS
  private steps = 0

  /** Counts steps that were done. Throws ReadLimitExceeded. */
  async done(steps: number): Promise<void> {
    this.steps += steps
    if (this.steps < AT_ONCE) return
    this.steps = 0
    await setImmediate()
    if (performance.now() > this.deadline) throw new ReadLimitExceeded(TOO_LONG)
  }
}
