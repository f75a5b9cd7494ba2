import type { Client, Pool } from 'pg'
import {
  chain,
  type Appender,
  type EventLog,
  type LogLogger,
  type LogRecord,
  type PlacedEvent,
  type Tail,
} from '#libs/event-log'
import { failpoint } from '#libs/failpoint'
import { queryOn } from '#libs/postgres'
import type { ConfirmedCommand } from '../confirm/confirm.js'
import { openGate, STATE_VERSIONS } from '../store/gate.js'
import { IndexReader } from '../confirm/index-reader.js'
import { emptyOutdated, isOutdated } from './index-version.js'
import { refuseShorterLog } from './incomplete-log.js'
import { nextBatch } from './next-batch.js'
import { Wake, within } from './signal.js'

/** Limits of one Kafka transaction; its requests are encoded without serving other requests. */
const LIMITS = { events: 1000, bytes: 1024 * 1024 }
/** Longer than all timeouts of a Kafka transaction's requests together. */
const APPEND_MS = 60_000
const READ_BACK_MS = 10_000
const CATCH_UP_MS = 600_000
const CLOSE_MS = 10_000
/** Other replicas notify the appender of outbox rows; it also polls, in case a notification was lost. */
const IDLE_MS = 500

export interface AppendingHooks {
  confirmed(commands: ConfirmedCommand[]): void
  /** The index has caught up, and events can be appended. */
  opened(): void
  appended(events: number, seconds: number): void
}

/**
 * One term as the topic's appender: fences, catches up, then appends the outbox batch by batch, reading each one back before it
 * sends the next. Resolves when the signal aborts, rejects on any failure: it is then unknown which events
 * are in the log, and only a new term finds out.
 *
 * @param session holds the appender's lock
 */
export async function appendUntil(
  signal: AbortSignal,
  session: Client,
  pool: Pool,
  log: EventLog,
  wake: Wake,
  hooks: AppendingHooks,
  logger: LogLogger,
): Promise<void> {
  const term = new Term(session, pool, log, hooks, logger, signal)
  try {
    await term.open()
    logger.info('Appender term started', { event: 'appender.term_started', topic: log.topic })
    while (!term.signal.aborted) {
      if ((await term.appendBatch()) === 0) await wake.wait(IDLE_MS)
    }
    if (!signal.aborted) throw term.signal.reason as Error
  } finally {
    // Anything left open is harmless: the next term fences the producer, and confirms after the last event in the index.
    // protects: endless-term-close
    await within(term.close(), CLOSE_MS, 'closing a term').catch(error =>
      logger.warn('Appender term could not be closed', {
        event: 'appender.term_not_closed',
        error: (error as Error).message,
      }),
    )
  }
}

class Term {
  private readonly fault = new AbortController()
  readonly signal: AbortSignal
  private appender?: Appender
  private index?: IndexReader
  private isOpen = false
  private outstanding = 0
  private allReadBack?: () => void
  /** Ids of appended events that are still in the outbox. */
  private readonly unconfirmed = new Set<string>()

  constructor(
    /** Holds the appender's lock. */
    private readonly session: Client,
    private readonly pool: Pool,
    private readonly log: EventLog,
    private readonly hooks: AppendingHooks,
    private readonly logger: LogLogger,
    signal: AbortSignal,
  ) {
    this.signal = AbortSignal.any([signal, this.fault.signal])
  }

  async open(): Promise<void> {
    this.appender = await this.log.openAppender()
    failpoint('append-after-fence')
    const outdated = await isOutdated(queryOn(this.session), this.log.topic)
    let partitions = await this.catchUp()
    if (outdated) {
      await this.emptyOutdatedIndex()
      partitions = await this.catchUp()
    }
    failpoint('append-before-gate')
    await this.openGate(partitions)
    this.isOpen = true
    this.hooks.opened()
  }

