import { v5 as uuidV5, v7 as uuidV7 } from 'uuid'
import type { CommandContext, Decider, Positions, Rejection } from '#libs/contracts'
import { statement, type Query } from '#libs/postgres'
import { CATCHING_UP, GATE_IS_OPEN, OWN_VERSIONS } from './gate.js'
import { LedgerUnavailable } from './postgres.js'
import type { StreamIndex, StreamSnapshot } from './stream-index.js'

/** A command and its stream. */
export interface Target<C> {
  streamId: string
  command: C
  /** Other streams that are locked too, which the decision can read and change. */
  contextStreams?: string[]
  /** Versions of streams from which the command was prepared: if one has changed, it is not decided. */
  basis?: ReadonlyMap<string, number>
  /** Other streams that the decision reads without a lock, since they never change or may be slightly outdated. */
  reads?: string[]
}

/** A command with everything that the ledger needs to decide it. */
export interface CommandRequest<S, C, E> {
  decider: Decider<S, C, E>
  /**
   * Known beforehand, or found among the tenant's streams in the decision transaction, or prepared from streams before
   * it, if that takes too long for a transaction. It is prepared again if one of the streams changes before the decision.
   */
  target:
    | Target<C>
    | { find(index: StreamIndex): Promise<Target<C> | Rejection> }
    | { prepare(streams: StreamSnapshot): Promise<Target<C> | Rejection> }
  context: CommandContext
  /** `hashJson` of the body as sent, before defaults. */
  bodyHash: string
  /** The client's key, and its method and path. */
  idempotency?: { scope: string; key: string }
  /** Creates a stream with an id from the client: the same body by the same actor is a repeat, anything else is refused. */
  creates?: boolean
  /** The id is derived from the body: any actor that sends the same body repeats it. */
  idOfContent?: boolean
  /** Requests that share this object are decided in the order in which they were submitted. */
  sequence?: object
}

/** A stream's state right after a command. */
export interface StateSnapshot<S> {
  state: S
  streamVersion: number
  /** When the first event of the stream was recorded. */
  recordedAt: string
}

export type CommandResult<S> =
  /** In the log and read back, now or when the command was first sent. */
  | { kind: 'appended' | 'repeated'; commandId: string; answer: StateSnapshot<S>; positions: Positions }
  /** Decided, and appended as soon as Kafka is available. */
  | { kind: 'accepted'; commandId: string; answer: StateSnapshot<S> }
  /** `positions`: of the events that record the attempt, if there are any and they were read back. */
  | { kind: 'refused'; commandId: string; repeated: boolean; rejection: Rejection; positions?: Positions }

/** The state of a command. */
export interface CommandStatus {
  id: string
  status: 'accepted' | 'appended' | 'refused'
  positions?: Positions
  rejection?: Rejection
  receivedAt: string
}

// The namespace of command ids that are derived from idempotency keys. It must never change: repeats depend on it.
const COMMAND_NAMESPACE = '8f2d2c1e-6d0b-5c6a-9a55-0d5b3f6f6a01'

/** Id of a command: the same for the same key, tenant, method and path; a new one without a key. */
export function commandIdOf({
  context,
  idempotency,
}: Pick<CommandRequest<never, never, never>, 'context' | 'idempotency'>): string {
  if (!idempotency) return uuidV7()
  return uuidV5(JSON.stringify([context.tenant, idempotency.scope, idempotency.key]), COMMAND_NAMESPACE)
}

/** A command in the index. */
export interface CommandRow {
  command_id: string
  body_hash: string
  /** The actor to whom the command and its key belong; null without one. */
  actor: string | null
  outcome: 'decided' | 'repeated' | 'refused'
  answer: unknown
  /** The command whose result this one repeats. */
  repeat_of: string | null
  events: number
  confirmed: number
  positions: Record<string, number>
}

/** Converts positions from the index. */
export function positionsOf(row: Record<string, number>): Positions {
  return new Map(Object.entries(row).map(([partition, seq]) => [Number(partition), seq]))
}

type Found = CommandRow & { received_at: Date }

/** Looks a command up; `undefined` if the tenant has none with this id. Throws LedgerUnavailable while the index may lack it. */
export async function findCommand(query: Query, tenant: string, commandId: string): Promise<CommandStatus | undefined> {
  const [found] = await query<(Found | { command_id: null }) & { open: boolean | null }>(
    statement(
      'command',
      `SELECT gate.open, c.command_id, c.outcome, c.answer, c.received_at, coalesce(o.events, c.events) AS events,
            coalesce(o.confirmed, c.confirmed) AS confirmed, coalesce(o.positions, c.positions) AS positions
     FROM (SELECT ${GATE_IS_OPEN} AS open) AS gate
     LEFT JOIN ledger.command AS c ON c.command_id = $command_id AND c.tenant = $tenant
     LEFT JOIN ledger.command AS o ON o.command_id = c.repeat_of`,
      { command_id: commandId, tenant, ...OWN_VERSIONS },
    ),
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

/** The last event of a partition that was read back. */
export interface PartitionPosition {
  partition: number
  seq: number
  /** Next Kafka offset. */
  offset: number
  /** Hash of the last event, which the next one will carry. */
  hash: string
  updatedAt: string
}

/** The last event of each partition that the ledger has read back. */
export async function logPositions(query: Query): Promise<PartitionPosition[]> {
  const rows = await query<{ partition: number; seq: string; next_offset: string; hash: string; updated_at: Date }>(
    statement(
      'log positions',
      'SELECT partition, seq, next_offset, hash, updated_at FROM ledger.partition_log ORDER BY partition',
    ),
  )
  return rows.map(({ partition, seq, next_offset, hash, updated_at }) => ({
    partition,
    seq: Number(seq),
    offset: Number(next_offset),
    hash,
    updatedAt: updated_at.toISOString().replace('.000Z', 'Z'),
  }))
}
