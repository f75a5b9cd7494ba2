import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

export type Side = 'write' | 'read'

/** Latencies in milliseconds; `undefined` without responses. */
export interface Quantiles {
  p50?: number
  p99?: number
}

export interface TrafficFigures {
  sent: number
  answered: number
  failed: number
  write: Quantiles
  read: Quantiles
}

// HDR histograms in microseconds: exact to 0.1 %, of constant size.
const precision = { lowest: 1, highest: 600_000_000, figures: 3 }

/** Requests sent in a period, and their latencies. */
export class Traffic {
  private readonly counts = { sent: 0, answered: 0, failed: 0 }
  private readonly latencies: Record<Side, RecordableHistogram> = {
    write: createHistogram(precision),
    read: createHistogram(precision),
  }

  sent(): void {
    this.counts.sent += 1
  }

  answered(side: Side, milliseconds: number): void {
    this.counts.answered += 1
    this.latencies[side].record(Math.max(1, Math.round(milliseconds * 1000)))
  }

  failed(): void {
    this.counts.failed += 1
  }

  get figures(): TrafficFigures {
    return { ...this.counts, write: quantiles(this.latencies.write), read: quantiles(this.latencies.read) }
  }

  /** Adds another period. */
  add(other: Traffic): void {
    for (const count of ['sent', 'answered', 'failed'] as const) this.counts[count] += other.counts[count]
    for (const side of ['write', 'read'] as const) {
      if (other.latencies[side].count > 0) this.latencies[side].add(other.latencies[side])
    }
  }

  /** Starts a new period. */
  reset(): void {
    Object.assign(this.counts, { sent: 0, answered: 0, failed: 0 })
    for (const histogram of Object.values(this.latencies)) histogram.reset()
  }
}

function quantiles(histogram: RecordableHistogram): Quantiles {
  if (histogram.count === 0) return {}
  return { p50: histogram.percentile(50) / 1000, p99: histogram.percentile(99) / 1000 }
}