  /** Reads the log to its end into the index. Returns the log's partitions. */
  private async catchUp(): Promise<number[]> {
    this.index = await IndexReader.start(this.pool, this.log, {
      readBack: records => this.readBack(records),
      confirmed: (commands, records) => this.confirmed(commands, records),
      fault: error => this.fault.abort(error),
    })
    const read = this.index.offsets()
    const ends = await this.log.endOffsets()
    for (const [partition, offset] of read) refuseShorterLog(partition, ends.get(partition) ?? 0, offset)
    // protects: no-wait-for-the-end
    await within(this.index.caughtUp(ends, this.signal), CATCH_UP_MS, 'catching up with the log', this.signal)
    return [...ends.keys()]
  }

  /** Appends the outbox of another version, then resets the index that it wrote. */
  private async emptyOutdatedIndex(): Promise<void> {
    this.logger.info('Replaying the log, since another version wrote the index', {
      event: 'index.replay_started',
      versions: STATE_VERSIONS,
    })
    await emptyOutdated(this.pool, this.signal, async () => {
      while ((await this.appendBatch()) > 0) this.signal.throwIfAborted()
    })
    await this.index?.stop()
  }

  /**
   * Appends a batch of the outbox and waits until it was read back, but not until it is confirmed, so that
   * Postgres confirms one batch while Kafka accepts the next. Returns the number of events.
   */
  async appendBatch(): Promise<number> {
    const events = await nextBatch(queryOn(this.pool), this.unconfirmed, LIMITS)
    if (events.length === 0) return 0
    this.signal.throwIfAborted()
    const started = performance.now()
    const allReadBack = new Promise<void>(resolve => {
      this.outstanding = events.length
      this.allReadBack = resolve
    })
    for (const { headers } of events) this.unconfirmed.add(headers['ce_id']!)
    failpoint('append-before-send')
    await within(this.appender!.append(this.place(events)), APPEND_MS, 'appending')
    failpoint('append-after-commit')
    // protects: producer-reused-read-back
    await within(allReadBack, READ_BACK_MS, 'reading back what was appended', this.signal)
    this.hooks.appended(events.length, (performance.now() - started) / 1000)
    return events.length
  }

  async close(): Promise<void> {
    this.fault.abort(new Error('the term is over'))
    await Promise.all([this.appender?.close(), this.index?.stop()])
  }

  private readBack(records: LogRecord[]): void {
    // The index may refuse a foreign record, and must contain it before events are appended after it: the next term waits for that.
    if (this.isOpen && records.some(({ headers }) => !this.unconfirmed.has(String(headers['ce_id'])))) {
      this.fault.abort(new Error('found a record that this appender did not write'))
    }
    this.outstanding -= records.length
    if (this.outstanding <= 0) this.allReadBack?.()
  }

  private confirmed(commands: ConfirmedCommand[], records: LogRecord[]): void {
    this.hooks.confirmed(commands)
    for (const { headers } of records) this.unconfirmed.delete(String(headers['ce_id']))
  }

  /** Numbers and chains events after the ends of their partitions. */
  private place(events: PlacedEvent[]): PlacedEvent[] {
    const tails = new Map<number, Tail>()
    return events.map(event => {
      const { partition } = event
      const chained = chain(event, tails.get(partition) ?? this.index!.tail(partition))
      tails.set(partition, chained.tail)
      return { ...chained.event, partition }
    })
  }

  /**
   * Allows decisions until the Postgres server restarts, since a restored server may have older rows. Does not open the gate if the
   * index was reset after this term had caught up. Runs in the session that holds the lock, so that a term without it opens nothing.
   */
  private async openGate(partitions: number[]): Promise<void> {
    const seqs = new Map(partitions.map(partition => [partition, this.index!.tail(partition).seq]))
    const opened = await openGate(queryOn(this.session), this.log.topic, seqs)
    if (!opened) throw new Error('the index was reset while this term caught up with the log')
  }
}
