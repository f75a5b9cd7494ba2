import { v7 as uuidV7 } from 'uuid'
import {
  encodeEvent,
  formatInstant,
  isRejection,
  refuse,
  timeOf,
  type DecidedEvent,
  type DomainEvent,
  type Positions,
  type Rejection,
} from '#libs/contracts'
import { partitionFor } from '#libs/event-log'
import { positionsOf, type Answer, type CommandRequest, type CommandRow, type Target } from './command.js'

import type { CommandWrite, Known, PendingWrite, StreamRow, StreamWrite, Writes } from './index-rows.js'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a group holds commands of every kind of stream
export type AnyRequest = CommandRequest<any, any, any>

/** A command on its way: `target` is resolved. */
export interface Pending {
  request: AnyRequest
  commandId: string
  target: Target<unknown>
}

export type Verdict =
  /** To be answered when the command `awaits` was read back; `known` where it was long ago. */
  | { kind: 'decided' | 'repeated'; answer: Answer<unknown>; awaits: string; known?: Positions }
  | { kind: 'refused'; rejection: Rejection; repeated: boolean }
  /** Not now: its stream is held elsewhere. */
  | { kind: 'deferred' }

/**
 * Decides a group of commands, in order, each on what those before it left. Pure but for event ids.
 *
 * @param now when the events are recorded
 */
export function decideGroup(group: Pending[], known: Known, now: Date): { verdicts: Verdict[]; writes: Writes } {
  const decision = new GroupDecision(known, formatInstant(now))
  const verdicts = group.map(pending => decision.decide(pending))
  return { verdicts, writes: decision.writes }
}

class GroupDecision {
  readonly writes: Writes = { streams: new Map(), commands: [], pending: [] }
  private readonly heldUp = new Set<object>()

  constructor(
    private readonly known: Known,
    private readonly now: string,
  ) {}

  decide(pending: Pending): Verdict {
    const { request, commandId, target } = pending
    const before = this.known.commands.get(commandId)
    if (before) return this.replay(before, pending)
    const { sequence } = request
    if (this.known.busy.has(target.streamId) || (sequence && this.heldUp.has(sequence))) {
      if (sequence) this.heldUp.add(sequence)
      return { kind: 'deferred' }
    }
    return this.decideNew(pending)
  }

  private replay(before: CommandRow, { request, commandId }: Pending): Verdict {
    if (before.body_hash !== request.bodyHash) {
      const reason = 'this Idempotency-Key was used with another body: use a new key for another request'
      const errors = [{ detail: 'was used before with another body' }]
      return { kind: 'refused', repeated: true, rejection: refuse('unprocessable', reason, { errors }) }
    }
    if (before.outcome === 'refused') {
      return { kind: 'refused', repeated: true, rejection: before.answer as Rejection }
    }
    const answer = before.answer as Answer<unknown>
    if (before.repeats !== null) return { kind: 'repeated', answer, awaits: before.repeats }
    const known = before.confirmed >= before.events ? positionsOf(before.positions) : undefined
    return { kind: 'repeated', answer, awaits: commandId, ...(known && { known }) }
  }

  private decideNew(pending: Pending): Verdict {
    const { request, target } = pending
    const { decider } = request
    const stream = this.known.streams.get(target.streamId)
    if (stream && request.creates && stream.created_hash === request.bodyHash) {
      return this.repeat(pending, stream.created_answer as Answer<unknown>, stream.created_by, stream.created_positions)
    }
    const state = stream ? stream.state : decider.initial
    const decision = decider.decide(target.command, state)
    if (isRejection(decision)) {
      // Nobody could ask again for the answer to a command without a key.
      if (request.idempotency) this.keep(pending, { outcome: 'refused', answer: decision })
      return { kind: 'refused', repeated: false, rejection: decision }
    }
    if (decision.length === 0 && stream) {
      const answer = { state, streamVersion: stream.version, recordedAt: stream.recorded_at }
      return this.repeat(pending, answer, stream.updated_by, null)
    }
    return this.follow(pending, stream, state, decision as DomainEvent[])
  }

  private repeat(
    pending: Pending,
    answer: Answer<unknown>,
    repeats: string,
    positions: Record<string, number> | null,
  ): Verdict {
    if (pending.request.idempotency) this.keep(pending, { outcome: 'repeated', answer, repeats })
    return { kind: 'repeated', answer, awaits: repeats, ...(positions && { known: positionsOf(positions) }) }
  }

  private follow(pending: Pending, stream: StreamRow | undefined, before: unknown, events: DomainEvent[]): Verdict {
    const { commandId, request, target } = pending
    const { decider, caller } = request
    const { streamId } = target
    const base = stream?.version ?? 0
    const state = events.reduce((evolved, event) => decider.evolve(evolved, event), before)
    const answer: Answer<unknown> = {
      state,
      streamVersion: base + events.length,
      recordedAt: stream?.recorded_at ?? this.now,
    }
    const row = this.keep(pending, { outcome: 'decided', answer, events: events.length })
    const orderingKey = decider.orderingKey(state)
    const partition = partitionFor(`${caller.tenant}/${orderingKey}`)
    const bound = events.map((event, index) => this.bind(pending, base + index + 1, event, orderingKey, partition))
    this.writes.pending.push(...bound)
    const after: StreamWrite = {
      stream_id: streamId,
      tenant: caller.tenant,
      version: answer.streamVersion,
      state,
      recorded_at: answer.recordedAt,
      created_by: stream?.created_by ?? commandId,
      created_hash: stream ? stream.created_hash : row.body_hash,
      created_answer: stream ? stream.created_answer : answer,
      created_positions: stream ? stream.created_positions : null,
      updated_by: commandId,
      begun: stream?.begun ?? bound[0]!.event_id,
      base_version: this.writes.streams.get(streamId)?.base_version ?? base,
      entries: decider.indexEntries(state),
    }
    this.writes.streams.set(streamId, after)
    this.known.streams.set(streamId, after)
    return { kind: 'decided', answer, awaits: commandId }
  }

  private bind(
    { commandId, request, target }: Pending,
    streamVersion: number,
    event: DomainEvent,
    orderingKey: string,
    partition: number,
  ): PendingWrite {
    const { tenant, actor, correlationId, traceparent } = request.caller
    const decided: DecidedEvent = {
      event,
      metadata: {
        id: uuidV7(),
        tenant,
        streamId: target.streamId,
        streamVersion,
        time: timeOf(event, this.now),
        recordedTime: this.now,
        causationId: commandId,
        commandHash: request.bodyHash,
        correlationId,
        ...(traceparent !== undefined && { traceparent }),
        ...(actor !== undefined && { actor }),
      },
    }
    const { key, value, headers } = encodeEvent(decided, orderingKey)
    return {
      event_id: decided.metadata.id,
      command_id: commandId,
      stream_id: target.streamId,
      version: streamVersion,
      partition,
      key,
      value,
      headers,
      bytes: Buffer.byteLength(value),
    }
  }

  private keep(
    { commandId, request }: Pending,
    row: Pick<CommandRow, 'outcome' | 'answer'> & Partial<CommandRow>,
  ): CommandWrite {
    const kept: CommandWrite = {
      command_id: commandId,
      tenant: request.caller.tenant,
      body_hash: request.bodyHash,
      repeats: null,
      events: 0,
      confirmed: 0,
      positions: {},
      received_at: this.now,
      ...row,
    }
    this.writes.commands.push(kept)
    this.known.commands.set(commandId, kept)
    return kept
  }
}
