import pg from 'pg'
import { until } from '#dev'
import { AppProcess } from './app-process.js'
import { expectRows } from './rows.js'
import type { Servers } from '../system/servers.js'

/** An app in its own process, with its own database and topic and default settings. */
export class App {
  private constructor(
    private readonly app: AppProcess<'standalone' | 'command'>,
    private readonly sql: pg.Client,
  ) {}

  /** Starts an app of `apps/`. Resolves when it accepts writes. @throws Error with the end of its log */
  static async start(servers: Servers, name: App['name']): Promise<App> {
    const databaseUrl = await servers.createDatabase(name)
    const app = await AppProcess.start(servers, name, { databaseUrl, topic: servers.topicName(name) })
    const sql = new pg.Client({ connectionString: databaseUrl })
    await sql.connect()
    return new App(app, sql)
  }

  get name(): 'standalone' | 'command' {
    return this.app.name
  }

  get url(): string {
    return this.app.url
  }

  get pid(): number {
    return this.app.pid
  }

  private get projects(): boolean {
    return this.name === 'standalone'
  }

  /** Resolves when the app is idle: everything is appended, and projected if the app does that. */
  async settled(): Promise<void> {
    const atRest = async () => {
      const { rows } = await this.sql.query<{ at_rest: boolean }>(this.projects ? PROJECTED : APPENDED)
      return rows[0]!.at_rest
    }
    await until(atRest, 'the app to be idle', { within: 120_000, every: 50 })
  }

  /** Compares its rows and events with the number of its responses since its start. @throws Error if they differ */
  async check(recorded: number): Promise<void> {
    await this.settled()
    const { rows } = await this.sql.query<Record<string, number>>(
      this.projects ? `${COUNT}, ${COUNT_PROJECTED}` : COUNT,
    )
    const expected: Record<string, number> = { streams: recorded, commands: recorded, events: recorded }
    if (this.projects) expected['history'] = recorded
    expectRows('the app', rows[0]!, expected)
  }

  async stop(): Promise<void> {
    await this.sql.end()
    await this.app.stop()
  }
}

const APPENDED = 'SELECT NOT EXISTS (SELECT FROM ledger.outbox) AS at_rest'
/** `at_rest`: whether all decided events are in the log and in the read models. */
export const PROJECTED = `
  SELECT NOT EXISTS (SELECT FROM ledger.outbox) AND NOT EXISTS (
    SELECT FROM ledger.partition_log AS l
    WHERE l.seq > coalesce((SELECT p.seq FROM read_v1.projection_position AS p
                            WHERE p.projection = 'deployments' AND p.partition = l.partition), 0)) AS at_rest`
const COUNT = `
  SELECT (SELECT count(*) FROM ledger.stream)::int AS streams, (SELECT count(*) FROM ledger.command)::int AS commands,
         (SELECT sum(seq) FROM ledger.partition_log)::int AS events`
const COUNT_PROJECTED = '(SELECT count(*) FROM read_v1.deployment_history)::int AS history'
