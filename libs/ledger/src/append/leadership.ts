import type { Client, Pool } from 'pg'
import type { EventLog, LogLogger } from '#libs/event-log'
import { failpoint } from '#libs/failpoint'
import { tryLock } from './appender-lock.js'
import { appendUntil, type AppendingHooks } from './appending.js'
import { ledgerClient } from '../store/postgres.js'
import { type Wake, within } from './signal.js'

const ASK_AGAIN_MS = 250
/** A frozen process is silent, but its connection lives on: after this long the server ends it, and the lock is free. */
const LOCK_IDLE_MS = 10_000
const LOCK_BEAT_MS = 2000
const MAX_BACK_OFF_MS = 2000
const CLOSE_MS = 5000

/**
 * Sees to it that exactly one replica appends: the one that holds an advisory lock of Postgres. The lock lives as long as its
 * connection; that a replica which lost it does no harm is the fence's doing, not the lock's.
 */
export class Leadership {
  private readonly closing = new AbortController()
  private readonly done: Promise<void>
  /** Whether this replica appends now, and the log takes events. */
  appending = false
  leading = false
  /** Why the last term ended, until another one is open. */
  fault?: string

  constructor(
    private readonly databaseUrl: string,
    private readonly pool: Pool,
    private readonly log: EventLog,
    private readonly wake: Wake,
    private readonly hooks: AppendingHooks,
    private readonly logger: LogLogger,
  ) {
    this.done = this.run()
  }

  /** Gives the lock back after the batch under way. */
  async close(): Promise<void> {
    this.closing.abort()
    this.wake.call()
    await this.done
  }

  private async run(): Promise<void> {
    let failures = 0
    while (!this.closing.signal.aborted) {
      try {
        if (await this.leadOnce()) failures = 0
        else await this.pause(ASK_AGAIN_MS)
      } catch (error) {
        this.fault = (error as Error).message
        this.logger.warn('appending was interrupted', { error: this.fault })
        await this.pause(Math.min(100 * 2 ** failures++, MAX_BACK_OFF_MS))
      }
    }
  }

  /** Leads until closed, `false` where another replica does. Rejects when the lock or its connection is lost. */
  private async leadOnce(): Promise<boolean> {
    const client = ledgerClient(this.databaseUrl, 'appender', LOCK_IDLE_MS)
    const lost = new AbortController()
    client.on('error', error => lost.abort(error))
    client.on('end', () => lost.abort(new Error('the connection that holds the lock has ended')))
    const beat = setInterval(() => void client.query('SELECT 1').catch(error => lost.abort(error)), LOCK_BEAT_MS)
    try {
      await client.connect()
      if (!(await tryLock(client, this.log.topic))) return false
      this.leading = true
      failpoint('append-leading')
      await this.terms(client, AbortSignal.any([this.closing.signal, lost.signal]))
      if (!this.closing.signal.aborted) throw lost.signal.reason as Error
      return true
    } finally {
      this.leading = false
      clearInterval(beat)
      await within(client.end(), CLOSE_MS, 'closing the connection that holds the lock').catch(error =>
        this.logger.warn('a connection was left open', { error: (error as Error).message }),
      )
    }
  }

  /** One term after another while the lock is held. */
  private async terms(session: Client, signal: AbortSignal): Promise<void> {
    let failures = 0
    const hooks: AppendingHooks = {
      ...this.hooks,
      opened: () => {
        this.appending = true
        this.fault = undefined
        failures = 0
        this.hooks.opened()
      },
    }
    while (!signal.aborted) {
      try {
        await appendUntil(signal, session, this.pool, this.log, this.wake, hooks, this.logger)
      } catch (error) {
        this.fault = (error as Error).message
        this.logger.warn('a term as appender ended', { error: this.fault })
        this.appending = false
        if (!signal.aborted) await this.pause(Math.min(50 * 2 ** failures++, MAX_BACK_OFF_MS))
      } finally {
        this.appending = false
      }
    }
  }

  private async pause(milliseconds: number): Promise<void> {
    const { signal } = this.closing
    if (signal.aborted) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(done, milliseconds)
      function done() {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
