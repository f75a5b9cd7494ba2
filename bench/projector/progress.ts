import type { Sample } from '../harness/report/rounds.js'

/** The share of a round in which the process that does the work warms up: not measured. */
const WARM_UP = 0.2

/** Times a stretch of work from the end of its warm-up to the end of all. */
export class Progress {
  private done = 0
  private start?: { done: number; at: number; cpu: number | undefined }
  private finish?: Sample

  /** @param cpu CPU seconds so far of the process that does the work */
  constructor(
    private readonly total: number,
    private readonly cpu: () => number | undefined,
  ) {}

  /** So many more events are committed. */
  advance(events: number): void {
    this.done += events
    const [at, cpu] = [performance.now(), this.cpu()]
    if (this.start === undefined) {
      if (this.done >= this.total * WARM_UP) this.start = { done: this.done, at, cpu }
    } else if (this.done >= this.total) {
      const { start } = this
      this.finish = {
        events: this.done - start.done,
        seconds: (at - start.at) / 1000,
        ...(cpu !== undefined && start.cpu !== undefined && { nodeSeconds: cpu - start.cpu }),
      }
    }
  }

  /** What it came to; `undefined` while it goes on. */
  get sample(): Sample | undefined {
    return this.finish
  }
}
