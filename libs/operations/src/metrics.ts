import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** All metrics of a process, with the default ones of Node, in one Prometheus registry. */
export class Metrics {
  readonly registry = new Registry()

  readonly httpRequestSeconds = new Histogram({
    name: 'shiplog_http_request_seconds',
    help: 'Time from the head of a request to the end of its response',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: seconds,
    registers: [this.registry],
  })
  readonly httpConnectionsRefused = new Counter({
    name: 'shiplog_http_connections_refused_total',
    help: 'Connections closed on arrival because of SHIPLOG_MAX_CONNECTIONS',
    registers: [this.registry],
  })
  readonly importLines = new Counter({
    name: 'shiplog_import_lines_total',
    help: 'Imported lines by result: recorded, repeated, accepted, refused',
    labelNames: ['result'] as const,
    registers: [this.registry],
  })
  readonly commands = new Counter({
    name: 'shiplog_commands_total',
    help: 'Commands by outcome: appended, accepted, repeated, refused, failed',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  })
  readonly commandSeconds = new Histogram({
    name: 'shiplog_command_seconds',
    help: 'Time from the submission of a command to its outcome',
    labelNames: ['outcome'] as const,
    buckets: seconds,
    registers: [this.registry],
  })
  readonly appendBatchEvents = new Histogram({
    name: 'shiplog_append_batch_events',
    help: 'Events in one Kafka transaction of the appender',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers: [this.registry],
  })
  readonly appendSeconds = new Histogram({
    name: 'shiplog_append_seconds',
    help: 'Duration of one Kafka transaction of the appender',
    buckets: seconds,
    registers: [this.registry],
  })
  readonly pendingEvents = new Gauge({
    name: 'shiplog_pending_events',
    help: 'Events that are decided and not yet confirmed by the log',
    registers: [this.registry],
  })
  readonly projectorEvents = new Counter({
    name: 'shiplog_projector_events_total',
    help: 'Events projected, by partition',
    labelNames: ['partition'] as const,
    registers: [this.registry],
  })
  readonly projectorBatchSeconds = new Histogram({
    name: 'shiplog_projector_batch_seconds',
    help: 'Time to project one batch of the log',
    buckets: seconds,
    registers: [this.registry],
  })
  readonly projectorLagEvents = new Gauge({
    name: 'shiplog_projector_lag_events',
    help: 'Events in the log that are not yet projected, by partition',
    labelNames: ['partition'] as const,
    registers: [this.registry],
  })
  readonly projectorLagSeconds = new Gauge({
    name: 'shiplog_projector_lag_seconds',
    help: 'Age of the oldest event that is not yet projected, by partition; 0 without one',
    labelNames: ['partition'] as const,
    registers: [this.registry],
  })
  readonly projectorHalted = new Gauge({
    name: 'shiplog_projector_halted',
    help: '1 for a partition that a poison event or a gap has halted, else 0',
    labelNames: ['partition'] as const,
    registers: [this.registry],
  })

  constructor() {
    collectDefaultMetrics({ register: this.registry })
  }

  /** Observer for the ledger: counts commands and appends. */
  readonly ledgerObserver = {
    commandDecided: (outcome: string, duration: number): void => {
      this.commands.inc({ outcome })
      this.commandSeconds.observe({ outcome }, duration)
    },
    batchAppended: (events: number, duration: number): void => {
      this.appendBatchEvents.observe(events)
      this.appendSeconds.observe(duration)
    },
    pending: (events: number): void => this.pendingEvents.set(events),
  }
}
