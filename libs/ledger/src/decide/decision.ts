import {
  formatInstant,
  isPermanent,
  isRejection,
  type ContextStreams,
  type DomainEvent,
  type Rejection,
} from '#libs/contracts'
import { answerOf, encode, MAX_EVENT_BYTES, tooLarge, tooMuchState } from './outbox-rows.js'
import { deciderOf } from './decider-of.js'
import { positionsOf, type StateSnapshot, type CommandRow, type Target } from '../store/command.js'
import {
  ID_OF_ANOTHER,
  isOf,
  mayBeDecidedAgain,
  repeatDecision,
  type AnyRequest,
  type QueuedCommand,
  type CommandDecision,
} from './decided-before.js'
import type { CommandWrite, LoadedIndex, StreamWrite, Writes } from '../store/index-rows.js'

type AnyDecider = AnyRequest['decider']

/** Size of the events at which a group ends, in bytes: they are encoded and written without serving other requests. */
const GROUP_BYTES = 1024 * 1024

/**
 * Decides a group of commands in order, each on the state after the previous ones; those behind large events are postponed. Pure except for
 * event ids.
 *
 * @param now when the events are recorded
 * @returns `bytes`: size of the events
 */
export function decideGroup(
  group: QueuedCommand[],
  known: LoadedIndex,
  now: Date,
): { decisions: CommandDecision[]; writes: Writes; bytes: number } {
  const decision = new GroupDecision(known, formatInstant(now))
  const decisions = group.map(pending =>
    decision.isFull() ? ({ kind: 'postponed' } as const) : decision.decide(pending),
  )
  return { decisions, writes: decision.writes, bytes: decision.bytes }
}

interface StreamEvents {
  streamId: string
  events: DomainEvent[]
}

class GroupDecision {
  readonly writes: Writes = { streams: new Map(), commands: new Map(), outbox: [] }
  private readonly heldUp = new Set<object>()
  /** Size of the events. */
  bytes = 0

  constructor(
    private readonly known: LoadedIndex,
    private readonly now: string,
  ) {}

  isFull(): boolean {
    return this.bytes >= GROUP_BYTES
  }

  decide(pending: QueuedCommand): CommandDecision {
    const { request, commandId, target } = pending
    const before = this.known.commands.get(commandId)
    if (before && !mayBeDecidedAgain(before, request)) return repeatDecision(before, pending)
    const { sequence } = request
    const busy = [...streamsOf(target), ...basisOf(target)].some(streamId => this.known.busy.has(streamId))
    if (busy || (sequence && this.heldUp.has(sequence))) {
      if (sequence) this.heldUp.add(sequence)
      return { kind: 'deferred' }
    }
    // It must be prepared again before it can be decided.
    if (this.isOutdated(target)) return { kind: 'outdated' }
    const verdict = this.decideNew(pending)
    // Refused again without new events: the first response has more information.
    return before && verdict.kind === 'refused' && verdict.awaits === undefined
      ? repeatDecision(before, pending)
      : verdict
  }

  private isOutdated({ basis = new Map() }: Target<unknown>): boolean {
    const { streams, basis: found } = this.known
    return [...basis].some(([id, version]) => version !== (streams.get(id)?.version ?? found.get(id) ?? 0))
  }

  private decideNew(pending: QueuedCommand): CommandDecision {
    const { request, target } = pending
    const { decider } = request
    const stream = this.known.streams.get(target.streamId)
    if (stream && request.creates && stream.created_hash === request.bodyHash) {
      if (!request.idOfContent && !isOf(stream.created_actor, request)) return this.refuse(pending, ID_OF_ANOTHER)
      return this.repeat(
        pending,
        stream.created_answer as StateSnapshot<unknown>,
        stream.created_by,
        stream.created_positions,
      )
    }
    const state = stream ? stream.state : decider.initial
    const decision = decider.decide(target.command, state, this.contextStreams(target))
    if (isRejection(decision)) return this.refuse(pending, decision)
    const { events, otherStreams = [], refusal } = Array.isArray(decision) ? { events: decision } : decision
    if (events.length === 0 && otherStreams.length === 0) {
      const { version = 0, recorded_at: recordedAt = this.now } = stream ?? {}
      const snapshot = { state, streamVersion: version, recordedAt }
      const answer = answerOf(decider, snapshot, { recordedTime: this.now, command: target.command })
      return this.repeat(pending, answer, stream?.updated_by ?? null, stream ? null : {})
    }
    // Its own events are last, since a command's position is that of the last event of its own stream.
    // protects: execution-without-its-change
    const parts = [...otherStreams, { streamId: target.streamId, events }] as StreamEvents[]
    return this.follow(pending, parts, refusal)
  }

  /** States after earlier commands of the group, else those that were loaded. */
  private contextStreams({ contextStreams = [], reads = [] }: Target<unknown>): ContextStreams {
    const { streams, read } = this.known
    const stateOf = (id: string) => streams.get(id)?.state ?? read.get(id) ?? deciderOf(id).initial
    return new Map([...contextStreams, ...reads].map(id => [id, stateOf(id)]))
  }

  private refuse(pending: QueuedCommand, rejection: Rejection): CommandDecision {
    // The result of a command without a key cannot be requested again.
    const { commandId, request } = pending
    const kept = request.idempotency && isPermanent(rejection) && !this.known.commands.has(commandId)
    if (kept) this.keep(pending, { outcome: 'refused', answer: rejection })
    return { kind: 'refused', repeated: false, rejection }
  }

