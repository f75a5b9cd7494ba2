import type { Pool } from 'pg'
import type { Positions } from '#libs/contracts'
import { positionsOf } from '../store/command.js'
import { queryOn, statement, type Query } from '#libs/postgres'

/** Postgres channel on which the appender notifies that commands were read back. */
export const CONFIRMED_CHANNEL = 'shiplog_confirmed'

type Done = (positions: Positions | undefined) => void

/** Lets callers wait until a command was read back from the log. */
export class Confirmations {
  private readonly waiting = new Map<string, Set<Done>>()
  private refreshing?: Promise<void>
  private again = false

  constructor(private readonly pool: Pool) {}

  /**
   * Resolves with the positions of a command once it was read back, or with `undefined` after a number of milliseconds. The next refresh
   * finds commands that were confirmed before the call.
   */
  wait(commandId: string, milliseconds: number): Promise<Positions | undefined> {
    return new Promise(resolve => {
      const done: Done = positions => {
        clearTimeout(timer)
        this.forget(commandId, done)
        resolve(positions)
      }
      const timer = setTimeout(() => done(undefined), milliseconds)
      const others = this.waiting.get(commandId) ?? new Set()
      this.waiting.set(commandId, others.add(done))
    })
  }

  /** Resolves the waits for a command. */
  confirm(commandId: string, positions: Positions): void {
    for (const done of this.waiting.get(commandId) ?? []) done(positions)
  }

  /** Looks up all awaited commands in the index: after a notification, and periodically in case one was lost. */
  refresh(): Promise<void> {
    this.again = true
    this.refreshing ??= this.run().finally(() => (this.refreshing = undefined))
    return this.refreshing
  }

  private async run(): Promise<void> {
    while (this.again) {
      this.again = false
      const ids = [...this.waiting.keys()]
      if (ids.length === 0) return
      const rows = await confirmedCommands(queryOn(this.pool), ids)
      for (const { command_id, positions } of rows) this.confirm(command_id, positionsOf(positions))
    }
  }

  private forget(commandId: string, done: Done): void {
    const others = this.waiting.get(commandId)
    others?.delete(done)
    if (others?.size === 0) this.waiting.delete(commandId)
  }
}

/** The commands among these that were read back. */
export function confirmedCommands(query: Query, commandIds: readonly string[]) {
  return query<{ command_id: string; positions: Record<string, number> }>(
    statement(
      'confirmed commands',
      'SELECT command_id, positions FROM ledger.command WHERE command_id = ANY ($command_ids) AND confirmed >= events',
      { command_ids: commandIds },
    ),
  )
}
