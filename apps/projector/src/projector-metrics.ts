import { Counter, Histogram } from 'prom-client'
import type { Metrics } from '#libs/operations'

/** Metrics of the projector. */
export class ProjectorMetrics {
  private readonly batchEvents: Histogram
  private readonly duplicates: Counter<'partition'>

  constructor(private readonly metrics: Metrics) {
    const registers = [metrics.registry]
    this.batchEvents = new Histogram({
      name: 'shiplog_projector_batch_events',
      help: 'Events in one transaction of the projector',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      registers,
    })
    this.duplicates = new Counter({
      name: 'shiplog_projector_skipped_total',
      help: 'Events that were skipped because the log repeats their ledgerseq, by partition',
      labelNames: ['partition'] as const,
      registers,
    })
  }

  projected(partition: number, events: number): void {
    this.metrics.projectorEvents.inc({ partition }, events)
  }

  committed(events: number, seconds: number): void {
    this.metrics.projectorBatchSeconds.observe(seconds)
    this.batchEvents.observe(events)
  }

  skipped(partition: number, events: number): void {
    this.duplicates.inc({ partition }, events)
  }

  halted(partition: number, halted: boolean): void {
    this.metrics.projectorHalted.set({ partition }, halted ? 1 : 0)
  }

  lag(partition: number, events: number, seconds: number): void {
    this.metrics.projectorLagEvents.set({ partition }, events)
    this.metrics.projectorLagSeconds.set({ partition }, seconds)
  }
}
