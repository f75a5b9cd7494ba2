import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { until } from '#dev'
import { PROJECTED } from '../../harness/app/app.js'
import { AppProcess } from '../../harness/app/app-process.js'
import { cpuSeconds } from '../../harness/system/cpu.js'
import type { Servers } from '../../harness/system/servers.js'
import { metricSum } from './metrics-text.js'

export const appNames = ['command', 'projector', 'query'] as const
export type AppName = (typeof appNames)[number]

/** The state of an app by its /metrics. Memory in bytes. */
export interface AppFigures {
  rss?: number
  heap?: number
  /** p99 of the event loop delay since the last sample, in seconds; 10 ms, its own timer, when idle. */
  loopDelay?: number
}

/** Rows and log events after the whole load. */
export interface Counts {
  log: number
  ledgerEvents: number
  streams: number
  commands: number
  events: number
  history: number
}

const SETTLE_LIMIT_SECONDS = 120

/** Shiplog as in a small organisation: one command, one projector, one query, each in its own process, on one database and topic. */
export class Production {
  private stopping = false

  private constructor(
    private readonly servers: Servers,
    private readonly topic: string,
    private readonly apps: AppProcess<AppName>[],
    private readonly sql: pg.Client,
  ) {}

  /** Resolves when all are ready. @throws Error with the end of the log of the one that is not */
  static async start(servers: Servers): Promise<Production> {
    const databaseUrl = await servers.createDatabase('soak')
    const topic = servers.topicName('soak')
    const collecting = `--import=${pathToFileURL(join(import.meta.dirname, '..', 'collect.js')).href}`
    const environment = {
      // Otherwise the logs of hours of requests would fill the disk.
      LOG_LEVEL: 'warn',
      NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${collecting}`.trim(),
    }
    const settings = { databaseUrl, topic, environment }
    const apps: AppProcess<AppName>[] = []
    for (const name of appNames) apps.push(await AppProcess.start(servers, name, settings))
    const sql = new pg.Client({ connectionString: databaseUrl })
    await sql.connect()
    return new Production(servers, topic, apps, sql)
  }

  url(name: AppName): string {
    return this.app(name).url
  }

  /** Rejects when an app ends unexpectedly. */
  async died(): Promise<never> {
    const death = await Promise.race(this.apps.map(app => app.death()))
    if (this.stopping) return new Promise(() => undefined)
    throw new Error(death)
  }

  /** The /metrics of an app; empty if it does not answer. */
  async look(name: AppName): Promise<{ figures: AppFigures; sum(metric: string): number | undefined }> {
    const text = await fetch(`${this.url(name)}/metrics`, { signal: AbortSignal.timeout(5000) }).then(
      answer => answer.text(),
      () => '',
    )
    const sum = (metric: string) => metricSum(text, metric)
    const figures = {
      rss: sum('process_resident_memory_bytes'),
      heap: sum('nodejs_heap_size_used_bytes'),
      loopDelay: sum('nodejs_eventloop_lag_p99_seconds'),
    }
    return { figures, sum }
  }

  /** Makes an app collect its garbage. */
  collect(name: AppName): void {
    process.kill(this.app(name).pid, 'SIGUSR2')
  }

  /** CPU seconds of each app so far. */
  cpu(): Record<AppName, number | undefined> {
    const [command, projector, query] = appNames.map(name => cpuSeconds(this.app(name).pid))
    return { command, projector, query }
  }

  /** Size of the database in bytes. */
  async databaseBytes(): Promise<number> {
    const { rows } = await this.sql.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes')
    return Number(rows[0]!.bytes)
  }

  /** Log lines of the apps, all of them warnings or errors. */
  warnings(): string[] {
    return this.apps.flatMap(app => app.logged().map(line => `${app.name}: ${line}`))
  }

  /** Seconds until all decided events are in the log and in the read models; `undefined` after two minutes. */
  async settled(): Promise<number | undefined> {
    const started = performance.now()
    const seconds = () => (performance.now() - started) / 1000
    const atRest = async () => (await this.sql.query<{ at_rest: boolean }>(PROJECTED)).rows[0]!.at_rest
    const over = async () => (await atRest()) || seconds() > SETTLE_LIMIT_SECONDS
    await until(over, 'all events to be projected', { within: 2 * SETTLE_LIMIT_SECONDS * 1000, every: 50 })
    return seconds() > SETTLE_LIMIT_SECONDS ? undefined : seconds()
  }

  /** Counts the log by reading all of it, and the tables row by row. */
  async count(): Promise<Counts> {
    const { rows } = await this.sql.query<Omit<Counts, 'log'>>(COUNT)
    return { log: await this.countLog(), ...rows[0]! }
  }

  async stop(): Promise<void> {
    this.stopping = true
    await this.sql.end()
    await Promise.all(this.apps.map(app => app.stop()))
  }

  private app(name: AppName): AppProcess<AppName> {
    return this.apps.find(app => app.name === name)!
  }

  private async countLog(): Promise<number> {
    const log = this.servers.log(this.topic)
    let events = 0
    const crashed = new AbortController()
    const reader = await log.read({
      group: `${this.topic}-count-${randomUUID()}`,
      from: () => 0,
      onBatch: async ({ records }) => void (events += records.length),
      onCrash: error => crashed.abort(error),
    })
    try {
      await reader.caughtUp(await log.endOffsets(), crashed.signal)
      return events
    } finally {
      await reader.stop()
      await log.close()
    }
  }
}

const COUNT = `
  SELECT (SELECT sum(seq) FROM ledger.partition_log)::int AS "ledgerEvents",
         (SELECT count(*) FROM ledger.stream)::int AS streams,
         (SELECT count(*) FROM ledger.command)::int AS commands,
         (SELECT count(*) FROM read_v1.deployment_event)::int AS events,
         (SELECT count(*) FROM read_v1.deployment_history)::int AS history`