  private repeat(
    pending: QueuedCommand,
    answer: StateSnapshot<unknown>,
    repeatOf: string | null,
    positions: Record<string, number> | null,
  ): CommandDecision {
    if (pending.request.idempotency) this.keep(pending, { outcome: 'repeated', answer, repeat_of: repeatOf })
    return {
      kind: 'repeated',
      answer,
      awaits: repeatOf ?? pending.commandId,
      ...(positions && { known: positionsOf(positions) }),
    }
  }

  /** Writes the events of a decision, stream by stream. */
  private follow(pending: QueuedCommand, parts: StreamEvents[], refusal: Rejection | undefined): CommandDecision {
    const { commandId } = pending
    const streams = parts.map(part => this.evolve(pending, part))
    const crowded = streams.find(({ outgrown }) => outgrown !== undefined)
    if (crowded) return this.refuse(pending, tooMuchState(crowded.outgrown!))
    const oversized = streams.flatMap(({ bound }) => bound).find(({ bytes }) => bytes > MAX_EVENT_BYTES)
    if (oversized) return this.refuse(pending, tooLarge(oversized.bytes))
    for (const { after, bound } of streams) {
      this.writes.outbox.push(...bound)
      this.bytes += bound.reduce((sum, { bytes }) => sum + bytes, 0)
      this.writes.streams.set(after.stream_id, after)
      this.known.streams.set(after.stream_id, after)
    }
    const { answer } = streams.at(-1)!
    const events = streams.reduce((sum, { bound }) => sum + bound.length, 0)
    if (refusal) {
      this.keep(pending, { outcome: 'refused', answer: refusal, events })
      return { kind: 'refused', repeated: false, rejection: refusal, awaits: commandId }
    }
    this.keep(pending, { outcome: 'decided', answer, events })
    return { kind: 'decided', answer, awaits: commandId }
  }

  /** A stream after further events. */
  private evolve(pending: QueuedCommand, { streamId, events }: StreamEvents) {
    const { commandId, request } = pending
    const { tenant } = request.context
    const decider = streamId === pending.target.streamId ? request.decider : deciderOf(streamId)
    const stream = this.known.streams.get(streamId)
    const base = stream?.version ?? 0
    const state = events.reduce((evolved, event) => decider.evolve(evolved, event), stream?.state ?? decider.initial)
    const { command } = pending.target
    const recordedAt = stream?.recorded_at ?? this.now
    const snapshot = { state, streamVersion: base + events.length, recordedAt }
    const answer = answerOf(decider, snapshot, { event: events.at(-1), recordedTime: this.now, command })
    const key = decider.orderingKey(state)
    const bound = events.map((event, index) =>
      encode(pending, { streamId, version: base + index + 1, event, key, now: this.now }),
    )
    const after: StreamWrite = {
      stream_id: streamId,
      tenant,
      version: answer.streamVersion,
      state,
      recorded_at: answer.recordedAt,
      created_by: stream?.created_by ?? commandId,
      created_hash: stream ? stream.created_hash : request.bodyHash,
      created_actor: stream ? stream.created_actor : (request.context.actor ?? null),
      created_answer: stream ? stream.created_answer : answer,
      created_positions: stream ? stream.created_positions : null,
      updated_by: commandId,
      first_event_id: stream?.first_event_id ?? bound[0]!.event_id,
      bytes: bound.reduce((sum, { bytes }) => sum + bytes, stream?.bytes ?? 0),
      base_version: this.writes.streams.get(streamId)?.base_version ?? base,
      entries: decider.indexEntries(state),
    }
    return { answer, bound, after, outgrown: outgrown(decider, after, stream?.bytes ?? 0) }
  }

  private keep(
    { commandId, request }: QueuedCommand,
    row: Pick<CommandRow, 'outcome' | 'answer'> & Partial<CommandRow>,
  ): CommandWrite {
    const before = this.known.commands.get(commandId)
    const kept: CommandWrite = {
      command_id: commandId,
      tenant: request.context.tenant,
      body_hash: request.bodyHash,
      actor: request.context.actor ?? null,
      repeat_of: null,
      confirmed: 0,
      positions: {},
      received_at: this.now,
      ...row,
      events: (row.events ?? 0) + (before?.events ?? 0),
      ...(before && { base_events: this.writes.commands.get(commandId)?.base_events ?? before.events }),
    }
    this.writes.commands.set(commandId, kept)
    this.known.commands.set(commandId, kept)
    return kept
  }
}

/** The size of a state that exceeds its limit; a change that makes it smaller is always allowed. */
function outgrown({ category, mostStateBytes: most = Infinity }: AnyDecider, after: StreamWrite, before: number) {
  if (after.bytes <= most) return undefined
  // The estimate also counts replaced values.
  after.bytes = Buffer.byteLength(JSON.stringify(after.state))
  return after.bytes > most && after.bytes > before ? { category, bytes: after.bytes, most } : undefined
}

/** All streams from which a command was prepared. */
export function basisOf({ basis = new Map() }: Target<unknown>): string[] {
  return [...basis.keys()]
}

/** All streams on which a command is decided. */
export function streamsOf({ streamId, contextStreams = [] }: Target<unknown>): string[] {
  return [streamId, ...contextStreams]
}
