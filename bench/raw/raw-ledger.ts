import pg from 'pg'
import { until } from '#dev'
import { formatInstant } from '#libs/contracts'
import { chain, emptyTail, type Appender, type EventLog, type Tail } from '#libs/event-log'
import { Ledger } from '#libs/ledger'
import type { SentDeployment } from '../harness/load/deployments.js'
import { expectRows } from '../harness/app/rows.js'
import { silent, type Servers } from '../harness/system/servers.js'
import { decide, type Decision } from './decision.js'
import { CONFIRM, LOAD_AND_LOCK, WRITE } from './sql.js'

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, number) => total + number, 0)

/**
 * The raw limit of the write path: the ledger's requests to Postgres and Kafka, and nothing else. One transaction of Postgres that
 * decides, then one of Kafka, then the next; no HTTP, no Nest, no coordination, and no reading back.
 */
export class RawLedger {
  private readonly tails = new Map<number, Tail>()
  private written = { deployments: 0, offsets: 0 }

  private constructor(
    private readonly sql: pg.Client,
    private readonly log: EventLog,
    private readonly appender: Appender,
    private readonly confirms: boolean,
  ) {}

  /** @param confirms whether it also runs the ledger's other transaction, which adds appended events to the index */
  static async open(servers: Servers, { confirms = false } = {}): Promise<RawLedger> {
    const databaseUrl = await servers.createDatabase('raw')
    const log = servers.log(servers.topicName('raw'))
    // Only creates the tables and the topic.
    await (await Ledger.open({ databaseUrl, log, logger: silent })).close()
    const sql = new pg.Client({ connectionString: databaseUrl })
    await sql.connect()
    return new RawLedger(sql, log, await log.openAppender(), confirms)
  }

  /** Records deployments, all in one transaction each of Postgres and Kafka. */
  async record(deployments: SentDeployment[]): Promise<void> {
    const now = formatInstant(new Date())
    const decisions = deployments.map(sent => decide(sent, now))
    await this.transaction('BEGIN', async () => {
      await this.prepared('load', LOAD_AND_LOCK, [
        decisions.map(({ stream }) => stream.stream_id),
        decisions.map(({ command }) => command.command_id),
      ])
      await this.prepared('write', WRITE, [
        JSON.stringify(decisions.map(({ stream }) => stream)),
        JSON.stringify(decisions.map(({ command }) => command)),
        JSON.stringify(decisions.map(({ outbox }) => outbox)),
        JSON.stringify(decisions.flatMap(({ entries }) => entries)),
      ])
    })
    const partitions = await this.append(decisions)
    if (this.confirms) await this.confirm(decisions, partitions)
    this.written.deployments += decisions.length
    // The broker writes a marker of its own to each partition of a transaction.
    this.written.offsets += decisions.length + partitions.length
  }

  /** Compares the tables and the topic with the recorded deployments. @throws Error if they differ */
  async check(): Promise<void> {
    const { rows } = await this.sql.query<{ streams: number; commands: number; pending: number }>(
      `SELECT (SELECT count(*) FROM ledger.stream)::int AS streams, (SELECT count(*) FROM ledger.command)::int AS commands,
              (SELECT count(*) FROM ledger.outbox)::int AS pending`,
    )
    const { deployments, offsets } = this.written
    const expected = { streams: deployments, commands: deployments, pending: this.confirms ? 0 : deployments }
    expectRows('the raw loop', rows[0]!, expected)
    // The markers of the last transaction are written shortly after its commit was acknowledged.
    const allThere = async () => sum((await this.log.endOffsets()).values()) === offsets
    await until(allThere, `the topic of the raw loop to end at ${offsets} offsets`)
  }

  async close(): Promise<void> {
    await this.appender.close()
    await this.log.close()
    await this.sql.end()
  }

  private async append(decisions: Decision[]): Promise<number[]> {
    const events = decisions.map(({ event }) => {
      const chained = chain(event, this.tails.get(event.partition) ?? emptyTail)
      this.tails.set(event.partition, chained.tail)
      return { ...chained.event, partition: event.partition }
    })
    await this.appender.append(events)
    return [...new Set(events.map(({ partition }) => partition))]
  }

  private async confirm(decisions: Decision[], partitions: number[]): Promise<void> {
    const tails = partitions.map(partition => ({ partition, ...this.tails.get(partition)! }))
    const seen = decisions.map(({ outbox }) => ({ event_id: outbox.event_id, command_id: outbox.command_id }))
    await this.transaction('BEGIN; SET LOCAL synchronous_commit = off', () =>
      this.prepared('confirm', CONFIRM, [JSON.stringify(tails), JSON.stringify(seen)]),
    )
  }

  /** Planned once: this is the limit to reach. */
  private prepared(name: string, text: string, values: unknown[]): Promise<unknown> {
    return this.sql.query({ name, text, values })
  }

  private async transaction(begin: string, work: () => Promise<unknown>): Promise<void> {
    await this.sql.query(begin)
    await work()
    await this.sql.query('COMMIT')
  }
}
