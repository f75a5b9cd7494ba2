import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { checkRecords } from '../../independent/log/log-check.js'
import { collectLog, type RawRecord } from '../../independent/log/log-reader.js'
import type { AppName, AppSettings } from '../../kit/apps/app-process.js'
import type { Sent } from '../clients/client-ledger.js'
import { checkCommands, placesOf } from '../oracle/commands.js'
import type { Finding } from '../oracle/finding.js'
import { Replica } from '../world/replica.js'
import type { ScenarioResult } from './scenario.js'
import { Recorders } from './recorders.js'

const READY_WITHIN_MS = 120_000
const REST_MS = 60_000

/** What the log says of what was sent. */
export function resultOf(
  injected: number,
  sent: readonly Sent[],
  log: readonly RawRecord[],
  complaints: string[],
): ScenarioResult {
  const found = checkCommands(sent, placesOf(log))
  const of = (is: Finding['is']) => found.filter(finding => finding.is === is).map(({ what }) => what)
  return {
    injected,
    acked: sent.filter(({ end }) => end === 'acked').length,
    lost: of('lost'),
    doubled: of('doubled'),
    outOfOrder: of('out of order'),
    other: [...complaints, ...of('other')],
  }
}

/** Two commands and a projector on servers that are a scenario's own, and clients that record. */
export class Stage {
  readonly recorders: Recorders

  private constructor(
    readonly settings: AppSettings,
    readonly replicas: readonly Replica[],
    seed: number,
  ) {
    this.recorders = Recorders.start(this.commands, seed)
    process.once('exit', this.killAll)
  }

  /** Starts the apps, waits until they can serve, and lets the clients begin. */
  static async start(settings: AppSettings, seed: number, logs: string): Promise<Stage> {
    const launch = (name: string, app: AppName) => Replica.launch(name, app, settings, logs)
    const replicas = [launch('command-1', 'command'), launch('command-2', 'command'), launch('projector', 'projector')]
    try {
      const signal = AbortSignal.timeout(READY_WITHIN_MS)
      await Promise.all(replicas.map(replica => replica.isReady(signal)))
      return new Stage(settings, replicas, seed)
    } catch (error) {
      await Promise.all(replicas.map(replica => replica.kill()))
      throw error
    }
  }

  get commands(): readonly Replica[] {
    return this.replicas.slice(0, 2)
  }

  get projector(): Replica {
    return this.replicas[2]!
  }

  /**
   * Waits until nothing is pending and everything is projected; then holds the log against what clients were told.
   * @param isOurs whether a record is not somebody else's
   */
  async judge(injected: number, isOurs: (record: RawRecord) => boolean = () => true): Promise<ScenarioResult> {
    await this.recorders.end()
    const complaints: string[] = []
    const note = (error: Error) => void complaints.push(error.message)
    await this.untilNothingIsPending().catch(note)
    const log = (await collectLog(this.settings.brokers, this.settings.topic)).filter(isOurs)
    const { ends, findings } = checkRecords(log)
    await this.untilProjected(ends).catch(note)
    const { ledger } = this.recorders
    return resultOf(injected, ledger.sent, log, [
      ...findings,
      ...complaints,
      ...ledger.findings.map(({ what }) => what),
    ])
  }

  async untilNothingIsPending(): Promise<void> {
    await this.within(async () => (await this.pendingTokens()).length === 0, 'nothing to be pending')
  }

  /** The names of the commands whose events are not known to be in the log. */
  async pendingTokens(): Promise<string[]> {
    const rows = await this.query<{ value: string }>('SELECT value FROM ledger.outbox')
    return rows.map(({ value }) => (JSON.parse(value) as { labels: { token: string } }).labels.token)
  }

  /** Waits until each partition is projected up to the event of this number, and no further. */
  async untilProjected(ends: Record<number, number>): Promise<void> {
    await this.within(
      async () => {
        const rows = await this.query<{ partition: number; seq: string }>(
          'SELECT partition, seq FROM read_v1.projection_position',
        )
        const seqs = new Map(rows.map(({ partition, seq }) => [partition, Number(seq)]))
        return Object.entries(ends).every(([partition, seq]) => seqs.get(Number(partition)) === seq)
      },
      `the projector to be at ${JSON.stringify(ends)}`,
    )
  }

  async query<Row>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.settings.databaseUrl, connectionTimeoutMillis: 5000 })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return (await client.query(sql)).rows as Row[]
    } finally {
      await client.end()
    }
  }

  /** Waits for something. Rejects where it takes more than a minute. */
  async within(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadline = performance.now() + REST_MS
    const now = async () => holds()
    while (!(await now().catch(() => false))) {
      if (performance.now() > deadline) throw new Error(`waited ${REST_MS / 1000} s for ${what}`)
      await pause(100)
    }
  }

  /** Ends clients and apps; the servers are the scenario's to end. */
  async end(): Promise<void> {
    await this.recorders.end()
    process.off('exit', this.killAll)
    await this.killAll()
  }

  private readonly killAll = () => Promise.all(this.replicas.map(replica => replica.kill()))
}
