import pg from 'pg'
import { formatPositions, type Positions } from '#libs/contracts'
import { positionsOf, reaches, type QueryResult } from '../sql/query-result.js'
import { PROGRESS_CHANNEL, readPositions } from '../log/positions.js'
import { pauseFor } from './pause.js'
import type { ReadModels, ReadModelsLogger } from './read-models.js'

/** The read models have not reached the requested position. */
class PositionNotReached extends Error {
  override name = 'PositionNotReached'
  readonly retryAfterSeconds = 1

  constructor(readonly minimum: Positions) {
    super(`The read models have not reached ${formatPositions(minimum)} yet.`)
  }
}

export interface PositionWatchOptions {
  databaseUrl: string
  readModels: ReadModels
  projection: string
  logger: ReadModelsLogger
  /** How long a read may wait for its position (2 s). */
  patienceMs?: number
}

const PATIENCE_MS = 2000
/** A notification may be lost with its connection, so the table is polled while a read waits. */
const POLL_MS = 250
const RECONNECT_MS = 1000
/** Maximum number of waiting reads, in all and per tenant; further ones are refused. */
const MOST_WAITING = 2000
const MOST_OF_TENANT = 500

/** Tracks the positions of a projection by the projector's notifications, so that reads can wait for them. */
export class PositionWatch {
  private readonly known = new Map<number, number>()
  private readonly closing = new AbortController()
  private waiting = new Set<() => void>()
  private readonly waiters = new Waiters()
  private listening?: Promise<void>
  private looking?: Promise<void>

  constructor(private readonly options: PositionWatchOptions) {}

  /** Listens until it is closed, and reconnects. */
  start(): void {
    this.listening ??= this.listen()
  }

  async close(): Promise<void> {
    this.closing.abort()
    this.wake()
    await this.listening
  }

  /**
   * Reads once the projection has reached these positions, and verifies the positions of the result, since they may have been reset. Throws
   * PositionNotReached after two seconds, or immediately if too many reads wait.
   */
  async read<Body>(
    minimum: Positions | undefined,
    read: () => Promise<QueryResult<Body>>,
    tenant = '',
  ): Promise<QueryResult<Body>> {
    if (!minimum) return read()
    const deadline = Date.now() + (this.options.patienceMs ?? PATIENCE_MS)
    if (!reaches(this.known, minimum)) await this.look()
    for (;;) {
      if (reaches(this.known, minimum)) {
        const answer = await read()
        if (reaches(positionsOf(answer), minimum)) return answer
        this.known.clear()
      }
      const left = deadline - Date.now()
      if (left <= 0 || this.closing.signal.aborted) throw new PositionNotReached(minimum)
      const leave = this.waiters.enter(tenant)
      if (!leave) throw new PositionNotReached(minimum)
      await this.progress(Math.min(left, POLL_MS)).finally(leave)
    }
  }

  private async progress(withinMs: number): Promise<void> {
    const waited = new AbortController()
    const wake = () => waited.abort()
    this.waiting.add(wake)
    await pauseFor(withinMs, waited.signal)
    if (this.waiting.delete(wake)) await this.look()
  }

  private wake(): void {
    const { waiting } = this
    this.waiting = new Set()
    for (const wake of waiting) wake()
  }

  // One poll for all waiting reads.
  private look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => (this.looking = undefined))
    return this.looking
  }

  private async lookOnce(): Promise<void> {
    const { readModels, projection } = this.options
    const positions = await readPositions(readModels.query, projection)
    this.known.clear()
    for (const [partition, { seq }] of positions) this.known.set(partition, seq)
  }

  private async listen(): Promise<void> {
    const { signal } = this.closing
    while (!signal.aborted) {
      try {
        await this.listenOnce()
      } catch (error) {
        this.options.logger.warn('Listening for progress of the read models failed', {
          event: 'read_models.listen_failed',
          error,
        })
      }
      await pauseFor(RECONNECT_MS, signal)
    }
  }

  private async listenOnce(): Promise<void> {
    const { databaseUrl } = this.options
    const connection = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'shiplog position watch',
      connectionTimeoutMillis: 5000,
      keepAlive: true,
    })
    const ended = new Promise<void>((resolve, reject) => {
      connection.on('error', reject)
      connection.on('end', resolve)
      this.closing.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    // It is awaited below; until then a rejection must not count as unhandled.
    ended.catch(() => undefined)
    connection.on('notification', ({ payload }) => this.heard(payload ?? ''))
    try {
      await connection.connect()
      await connection.query(`LISTEN ${PROGRESS_CHANNEL}`)
      await ended
    } finally {
      await connection.end().catch(() => undefined)
    }
  }

  private heard(progress: string): void {
    const match = /^(\S+) (\d+):(\d+)$/.exec(progress)
    if (!match || match[1] !== this.options.projection) return
    this.known.set(Number(match[2]), Number(match[3]))
    this.wake()
  }
}

/** Counts waiting reads. */
class Waiters {
  private total = 0
  private readonly byTenant = new Map<string, number>()

  /** Returns a function that ends the wait; `undefined` if too many wait. */
  enter(tenant: string): (() => void) | undefined {
    const own = this.byTenant.get(tenant) ?? 0
    if (this.total >= MOST_WAITING || own >= MOST_OF_TENANT) return undefined
    this.total += 1
    this.byTenant.set(tenant, own + 1)
    return () => this.leave(tenant)
  }

  private leave(tenant: string): void {
    const left = (this.byTenant.get(tenant) ?? 1) - 1
    this.total -= 1
    if (left > 0) this.byTenant.set(tenant, left)
    else this.byTenant.delete(tenant)
  }
}
