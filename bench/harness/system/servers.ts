import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { makeScratchData, removeData, startStack, sweepScratchData, type Stack } from '#dev'
import { EventLog, type LogLogger } from '#libs/event-log'
import { childrenOf, cpuSecondsWithChildren } from './cpu.js'
import { memoryOf, type Memory } from './memory.js'

/** A logger that discards everything. */
export const silent: LogLogger = { debug() {}, info() {}, warn() {}, error() {} }

/** Kafka and PostgreSQL for one run: embedded, with empty data, or those named by the environment. */
export class Servers {
  private readonly databases: string[] = []

  private constructor(
    readonly data: string,
    private readonly stack: Stack,
    private readonly admin: pg.Client,
  ) {}

  /** Starts them. @throws Error if one does not start */
  static async start(onProgress: (line: string) => void, signal: AbortSignal): Promise<Servers> {
    await sweepScratchData()
    const data = makeScratchData()
    const { KAFKA_BROKERS: kafkaBrokers, DATABASE_URL: databaseUrl } = process.env
    try {
      const stack = await startStack({
        data,
        kafkaPort: 0,
        postgresPort: 0,
        kafkaBrokers,
        databaseUrl,
        onProgress,
        signal,
      })
      const admin = new pg.Client({ connectionString: stack.postgres.url })
      await admin.connect()
      return new Servers(data, stack, admin)
    } catch (error) {
      removeData(data)
      throw error
    }
  }

  get brokers(): string {
    return this.stack.kafka.brokers
  }

  /** Creates an empty database and returns its URL. */
  async createDatabase(name: string): Promise<string> {
    const database = `bench_${name}_${randomUUID().slice(0, 8)}`
    await this.admin.query(`CREATE DATABASE ${this.admin.escapeIdentifier(database)}`)
    this.databases.push(database)
    const url = new URL(this.stack.postgres.url)
    url.pathname = `/${database}`
    return url.href
  }

  /** An unused topic name. */
  topicName(name: string): string {
    return `bench.${name}.${randomUUID().slice(0, 8)}`
  }

  /** The log on a topic. */
  log(topic: string): EventLog {
    return new EventLog({ brokers: this.brokers.split(','), topic, clientId: 'bench', logger: silent })
  }

  /** Makes Postgres write everything to disk, so that no round pays for the writes of another one. */
  async checkpoint(): Promise<void> {
    await this.admin.query('CHECKPOINT')
  }

  /** Values of Postgres' settings, by name. */
  async settings(names: string[]): Promise<Record<string, string>> {
    const { rows } = await this.admin.query<{ name: string; setting: string }>(
      'SELECT name, setting FROM pg_settings WHERE name = ANY ($1)',
      [names],
    )
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
  }

  /** CPU seconds so far of the embedded servers. */
  cpu(): { broker?: number; postgres?: number } {
    const { kafka, postgres } = this.stack
    return {
      broker: kafka.pid === undefined ? undefined : cpuSecondsWithChildren(kafka.pid),
      postgres: postgres.pid === undefined ? undefined : cpuSecondsWithChildren(postgres.pid),
    }
  }

  /** Memory of the embedded servers, if the operating system provides it. */
  async memory(): Promise<{ broker?: Memory; postgres?: Memory }> {
    const { kafka, postgres } = this.stack
    return {
      broker: kafka.pid === undefined ? undefined : await memoryOf([kafka.pid]),
      postgres: postgres.pid === undefined ? undefined : await memoryOf([postgres.pid, ...childrenOf(postgres.pid)]),
    }
  }

  /** Whether the broker is embedded, so that its version is known. */
  get ownBroker(): boolean {
    return this.stack.kafka.pid !== undefined
  }

  /** Stops the started servers and removes their data. */
  async stop(): Promise<void> {
    for (const database of this.databases) {
      await this.admin.query(`DROP DATABASE IF EXISTS ${this.admin.escapeIdentifier(database)} WITH (FORCE)`)
    }
    await this.admin.end()
    await this.stack.stop()
    removeData(this.data)
  }
}
