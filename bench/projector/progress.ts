import type { Sample } from '../harness/report/rounds.js'

/** The share of a round that is warm-up and not measured. */
const WARM_UP = 0.2

/** Measures a round from the end of its warm-up to its end. */
export class Progress {
  private done = 0
  private start?: { done: number; at: number; cpu: number | undefined }
  private finish?: Sample

  /** @param cpu CPU seconds so far of the measured process */
  constructor(
    private readonly total: number,
    private readonly cpu: () => number | undefined,
  ) {}

  /** Call it for events that were committed. */
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

  /** The result; `undefined` until the end. */
  get sample(): Sample | undefined {
    return this.finish
  }
}
