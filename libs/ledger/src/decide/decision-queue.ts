import type { Query } from '#libs/postgres'
import type { Pool } from 'pg'
import { isRejection } from '#libs/contracts'
import { failpoint } from '#libs/failpoint'
import { notifyReplicas } from '../store/notify.js'
import { commandIdOf } from '../store/command.js'
import type { AnyRequest, QueuedCommand, CommandDecision } from './decided-before.js'
import { basisOf, decideGroup, streamsOf } from './decision.js'
import { commandsThatFit } from './group-size.js'
import { loadAndLock, ConcurrencyConflict, writeDecisions } from '../store/index-tables.js'
import { asUnavailable, inTransaction, LedgerUnavailable } from '../store/postgres.js'
import { streamIndexOf } from '../store/stream-index.js'

/** Maximum number of commands in one transaction. */
const GROUP = 1000
/** A command fails if another transaction holds its stream for longer than this. */
const PATIENCE_MS = 10_000
const RETRY_MS = 5
/** Size of the events of a group that takes milliseconds to encode. */
const LARGE_BYTES = 256 * 1024

// Taken before anything else, so that a reset of the index can exclude all decisions by this lock (see resetIndex).
const BEGIN = 'BEGIN; LOCK TABLE ledger.stream IN ROW SHARE MODE'

export type Decided = Exclude<CommandDecision, { kind: 'deferred' | 'postponed' }> & { commandId: string }

/** A request whose target needs no preparation any more. */
export type PreparedRequest = AnyRequest & { target: Exclude<AnyRequest['target'], { prepare: unknown }> }

interface Waiting {
  request: PreparedRequest
  commandId: string
  since: number
  resolve(decided: Decided): void
  reject(error: Error): void
}

/**
 * Decides commands in the order of their arrival, in groups: while one group commits, the next one is collected. Commands of a sequence, of
 * which there may be thousands, come after all others, so that a single command waits for the current group, not for an import.
 */
export class DecisionQueue {
  private waiting: Waiting[] = []
  private running?: Promise<void>
  /** Sequences with a deferred command, for which their later commands wait. */
  private readonly heldUp = new Set<object>()

  constructor(
    private readonly pool: Pool,
    /** Called after a commit that added events to the outbox. */
    private readonly appendable: () => void,
  ) {}

