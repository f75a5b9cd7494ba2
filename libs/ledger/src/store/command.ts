import { v5 as uuidV5, v7 as uuidV7 } from 'uuid'
import type { Decider, Positions, Rejection } from '#libs/contracts'
import { CATCHING_UP, GATE_IS_OPEN } from './gate.js'
import { LedgerUnavailable, type Query } from './postgres.js'
import type { StreamIndex, StreamSnapshot } from './stream-index.js'

/** Who asks. */
export interface CommandContext {
  tenant: string
  actor?: string
  /** Shared by everything that one request leads to. */
  correlationId: string
  /** W3C Trace Context. */
  traceparent?: string
}

/** The stream that a command is for, and the command. */
export interface Target<C> {
  streamId: string
  command: C
  /** Other streams that are locked with it, for the decision to look at and to change. */
  contextStreams?: string[]
  /** Versions of streams that the command was made from: where one has another by now, nothing is decided. */
  basis?: ReadonlyMap<string, number>
  /** Other streams that the decision looks at, and that are not locked: for what never changes, or may be of a moment ago. */
  reads?: string[]
}

/** Everything that the ledger needs to decide a command. */
export interface CommandRequest<S, C, E> {
  decider: Decider<S, C, E>
  /**
   * Known beforehand; or found among the tenant's streams inside the transaction that decides; or prepared from streams before
   * it, where that takes longer than a transaction may. It is prepared again where one of them changed before it was decided.
   */
  target:
    | Target<C>
    | { find(index: StreamIndex): Promise<Target<C> | Rejection> }
    | { prepare(streams: StreamSnapshot): Promise<Target<C> | Rejection> }
  context: CommandContext
  /** `hashJson` of the body as it was sent, before defaults. */
  bodyHash: string
  /** The client's key, and the method and path that it is for. */
  idempotency?: { scope: string; key: string }
  /** Begins a stream with an id of the client's: the same body of the same actor again repeats, all else is refused. */
  creates?: boolean
  /** The id is made of what the body says, not chosen: whoever sends that again repeats it. */
  idOfContent?: boolean
  /** Requests that share this object are decided in the order in which they were submitted. */
  sequence?: object
}

/** A stream's state right after a command. */
export interface StateSnapshot<S> {
  state: S
  streamVersion: number
  /** When the stream was begun. */
  recordedAt: string
}

export type CommandResult<S> =
  /** In the log, and read back from it; now, or when the command was first sent. */
  | { kind: 'appended' | 'repeated'; commandId: string; answer: StateSnapshot<S>; positions: Positions }
  /** Decided, and appended as soon as Kafka can be reached. */
  | { kind: 'accepted'; commandId: string; answer: StateSnapshot<S> }
  /** `positions`: of the events that say what became of the attempt, where there are any and they were read back. */
  | { kind: 'refused'; commandId: string; repeated: boolean; rejection: Rejection; positions?: Positions }

/** Where a command stands. */
export interface CommandStatus {
  id: string
  status: 'accepted' | 'appended' | 'refused'
  positions?: Positions
  rejection?: Rejection
  receivedAt: string
}

// The namespace of command ids made from idempotency keys. Never changed: replays depend on it, also after a rebuild.
const COMMAND_NAMESPACE = '8f2d2c1e-6d0b-5c6a-9a55-0d5b3f6f6a01'

/** Id of a command: the same for the same key, tenant, method and path; a new one without a key. */
export function commandIdOf({
  context,
  idempotency,
}: Pick<CommandRequest<never, never, never>, 'context' | 'idempotency'>): string {
  if (!idempotency) return uuidV7()
  return uuidV5(JSON.stringify([context.tenant, idempotency.scope, idempotency.key]), COMMAND_NAMESPACE)
}

/** A command as the index keeps it. */
export interface CommandRow {
  command_id: string
  body_hash: string
  /** Whose it is, and its key with it; null: nobody said so. */
  actor: string | null
  outcome: 'decided' | 'repeated' | 'refused'
  answer: unknown
  /** The command whose answer this one repeats. */
  repeats: string | null
  events: number
  confirmed: number
  positions: Record<string, number>
}

/** Positions as the index keeps them. */
export function positionsOf(row: Record<string, number>): Positions {
  return new Map(Object.entries(row).map(([partition, seq]) => [Number(partition), seq]))
}

type Found = CommandRow & { received_at: Date }

/** Looks a command up; `undefined` where the tenant has none of this id. Throws LedgerUnavailable where the index may not know it yet. */
export async function findCommand(query: Query, tenant: string, commandId: string): Promise<CommandStatus | undefined> {
  const [found] = await query<(Found | { command_id: null }) & { open: boolean | null }>(
    `SELECT gate.open, c.command_id, c.outcome, c.answer, c.received_at, coalesce(o.events, c.events) AS events,
            coalesce(o.confirmed, c.confirmed) AS confirmed, coalesce(o.positions, c.positions) AS positions
     FROM (SELECT ${GATE_IS_OPEN} AS open) AS gate
     LEFT JOIN ledger.command AS c ON c.command_id = $1 AND c.tenant = $2
     LEFT JOIN ledger.command AS o ON o.command_id = c.repeats`,
    [commandId, tenant],
  )
  const row = found!
  if (row.command_id === null) {
    if (row.open) return undefined
    throw new LedgerUnavailable(CATCHING_UP)
  }
  const common = { id: commandId, receivedAt: row.received_at.toISOString().replace('.000Z', 'Z') }
  if (row.outcome === 'refused') return { ...common, status: 'refused', rejection: row.answer as Rejection }
  if (row.confirmed < row.events) return { ...common, status: 'accepted' }
  return { ...common, status: 'appended', positions: positionsOf(row.positions) }
}

/** How far a partition of the log was read back. */
export interface PartitionPosition {
  partition: number
  seq: number
  /** Next Kafka offset. */
  offset: number
  /** Hash of the last event: what the next one will name. */
  hash: string
  updatedAt: string
}

/** The end of each partition, as the ledger has read it back. */
export async function logPositions(query: Query): Promise<PartitionPosition[]> {
  const rows = await query<{ partition: number; seq: string; next_offset: string; hash: string; updated_at: Date }>(
    `SELECT partition, seq, next_offset, hash, updated_at FROM ledger.partition_log ORDER BY partition`,
  )
  return rows.map(({ partition, seq, next_offset, hash, updated_at }) => ({
    partition,
    seq: Number(seq),
    offset: Number(next_offset),
    hash,
    updatedAt: updated_at.toISOString().replace('.000Z', 'Z'),
  }))
}
