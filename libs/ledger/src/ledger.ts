import type { Pool } from 'pg'
import type { Positions } from '#libs/contracts'
import type { EventLog, LogLogger } from '#libs/event-log'
import { NOTIFY_CHANNEL, type NotifiedStream, notifiedStreams, changedStates, streamStates } from './store/notify.js'
import {
  logPositions,
  type StateSnapshot,
  type CommandRequest,
  type CommandResult,
  type PartitionPosition,
} from './store/command.js'
import { Confirmations, CONFIRMED_CHANNEL } from './confirm/confirmations.js'
import type { AnyRequest } from './decide/decided-before.js'
import { DecisionQueue, type Decided } from './decide/decision-queue.js'
import { isOpen } from './store/gate.js'
import { Leadership } from './append/leadership.js'
import { Notifications } from './store/notifications.js'
import { decidePrepared } from './decide/prepared.js'
import { ledgerPool, LedgerUnavailable, migrateLedger, queryOn } from './store/postgres.js'
import { Wake } from './append/signal.js'

const PENDING_CHANNEL = 'shiplog_pending'
const POLL_MS = 1000
const PENDING_GAUGE_MS = 5000

/** Is told what the ledger does, for metrics. */
export interface LedgerObserver {
  commandDecided(outcome: 'appended' | 'accepted' | 'repeated' | 'refused' | 'failed', seconds: number): void
  batchAppended(events: number, seconds: number): void
  pending(events: number): void
}

export interface LedgerOptions {
  databaseUrl: string
  log: EventLog
  logger: LogLogger
  observer?: LedgerObserver
  /** How long a command waits to be read back before it is answered as accepted. */
  confirmTimeoutMs?: number
}

export interface LedgerHealth {
  postgres: boolean
  /** Whether the index has caught up with the log, so that commands are decided. */
  open: boolean
  appender: 'leading' | 'following'
  /** Whether events reach the log; known where this replica leads. */
  appending?: boolean
  detail?: string
}

/** The one door to the log: decides commands, appends their events, and answers when they were read back. */
export class Ledger {
  private readonly wake = new Wake()
  private readonly confirmations: Confirmations
  private readonly queue: DecisionQueue
  private readonly leadership: Leadership
  private readonly notifications: Notifications
  private readonly timers: NodeJS.Timeout[]
  private readonly underWay = new Set<Promise<unknown>>()
  private readonly listeners = new Set<() => void>()
  private closing = false

  private constructor(
    private readonly options: LedgerOptions,
    private readonly pool: Pool,
  ) {
    const { databaseUrl, log, logger, observer } = options
    this.confirmations = new Confirmations(pool)
    this.leadership = new Leadership(
      databaseUrl,
      pool,
      log,
      this.wake,
      {
        confirmed: commands =>
          commands.forEach(({ commandId, positions }) => this.confirmations.confirm(commandId, positions)),
        opened: () => undefined,
        appended: (events, seconds) => observer?.batchAppended(events, seconds),
      },
      logger,
    )
    this.queue = new DecisionQueue(pool, () => this.notify())
    const refresh = () => void this.confirmations.refresh().catch(error => logger.debug('poll failed', { error }))
    this.notifications = new Notifications(
      databaseUrl,
      {
        [CONFIRMED_CHANNEL]: () => this.leadership.leading || refresh(),
        [PENDING_CHANNEL]: () => this.wake.call(),
        [NOTIFY_CHANNEL]: () => this.listeners.forEach(listener => listener()),
      },
      logger,
    )
    this.timers = [setInterval(refresh, POLL_MS), setInterval(() => void this.gauge(), PENDING_GAUGE_MS)]
  }

