import type { Memory } from '../../harness/system/memory.js'
import type { Servers } from '../../harness/system/servers.js'
import { appNames, type AppFigures, type AppName, type Production } from './production.js'
import { Traffic, type TrafficFigures } from '../load/traffic.js'

/** Seconds between two samples of the servers' memory, for which the kernel walks all their pages. */
const SERVERS_EVERY = 5

/** Seconds between the collections of two apps. */
const COLLECT_APART = 3

/** A sample. Memory in bytes; unavailable values are absent. */
export interface Look {
  apps: Record<AppName, AppFigures>
  broker?: Memory
  postgres?: Memory
  /** Events in the log that are not projected yet. */
  lag?: number
  /** Events that are decided and not read back. */
  pending?: number
  databaseBytes?: number
}

/** The requests of a second, and a sample at its end. */
export interface Sample extends Look {
  /** Since the start of the load. */
  second: number
  traffic: TrafficFigures
  /** The app that has just collected its garbage. */
  collected?: AppName
}

/** Takes a sample every second, and keeps it. */
export class Sampler {
  readonly samples: Sample[] = []
  /** Traffic of each minute, including the last incomplete one. */
  readonly minutes: TrafficFigures[] = []
  readonly whole = new Traffic()
  private readonly minute = new Traffic()
  private timer?: NodeJS.Timeout
  private looking?: Promise<void>
  private ticks = 0

  constructor(
    private readonly production: Production,
    private readonly servers: Servers,
    /** Counts the current second. */
    private readonly second: Traffic,
    /** Seconds between two collections of an app's garbage. */
    private readonly collectEvery: number,
    /** Called after each minute. */
    private readonly onMinute: (minute: TrafficFigures) => void,
  ) {}

  start(): void {
    this.second.reset()
    this.timer = setInterval(() => this.tick(), 1000)
  }

  /** Counts the rest and stops. */
  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.looking
    this.whole.add(this.second)
    this.minute.add(this.second)
    this.second.reset()
    this.endMinute()
  }

  private tick(): void {
    // Responses after the last tick still belong to the last minute.
    if (this.ticks > 0 && this.ticks % 60 === 0) this.endMinute()
    this.ticks += 1
    const traffic = this.second.figures
    this.whole.add(this.second)
    this.minute.add(this.second)
    this.second.reset()
    const second = this.ticks
    const sample: Sample = {
      second,
      traffic,
      collected: this.dueTo(second - 1),
      apps: { command: {}, projector: {}, query: {} },
    }
    this.samples.push(sample)
    // A sample that takes longer than a second skips the next one.
    this.looking ??= this.look(second)
      .then(look => void Object.assign(sample, look))
      .finally(() => (this.looking = undefined))
    const next = this.dueTo(second)
    if (next) this.production.collect(next)
  }

  // One after the other, since concurrent samples would delay each other and the load.
  private dueTo(second: number): AppName | undefined {
    if (second < this.collectEvery) return undefined
    return appNames.find((_, index) => second % this.collectEvery === index * COLLECT_APART)
  }

  private endMinute(): void {
    const { figures } = this.minute
    this.minutes.push(figures)
    this.minute.reset()
    this.onMinute(figures)
  }

  private async look(second: number): Promise<Look> {
    const withServers = second % SERVERS_EVERY === 0
    const [apps, memory, databaseBytes] = await Promise.all([
      Promise.all(appNames.map(name => this.production.look(name))),
      withServers ? this.servers.memory() : undefined,
      this.production.databaseBytes().catch(() => undefined),
    ])
    const [command, projector, query] = apps
    return {
      apps: { command: command!.figures, projector: projector!.figures, query: query!.figures },
      broker: memory?.broker,
      postgres: memory?.postgres,
      lag: projector!.sum('shiplog_projector_lag_events'),
      pending: command!.sum('shiplog_pending_events'),
      databaseBytes,
    }
  }
}
