import type { Pool } from 'pg'
import type { Positions } from '#libs/contracts'
import { positionsOf } from './command.js'
import { queryOn } from './postgres.js'

/** Postgres channel on which the appender says that commands were read back. */
export const CONFIRMED_CHANNEL = 'shiplog_confirmed'

/** Keeps who waits for which command to be read back from the log, and tells them. */
export class Confirmations {
  private readonly waiting = new Map<string, ((positions: Positions) => void)[]>()
  /** Read back while nobody had come to wait yet: between the commit of a decision and its request's next step. */
  private readonly early = new Map<string, Positions>()
  private readonly expected = new Map<string, number>()

  constructor(private readonly pool: Pool) {}

  /** Announces a wait: a confirmation from now on is kept for it. */
  expect(commandIds: string[]): void {
    for (const id of commandIds) this.expected.set(id, (this.expected.get(id) ?? 0) + 1)
  }

  /** Commands that this replica is still waiting for. */
  isExpected(commandId: string): boolean {
    return this.expected.has(commandId)
  }

  /** Resolves with the positions of a command once it was read back; with `undefined` after so many milliseconds. */
  wait(commandId: string, milliseconds: number): Promise<Positions | undefined> {
    return new Promise(resolve => {
      const done = (positions: Positions | undefined) => {
        clearTimeout(timer)
        this.forget(commandId, done)
        resolve(positions)
      }
      const timer = setTimeout(() => done(undefined), milliseconds)
      this.waiting.set(commandId, [...(this.waiting.get(commandId) ?? []), done])
      const early = this.early.get(commandId)
      if (early) done(early)
    })
  }

  /** Tells those who wait. */
  confirm(commandId: string, positions: Positions): void {
    if (!this.expected.has(commandId)) return
    this.early.set(commandId, positions)
    for (const done of this.waiting.get(commandId) ?? []) done(positions)
  }

  /** Asks the index for everything that is waited for: after a notification, and now and then behind it. */
  async refresh(): Promise<void> {
    const ids = [...this.expected.keys()]
    if (ids.length === 0) return
    const rows = await queryOn(this.pool)<{ command_id: string; positions: Record<string, number> }>(
      `SELECT command_id, positions FROM ledger.command WHERE command_id = ANY ($1) AND confirmed >= events`,
      [ids],
    )
    for (const { command_id, positions } of rows) this.confirm(command_id, positionsOf(positions))
  }

  private forget(commandId: string, done: (positions: Positions | undefined) => void): void {
    const others = (this.waiting.get(commandId) ?? []).filter(other => other !== done)
    if (others.length > 0) this.waiting.set(commandId, others)
    else this.waiting.delete(commandId)
    const left = (this.expected.get(commandId) ?? 1) - 1
    if (left > 0) this.expected.set(commandId, left)
    else {
      this.expected.delete(commandId)
      this.early.delete(commandId)
    }
  }
}
