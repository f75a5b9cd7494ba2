import { isRejection, refuse } from '#libs/contracts'
import { statement, type Query } from '#libs/postgres'
import { commandIdOf } from '../store/command.js'
import type { AnyRequest } from './decided-before.js'
import type { Decided, DecisionQueue, PreparedRequest } from './decision-queue.js'
import { asUnavailable } from '../store/postgres.js'
import type { StreamSnapshot } from '../store/stream-index.js'

/** How often a command is prepared before it is refused. */
const MOST_PREPARATIONS = 5

/** Prepares a command if necessary and decides it; repeats both if its prepared streams have changed meanwhile. */
export async function decidePrepared(
  query: Query,
  queue: DecisionQueue,
  request: AnyRequest,
): Promise<Exclude<Decided, { kind: 'outdated' }>> {
  for (let attempt = 1; attempt <= MOST_PREPARATIONS; attempt++) {
    const decided = await queue.submit(await prepared(query, request))
    if (decided.kind !== 'outdated') return decided
  }
  // Not kept under its key, since the same request may succeed later.
  const reason = 'the data that this request depends on changed repeatedly while it was prepared: send it again'
  return { kind: 'refused', commandId: commandIdOf(request), repeated: false, rejection: refuse('conflict', reason) }
}

/**
 * Prepares a command before it is decided, outside of any transaction. Rejects with LedgerUnavailable if Postgres
 * is not available, and with errors of the preparation.
 */
async function prepared(ask: Query, request: AnyRequest): Promise<PreparedRequest> {
  const { target } = request
  const query: Query = wanted =>
    ask<never>(wanted).catch((error: unknown) => {
      throw asUnavailable(error)
    })
  if (!('prepare' in target)) return request as PreparedRequest
  // A repeat gets the first result without preparation. If the first command is gone by then, it is prepared after all.
  if (await isKnown(query, request)) return { ...request, target: { streamId: '', command: undefined, basis: NEVER } }
  const snapshot = new Snapshot(query)
  const found = await target.prepare(snapshot)
  if (!isRejection(found)) return { ...request, target: { ...found, basis: snapshot.versions } }
  const decider = { ...request.decider, decide: () => found }
  return { ...request, decider, target: { streamId: '', command: undefined, basis: snapshot.versions } }
}

/** A version that no stream has. */
const NEVER: ReadonlyMap<string, number> = new Map([['', -1]])

class Snapshot implements StreamSnapshot {
  readonly versions = new Map<string, number>()

  constructor(private readonly query: Query) {}

  async states(streamIds: string[]): Promise<Map<string, unknown>> {
    const rows = await this.query<{ stream_id: string; version: number; state: unknown }>(
      statement(
        'states and versions',
        'SELECT stream_id, version, state FROM ledger.stream WHERE stream_id = ANY ($stream_ids)',
        { stream_ids: streamIds },
      ),
    )
    const found = new Map(rows.map(row => [row.stream_id, row]))
    for (const id of streamIds) {
      const version = found.get(id)?.version ?? 0
      // Keeps the first version of a stream that changed between two reads, so that the preparation counts as outdated.
      if ((this.versions.get(id) ?? version) === version) this.versions.set(id, version)
    }
    return new Map(rows.map(({ stream_id, state }) => [stream_id, state]))
  }
}

async function isKnown(query: Query, request: AnyRequest): Promise<boolean> {
  if (!request.idempotency) return false
  const rows = await query(
    statement('known command', 'SELECT FROM ledger.command WHERE command_id = $command_id', {
      command_id: commandIdOf(request),
    }),
  )
  return rows.length > 0
}
