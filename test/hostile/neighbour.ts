import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { projectFolder } from '#dev'

/** What a client of another tenant has seen; times in milliseconds. */
export interface Seen {
  posts: number[]
  reads: number[]
  /** Of /healthz. */
  probes: number[]
  /** Requests that were not answered, or not with success. */
  failures: string[]
}

/** A client of another tenant that records and reads all the time, and watches whether the process lives. */
export class Neighbour {
  private constructor(private readonly worker: Worker) {}

  static start(url: string): Neighbour {
    const file = join(projectFolder, 'test', 'hostile', 'neighbour-thread.mjs')
    return new Neighbour(new Worker(file, { workerData: { url, tenant: 'neighbour' } }))
  }

  /** Stops it. */
  async end(): Promise<Seen> {
    const seen = new Promise<Seen>((resolve, reject) => {
      this.worker.once('message', resolve)
      this.worker.once('error', reject)
    })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
    this.worker.postMessage('stop')
    return seen
  }
}

/** @param part of 1 */
export function quantile(times: readonly number[], part: number): number {
  const ascending = times.toSorted((a, b) => a - b)
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * part))] ?? Number.NaN
}