  /**
   * Brings the index's schema up to date, makes the topic where it is absent, and takes part in appending from then on. Throws
   * WrongTopic for a topic that cannot be used, or where the database belongs to another topic.
   */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const { databaseUrl, log, logger } = options
    await migrateLedger(databaseUrl)
    const pool = ledgerPool(databaseUrl, error => logger.warn('a Postgres connection failed', { error: error.message }))
    try {
      await refuseOtherTopic(pool, log.topic)
      await log.prepare()
      const ledger = new Ledger(options, pool)
      await ledger.notifications.start()
      return ledger
    } catch (error) {
      await pool.end()
      throw error
    }
  }

  /**
   * Decides a command. Resolves when its events were read back from the log, when it is refused, or, as `accepted`, when it is
   * decided but the log cannot be reached. Rejects with LedgerUnavailable when it cannot be decided now; whether it was is
   * unknown only after a fault of Postgres at the commit, and sending it again under the same key finds out.
   */
  async execute<S, C, E>(request: CommandRequest<S, C, E>): Promise<CommandResult<S>> {
    if (this.closing) throw new LedgerUnavailable('this process is stopping', 1)
    const started = performance.now()
    const seconds = () => (performance.now() - started) / 1000
    const work = this.submit(request)
    this.underWay.add(work)
    try {
      const outcome = await work
      this.options.observer?.commandDecided(outcome.kind, seconds())
      return outcome as CommandResult<S>
    } catch (error) {
      this.options.observer?.commandDecided('failed', seconds())
      throw error
    } finally {
      this.underWay.delete(work)
    }
  }

  /** How the write side is. */
  async health(): Promise<LedgerHealth> {
    const { leading, appending, fault } = this.leadership
    const appender = leading ? 'leading' : 'following'
    const common = { appender, ...(leading && { appending }), ...(fault !== undefined && { detail: fault }) } as const
    try {
      return { postgres: true, open: await isOpen(queryOn(this.pool)), ...common }
    } catch (error) {
      return { postgres: false, open: false, ...common, detail: (error as Error).message }
    }
  }

  /** The end of each partition, as far as it is in the index. */
  positions(): Promise<PartitionPosition[]> {
    return logPositions(queryOn(this.pool))
  }

  /**
   * Calls back whenever any replica wrote an announced entry to the index, and after a time in which that could not be heard.
   * A notification may be lost all the same: look now and then. Returns what ends it.
   */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The streams of all tenants under a name that is announced, the lowest rank first. Rejects where Postgres cannot be asked. */
  announced(name: string, limit: number): Promise<NotifiedStream[]> {
    return notifiedStreams(queryOn(this.pool), name, limit)
  }

  /** States of streams by id, as they are now; one in which nothing has happened is absent. */
  states(streamIds: string[]): Promise<Map<string, unknown>> {
    return streamStates(queryOn(this.pool), streamIds)
  }

  /** The same with their versions, of streams that have another version than is known. @param known 0: nothing is known of it */
  changedStates(known: ReadonlyMap<string, number>): Promise<Map<string, { version: number; state: unknown }>> {
    return changedStates(queryOn(this.pool), known)
  }

  /** Takes no more commands, finishes those under way, hands appending over. */
  async close(): Promise<void> {
    this.closing = true
    await Promise.allSettled(this.underWay)
    for (const timer of this.timers) clearInterval(timer)
    await this.notifications.close()
    await this.leadership.close()
    await this.pool.end()
  }

  private async submit(request: AnyRequest): Promise<CommandResult<unknown>> {
    const decided = await decidePrepared(queryOn(this.pool), this.queue, request)
    if (decided.kind === 'refused') {
      const { commandId, rejection, repeated, awaits } = decided
      const positions = awaits === undefined ? undefined : await this.readBack(awaits, repeated)
      return { kind: 'refused', commandId, repeated, rejection, ...(positions && { positions }) }
    }
    return this.confirmed(decided)
  }

  private async confirmed(decided: Decided & { kind: 'decided' | 'repeated' }): Promise<CommandResult<unknown>> {
    const { awaits, commandId, answer, known } = decided
    const repeated = decided.kind === 'repeated'
    // protects: answer-when-decided
    const positions = await this.readBack(awaits, repeated, known)
    const typed = answer as StateSnapshot<unknown>
    if (!positions) return { kind: 'accepted', commandId: awaits, answer: typed }
    return { kind: repeated ? 'repeated' : 'appended', commandId, answer: typed, positions }
  }

  /** The positions of a command once it was read back; `undefined` where that takes too long. */
  private readBack(commandId: string, repeated: boolean, known?: Positions): Promise<Positions | undefined> {
    const confirmed = this.confirmations.wait(commandId, this.options.confirmTimeoutMs ?? 5000)
    // What is repeated was mostly confirmed long ago, and nobody will announce it again.
    if (known) this.confirmations.confirm(commandId, known)
    else if (repeated) void this.confirmations.refresh().catch(() => undefined)
    return confirmed
  }

  private notify(): void {
    this.wake.call()
    if (this.leadership.leading) return
    // Behind it the appender looks by itself, so a lost announcement costs half a second.
    queryOn(this.pool)(`SELECT pg_notify($1, '')`, [PENDING_CHANNEL]).catch(error =>
      this.options.logger.debug('announcement failed', { error: String(error) }),
    )
  }

  private async gauge(): Promise<void> {
    if (!this.options.observer) return
    const rows = await queryOn(this.pool)<{ count: number }>(
      `SELECT count(*)::int AS count FROM ledger.pending_append`,
    ).catch(() => [])
    if (rows[0]) this.options.observer.pending(rows[0].count)
  }
}

async function refuseOtherTopic(pool: Pool, topic: string): Promise<void> {
  const [gate] = await queryOn(pool)<{ topic: string }>(`SELECT topic FROM ledger.gate`)
  if (gate && gate.topic !== topic) {
    throw new Error(`this database belongs to topic ${gate.topic}: set SHIPLOG_TOPIC to it, or use another database`)
  }
}
