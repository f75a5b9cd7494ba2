/** Why a command was refused. A value, not an exception: a refusal is an answer of the business, not a fault. */
export interface Rejection {
  code: 'not-found' | 'conflict' | 'unprocessable'
  /** What was wrong, where, and what to do, in one or two sentences. */
  reason: string
  /** RFC 6901 pointers into the body, where a field is at fault. */
  errors?: { pointer?: string; detail: string }[]
  /** More that the caller can act on, shown as members of the problem (such as `candidates`). */
  details?: Record<string, unknown>
}

/** Makes a Rejection. */
export function refuse(
  code: Rejection['code'],
  reason: string,
  more: Omit<Rejection, 'code' | 'reason'> = {},
): Rejection {
  return { code, reason, ...more }
}

/** What a decision comes to: the events that follow (none: nothing changes), or why not. */
export type Decision<Event> = Event[] | Rejection

/** Tells a refusal from a list of events. */
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
}

/**
 * A decider (Jérémie Chassaing, "Functional Event Sourcing Decider", 2021) and what the ledger needs to know about its
 * streams. Pure and synchronous: time and ids arrive in the command.
 */
export interface Decider<State, Command, Event> {
  /** First word of its stream ids: `deployment` of `deployment-<tenant>/<id>`. */
  category: string
  initial: State
  evolve(state: State, event: Event): State
  decide(command: Command, state: State): Decision<Event>
  /** What follows the tenant in the Kafka key: streams with the same key share one order. */
  orderingKey(state: State): string
  /** The entries that a stream in this state has in the index. */
  indexEntries(state: State): IndexEntry[]
}
