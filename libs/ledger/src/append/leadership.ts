import type { Client, Pool } from 'pg'
import type { EventLog, LogLogger } from '#libs/event-log'
import { failpoint } from '#libs/failpoint'
import { queryOn } from '#libs/postgres'
import { tryLock } from './appender-lock.js'
import { appendUntil, type AppendingHooks } from './appending.js'
import { ledgerClient } from '../store/postgres.js'
import { type Wake, within } from './signal.js'

const ASK_AGAIN_MS = 250
/** The connection of a frozen process stays open: after this time the server ends it, which releases the lock. */
const LOCK_IDLE_MS = 10_000
const LOCK_BEAT_MS = 2000
const MAX_BACK_OFF_MS = 2000
const CLOSE_MS = 5000

/**
 * Lets one replica append: the one that holds an advisory lock of Postgres. The lock lives as long as its
 * connection; a replica that lost it is kept from writing by the fence, not by the lock.
 */
export class Leadership {
  private readonly closing = new AbortController()
  private readonly done: Promise<void>
  /** Whether this replica has an open term. */
  appending = false
  leading = false
  /** Why the last term ended; unset by the next open term. */
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

  /** Releases the lock after the current batch. */
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
        this.logger.warn('Appender lost its lock or could not take it', {
          event: 'appender.lock_failed',
          error: this.fault,
        })
        await this.pause(Math.min(100 * 2 ** failures++, MAX_BACK_OFF_MS))
      }
    }
  }

  /** Leads until closed; `false` if another replica leads. Rejects when the lock or its connection is lost. */
  private async leadOnce(): Promise<boolean> {
    const client = ledgerClient(this.databaseUrl, 'appender', LOCK_IDLE_MS)
    const lost = new AbortController()
    client.on('error', error => lost.abort(error))
    client.on('end', () => lost.abort(new Error('the connection that holds the lock has ended')))
    const beat = setInterval(() => void client.query('SELECT 1').catch(error => lost.abort(error)), LOCK_BEAT_MS)
    try {
      await client.connect()
      if (!(await tryLock(queryOn(client), this.log.topic))) return false
      this.leading = true
      failpoint('append-leading')
      await this.terms(client, AbortSignal.any([this.closing.signal, lost.signal]))
      if (!this.closing.signal.aborted) throw lost.signal.reason as Error
      return true
    } finally {
      this.leading = false
      clearInterval(beat)
      await within(client.end(), CLOSE_MS, 'closing the connection that holds the lock').catch(error =>
        this.logger.warn('Connection that holds the appender lock could not be closed', {
          event: 'appender.connection_not_closed',
          error: (error as Error).message,
        }),
      )
    }
  }

  /** Runs one term after another while the lock is held. */
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
        this.logger.warn('Appender term ended', { event: 'appender.term_ended', error: this.fault })
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
