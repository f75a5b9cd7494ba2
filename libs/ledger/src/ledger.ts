import type { Pool } from 'pg'
import type { Positions } from '#libs/contracts'
import type { EventLog, LogLogger } from '#libs/event-log'
import { queryOn } from '#libs/postgres'
import {
  NOTIFY_CHANNEL,
  type NotifiedStream,
  notification,
  notifiedStreams,
  changedStates,
  streamStates,
} from './store/notify.js'
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
import { isOpen, refuseOtherTopic } from './store/gate.js'
import { Leadership } from './append/leadership.js'
import { Notifications } from './store/notifications.js'
import { decidePrepared } from './decide/prepared.js'
import { ledgerPool, LedgerUnavailable, migrateLedger } from './store/postgres.js'
import { outboxSize } from './append/next-batch.js'
import { Wake } from './append/signal.js'

const OUTBOX_CHANNEL = 'shiplog_outbox'
const POLL_MS = 1000
const OUTBOX_GAUGE_MS = 5000

/** Observes the ledger for metrics. */
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
  /** How long a command waits to be read back before its result is `accepted` (5,000 ms). */
  confirmTimeoutMs?: number
}

export interface LedgerHealth {
  postgres: boolean
  /** Whether the index has caught up with the log and commands are decided. */
  open: boolean
  appender: 'leading' | 'following'
  /** Whether events are being appended; known only if this replica leads. */
  appending?: boolean
  detail?: string
}

/** Decides commands, appends their events, and returns results when these were read back. Nothing else writes to the log. */
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
    const refresh = () =>
      void this.confirmations
        .refresh()
        .catch(error => logger.debug('Polling for confirmations failed', { event: 'ledger.poll_failed', error }))
    this.notifications = new Notifications(
      databaseUrl,
      {
        [CONFIRMED_CHANNEL]: () => this.leadership.leading || refresh(),
        [OUTBOX_CHANNEL]: () => this.wake.call(),
        [NOTIFY_CHANNEL]: () => this.listeners.forEach(listener => listener()),
      },
      logger,
    )
    this.timers = [setInterval(refresh, POLL_MS), setInterval(() => void this.gauge(), OUTBOX_GAUGE_MS)]
  }

  /**
   * Migrates the schema `ledger`, creates the topic if absent, and takes part in appending. Throws
   * WrongTopic for an unusable topic, and Error if the database belongs to another topic.
   */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const { databaseUrl, log, logger } = options
    await migrateLedger(databaseUrl)
    const pool = ledgerPool(databaseUrl, error =>
      logger.warn('Postgres connection failed', { event: 'ledger.connection_failed', error: error.message }),
    )
    try {
      await refuseOtherTopic(queryOn(pool), log.topic)
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
   * decided but the log is not available in time. Rejects with LedgerUnavailable if it cannot be decided now; only after a failure of Postgres at
   * the commit is it unknown whether it was decided: send it again under the same key.
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

  /** The health of the write path. */
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

  /** The last event of each partition that is in the index. */
  positions(): Promise<PartitionPosition[]> {
    return logPositions(queryOn(this.pool))
  }

  /**
   * Calls back whenever a replica writes an index entry that notifies replicas, and after reconnecting.
   * Notifications can be lost, so poll as well. Returns a function that ends the subscription.
   */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The streams of all tenants with a notifying entry of this name, lowest rank first. Rejects if Postgres is not available. */
  notifiedStreams(name: string, limit: number): Promise<NotifiedStream[]> {
    return notifiedStreams(queryOn(this.pool), name, limit)
  }

  /** Current states of streams by id; streams without events are absent. */
  states(streamIds: string[]): Promise<Map<string, unknown>> {
    return streamStates(queryOn(this.pool), streamIds)
  }

  /** States and versions of streams whose version differs from the known one. @param known versions by stream id; 0 if unknown */
  changedStates(known: ReadonlyMap<string, number>): Promise<Map<string, { version: number; state: unknown }>> {
    return changedStates(queryOn(this.pool), known)
  }

  /** Refuses new commands, finishes current ones, and releases the appender's lock. */
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

  /** The positions of a command once it was read back; `undefined` if that takes too long. */
  private readBack(commandId: string, repeated: boolean, known?: Positions): Promise<Positions | undefined> {
    const confirmed = this.confirmations.wait(commandId, this.options.confirmTimeoutMs ?? 5000)
    // A repeated command was usually confirmed before, so no notification will arrive.
    if (known) this.confirmations.confirm(commandId, known)
    else if (repeated) void this.confirmations.refresh().catch(() => undefined)
    return confirmed
  }

  private notify(): void {
    this.wake.call()
    if (this.leadership.leading) return
    // The appender also polls, so a lost notification costs half a second.
    const { logger } = this.options
    queryOn(this.pool)(notification(OUTBOX_CHANNEL)).catch(error =>
      logger.debug('Notifying the appender failed', { event: 'ledger.notify_failed', error: String(error) }),
    )
  }

  private async gauge(): Promise<void> {
    const { observer } = this.options
    if (!observer) return
    const events = await outboxSize(queryOn(this.pool)).catch(() => undefined)
    if (events !== undefined) observer.pending(events)
  }
}
