import { excerpt } from './excerpt.js'

/** Why a command was rejected. A value, not an exception: a rejection is a result of a business rule, not a fault. */
export interface Rejection {
  code: 'not-found' | 'conflict' | 'unprocessable' | 'precondition-failed'
  /** What failed, which value, and what to do, in one or two sentences. */
  reason: string
  /** Invalid fields by RFC 6901 pointer into the body; invalid headers by name. */
  errors?: { pointer?: string; header?: string; detail: string }[]
  /** Additional members of the problem, such as `candidates`. */
  details?: Record<string, unknown>
  /** The state, the clock or the settings caused an `unprocessable`: a retry may succeed. */
  dependsOnState?: boolean
}

/**
 * Whether a command would be rejected in every state. Such a rejection is stored under its idempotency key; after any other one the same
 * request is decided again.
 */
export function isPermanent({ code, dependsOnState = false }: Rejection): boolean {
  return code === 'unprocessable' && !dependsOnState
}

const LONGEST_REASON = 1000
const MOST_ERRORS = 20

/** Makes a Rejection of bounded size, as it is stored and sent: truncates a long reason and a long list of errors. */
export function refuse(
  code: Rejection['code'],
  reason: string,
  { errors, ...more }: Omit<Rejection, 'code' | 'reason'> = {},
): Rejection {
  const listed = errors && { errors: errors.slice(0, MOST_ERRORS) }
  return { code, reason: excerpt(reason, LONGEST_REASON), ...listed, ...more }
}

/** The result of a command: its events (none: nothing changes), or a rejection. */
export type Decision<Event> = Event[] | JointDecision<Event> | Rejection

/** A decision with events of several streams, or with events and a rejection. All of its events are appended, or none. */
export interface JointDecision<Event> {
  events: Event[]
  /** Events of context streams. */
  otherStreams?: { streamId: string; events: object[] }[]
  /** The command is rejected although it has events: these record the attempt. */
  refusal?: Rejection
}

/** The events of a decision in its own stream; none for a rejection. */
export function eventsOf<Event>(decision: Decision<Event>): Event[] {
  if (Array.isArray(decision)) return decision
  return isRejection(decision) ? [] : decision.events
}

/** The states of the context streams of a command by stream id: streams that it reads beside its own, and may change if they are locked. */
export type ContextStreams = ReadonlyMap<string, unknown>

export function isRejection<T extends object>(decision: T | Rejection): decision is Rejection {
  return !Array.isArray(decision) && 'code' in decision && 'reason' in decision
}

/** An entry of a stream in the index, by which commands find streams. */
export interface IndexEntry {
  name: string
  /** Groups the streams with one name: the latest of each group can be looked up. */
  groupKey: string
  /** Order within a group, by code point; the latest has the highest rank. On a tie the later stream wins. */
  rank: string
  /** Writing the entry notifies all replicas; it can be looked up across tenants. */
  notify?: boolean
}

/**
 * A decider (Jérémie Chassaing, "Functional Event Sourcing Decider", 2021) with the properties of its streams that the ledger needs.
 * Pure and synchronous: time and ids are members of the command.
 */
export interface Decider<State, Command, Event> {
  /** Prefix of its stream ids: `deployment` of `deployment-<tenant>/<id>`. */
  category: string
  /** Raise it with any change of the state, of `evolve` or of index entries: the index is then replayed from the log. */
  stateVersion: number
  initial: State
  evolve(state: State, event: Event): State
  /** @param contextStreams omitted: the command reads no other stream */
  decide(command: Command, state: State, contextStreams?: ContextStreams): Decision<Event>
  /**
   * The part of the state that is stored with a command as its result. Default: the whole state.
   *
   * @param event the last event of the command; omitted: the command changed nothing
   * @param command omitted if the result is computed from the log
   * @param recordedTime when the last event of the command was recorded
   */
  answer?(state: State, event: Event | undefined, command: Command | undefined, recordedTime: string): unknown
  /** The rejection of a command that appended this event to record the attempt, if it was rejected. */
  refusalOf?(event: Event, state: State): Rejection | undefined
  /** The part of the Kafka key after the tenant, if any. Streams with the same key share one order. */
  orderingKey(state: State): string | undefined
  /** The index entries of a stream in this state. */
  indexEntries(state: State): IndexEntry[]
  /** Limit of a state in bytes of JSON, as every decision reads and writes all of it. Default: no limit. */
  mostStateBytes?: number
}
