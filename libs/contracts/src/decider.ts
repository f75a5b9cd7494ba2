import { excerpt } from './excerpt.js'

/** Why a command was refused. A value, not an exception: a refusal is an answer of the business, not a fault. */
export interface Rejection {
  code: 'not-found' | 'conflict' | 'unprocessable' | 'precondition-failed'
  /** What was wrong, where, and what to do, in one or two sentences. */
  reason: string
  /** RFC 6901 pointers into the body, where a field is at fault; the name of a header, where that is. */
  errors?: { pointer?: string; header?: string; detail: string }[]
  /** More that the caller can act on, shown as members of the problem (such as `candidates`). */
  details?: Record<string, unknown>
  /** An `unprocessable` that what is recorded, the clock or the settings caused: it may be taken another time. */
  dependsOnState?: boolean
}

/**
 * Whether a command would be refused in the same way whatever happens meanwhile: such a refusal is kept under its idempotency key. One
 * that the state of things caused is not: the same request is decided again.
 */
export function isPermanent({ code, dependsOnState = false }: Rejection): boolean {
  return code === 'unprocessable' && !dependsOnState
}

const LONGEST_REASON = 1000
const MOST_ERRORS = 20

/** Makes a Rejection. It is kept under its key, and answered: of many errors the first are listed, and a long reason is cut off. */
export function refuse(
  code: Rejection['code'],
  reason: string,
  { errors, ...more }: Omit<Rejection, 'code' | 'reason'> = {},
): Rejection {
  const listed = errors && { errors: errors.slice(0, MOST_ERRORS) }
  return { code, reason: excerpt(reason, LONGEST_REASON), ...listed, ...more }
}

/** What a decision comes to: the events that follow (none: nothing changes), or why not. */
export type Decision<Event> = Event[] | JointDecision<Event> | Rejection

/** A decision with more to it than events of its own stream. All of its events are appended, or none. */
export interface JointDecision<Event> {
  events: Event[]
  /** Events of streams that were locked with this one. */
  elsewhere?: { streamId: string; events: object[] }[]
  /** The command is refused all the same: its events say what became of the attempt. */
  refusal?: Rejection
}

/** The events of a decision of its own stream; none of a refusal. */
export function eventsOf<Event>(decision: Decision<Event>): Event[] {
  if (Array.isArray(decision)) return decision
  return isRejection(decision) ? [] : decision.events
}

/** Streams that a command looks at beside its own, and may change where they are locked with it: their states by stream id. */
export type Alongside = ReadonlyMap<string, unknown>

/** Tells a refusal from what follows. */
export function isRejection<T extends object>(decision: T | Rejection): decision is Rejection {
  return !Array.isArray(decision) && 'code' in decision && 'reason' in decision
}

/** Under which name, where, and in which order a command that looks across streams finds one. */
export interface IndexEntry {
  name: string
  /** Of the streams with one name, the latest of each place can be asked for. */
  place: string
  /** Sorts by code point; the latest has the highest rank. Ties go to the stream that was begun later. */
  rank: string
  /** Every replica is told when it is written, and finds it under its name whatever the tenant. */
  announced?: boolean
}

/**
 * A decider (Jérémie Chassaing, "Functional Event Sourcing Decider", 2021) and what the ledger needs to know about its
 * streams. Pure and synchronous: time and ids arrive in the command.
 */
export interface Decider<State, Command, Event> {
  /** First word of its stream ids: `deployment` of `deployment-<tenant>/<id>`. */
  category: string
  /** Raised with every change of the form of a state, of what an event makes of it, or of the entries it has: the index is then folded again. */
  stateVersion: number
  initial: State
  evolve(state: State, event: Event): State
  /** @param alongside where it is left out, the command looks at no other stream */
  decide(command: Command, state: State, alongside?: Alongside): Decision<Event>
  /**
   * What an answer to a command keeps of the state; all of it where left out.
   *
   * @param event the last one that led there; left out: the command changed nothing
   * @param command left out where the answer is folded from the log
   */
  answer?(state: State, event: Event | undefined, command?: Command): unknown
  /** Why the command of an event was refused all the same, where it was: the event says what became of the attempt. */
  refusalOf?(event: Event, state: State): Rejection | undefined
  /** What follows the tenant in the Kafka key, if anything: streams with the same key share one order. */
  orderingKey(state: State): string | undefined
  /** The entries that a stream in this state has in the index. */
  indexEntries(state: State): IndexEntry[]
  /** Bytes of JSON that a state may have: every decision on it reads and writes all of it. As many as it likes where left out. */
  mostStateBytes?: number
}