  /** Resolves when the decision is committed. Rejects with LedgerUnavailable if Postgres is not available. */
  submit(request: PreparedRequest): Promise<Decided> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, commandId: commandIdOf(request), since: Date.now(), resolve, reject })
      this.running ??= this.run()
    })
  }

  /** Resolves when no command waits. */
  async idle(): Promise<void> {
    await this.running
  }

  private async run(): Promise<void> {
    // Includes commands of the same turn of the event loop.
    await new Promise(resolve => setImmediate(resolve))
    for (let group = this.nextGroup(); group.length > 0; group = this.nextGroup()) {
      try {
        await this.decide(group)
      } catch (error) {
        for (const { reject } of group) reject(asUnavailable(error))
      }
    }
    this.running = undefined
  }

  /** A command that searches streams is decided in its own group, since it must see the changes of earlier commands. */
  private nextGroup(): Waiting[] {
    const single = this.waiting.filter(({ request }) => !request.sequence)
    const sequenced = this.waiting.filter(({ request }) => request.sequence && !this.heldUp.has(request.sequence))
    const ready = [...single, ...sequenced]
    const lookUp = ready.findIndex(({ request }) => 'find' in request.target)
    const group = new Set(ready.slice(0, lookUp === 0 ? 1 : Math.min(GROUP, lookUp < 0 ? GROUP : lookUp)))
    this.waiting = this.waiting.filter(waiting => !group.has(waiting))
    return [...group]
  }

  private async decide(group: Waiting[]): Promise<void> {
    try {
      this.deliver(group, await inTransaction(this.pool, query => this.decideIn(query, group), BEGIN))
    } catch (error) {
      if (!isConcurrencyConflict(error)) throw error
      this.defer(group)
    }
  }

  private async decideIn(query: Query, group: Waiting[]): Promise<CommandDecision[]> {
    const resolved: QueuedCommand[] = []
    for (const waiting of group) resolved.push(await resolveTarget(query, waiting))
    const pending = resolved.slice(0, await commandsThatFit(query, resolved))
    const known = await loadAndLock(
      query,
      [...new Set(pending.flatMap(({ target }) => streamsOf(target)))],
      pending.map(({ commandId }) => commandId),
      [...new Set(pending.flatMap(({ target }) => basisOf(target)))],
      [...new Set(pending.flatMap(({ target }) => target.reads ?? []))],
    )
    // The result may have changed before it was locked, so the search is repeated under the lock.
    const first = group[0]!
    const before = known.commands.get(first.commandId)
    if ('find' in first.request.target && (!before || before.outcome === 'refused')) {
      const again = await resolveTarget(query, first)
      if (String(streamsOf(again.target)) !== String(streamsOf(pending[0]!.target))) throw new ConcurrencyConflict()
      pending[0] = again
    }
    const { decisions, writes, bytes } = decideGroup(pending, known, new Date())
    // Deciding and encoding large events take a while each; other requests are served between them.
    if (bytes > LARGE_BYTES) await new Promise(resolve => setImmediate(resolve))
    await writeDecisions(query, writes)
    await notifyReplicas(query, writes.streams)
    failpoint('decide-in-transaction')
    return [...decisions, ...resolved.slice(pending.length).map(() => ({ kind: 'postponed' }) as const)]
  }

  private deliver(group: Waiting[], decisions: CommandDecision[]): void {
    const deferred: Waiting[] = []
    const postponed: Waiting[] = []
    let appendable = false
    failpoint('decide-after-commit')
    for (const [index, waiting] of group.entries()) {
      const verdict = decisions[index]!
      if (verdict.kind === 'deferred') deferred.push(waiting)
      else if (verdict.kind === 'postponed') postponed.push(waiting)
      else waiting.resolve({ ...verdict, commandId: waiting.commandId })
      appendable ||= verdict.kind === 'decided' || (verdict.kind === 'refused' && verdict.awaits !== undefined)
    }
    if (appendable) this.appendable()
    this.waiting.unshift(...postponed)
    this.defer(deferred)
  }

  /** Returns commands to the front of the queue, in their order, after a pause in which later ones are decided. */
  private defer(group: Waiting[]): void {
    if (group.length === 0) return
    const now = Date.now()
    const patient = group.filter(waiting => {
      if (now - waiting.since < PATIENCE_MS) return true
      waiting.reject(new LedgerUnavailable('another transaction holds the stream of this command: send it again'))
      return false
    })
    const sequences = patient.flatMap(({ request }) => request.sequence ?? [])
    for (const sequence of sequences) this.heldUp.add(sequence)
    setTimeout(() => {
      for (const sequence of sequences) this.heldUp.delete(sequence)
      this.waiting.unshift(...patient)
      this.running ??= this.run()
    }, RETRY_MS)
  }
}

async function resolveTarget(query: Query, { request, commandId }: Waiting): Promise<QueuedCommand> {
  if (!('find' in request.target)) return { request, commandId, target: request.target }
  const found = await request.target.find(streamIndexOf(query, request.context.tenant))
  if (!isRejection(found)) return { request, commandId, target: found }
  // A refusal without a stream is decided like any other, so that it is kept under its key.
  const decider = { ...request.decider, decide: () => found }
  return { request: { ...request, decider }, commandId, target: { streamId: '', command: undefined } }
}

function isConcurrencyConflict(error: unknown): boolean {
  const code = (error as { code?: string }).code
  // unique_violation, serialization_failure, deadlock_detected: another transaction was first.
  return error instanceof ConcurrencyConflict || code === '23505' || code === '40001' || code === '40P01'
}
