import type { Memory } from '../../harness/system/memory.js'
import type { Servers } from '../../harness/system/servers.js'
import { appNames, type AppFigures, type AppName, type Production } from './production.js'
import { Traffic, type TrafficFigures } from '../load/traffic.js'

/** Of so many seconds one looks at the servers' memory: the kernel walks all their pages for it. */
const SERVERS_EVERY = 5

/** Seconds between the collections of two apps. */
const COLLECT_APART = 3

/** How everything is at one moment. Memory in bytes; what could not be seen is left out. */
export interface Look {
  apps: Record<AppName, AppFigures>
  broker?: Memory
  postgres?: Memory
  /** Events in the log that are not in the read models. */
  lag?: number
  /** Events that are decided and not read back. */
  pending?: number
  databaseBytes?: number
}

/** A second: what was sent in it, and how everything was at its end. */
export interface Sample extends Look {
  /** Since the beginning of the load. */
  second: number
  traffic: TrafficFigures
  /** The app that has just collected its garbage. */
  collected?: AppName
}

/** Looks at everything once a second, and keeps it. */
export class Sampler {
  readonly samples: Sample[] = []
  /** Traffic of each minute, the last one as far as it went. */
  readonly minutes: TrafficFigures[] = []
  readonly whole = new Traffic()
  private readonly minute = new Traffic()
  private timer?: NodeJS.Timeout
  private looking?: Promise<void>
  private ticks = 0

  constructor(
    private readonly production: Production,
    private readonly servers: Servers,
    /** Counts the second that is under way. */
    private readonly second: Traffic,
    /** Seconds from one collection of an app's garbage to its next. */
    private readonly collectEvery: number,
    /** Is told of each minute. */
    private readonly onMinute: (minute: TrafficFigures) => void,
  ) {}

  start(): void {
    this.second.reset()
    this.timer = setInterval(() => this.tick(), 1000)
  }

  /** Counts what is left, and looks no more. */
  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.looking
    this.whole.add(this.second)
    this.minute.add(this.second)
    this.second.reset()
    this.endMinute()
  }

  private tick(): void {
    // Not at its own end: what is answered after the last tick still belongs to the last minute.
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
    // A look that takes longer than a second leaves the next one out.
    this.looking ??= this.look(second)
      .then(look => void Object.assign(sample, look))
      .finally(() => (this.looking = undefined))
    const next = this.dueTo(second)
    if (next) this.production.collect(next)
  }

  // One after the other: together they would hold up each other, and the load.
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
