import { refuse, sameActor, type Positions, type Rejection } from '#libs/contracts'
import { positionsOf, type StateSnapshot, type CommandRequest, type CommandRow, type Target } from '../store/command.js'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a group holds commands of every kind of stream
export type AnyRequest = CommandRequest<any, any, any>

/** A command in the queue, with its target resolved. */
export interface QueuedCommand {
  request: AnyRequest
  commandId: string
  target: Target<unknown>
}

export type CommandDecision =
  /** To be answered when the command `awaits` was read back; `known`: its positions, if it was read back before. */
  | { kind: 'decided' | 'repeated'; answer: StateSnapshot<unknown>; awaits: string; known?: Positions }
  | { kind: 'refused'; rejection: Rejection; repeated: boolean; awaits?: string }
  /** Another transaction holds its stream. */
  | { kind: 'deferred' }
  /** The streams or the events of its group are large: it is decided with the next group. */
  | { kind: 'postponed' }
  /** A stream from which its command was prepared has changed. */
  | { kind: 'outdated' }

/** The decision for a command whose id was used before: the first result again, or why its key cannot be used. */
export function repeatDecision(before: CommandRow, { request, commandId }: QueuedCommand): CommandDecision {
  if (!isOf(before.actor, request)) return { kind: 'refused', repeated: false, rejection: KEY_OF_ANOTHER }
  // protects: no-body-hash
  if (before.body_hash !== request.bodyHash) {
    const reason = 'this Idempotency-Key was used with another body: use a new key for another request'
    const errors = [{ header: 'Idempotency-Key', detail: 'was used before with another body' }]
    return { kind: 'refused', repeated: true, rejection: refuse('unprocessable', reason, { errors }) }
  }
  if (before.outcome === 'refused') {
    const awaits = before.events > 0 && { awaits: before.command_id }
    return { kind: 'refused', repeated: true, rejection: before.answer as Rejection, ...awaits }
  }
  const answer = before.answer as StateSnapshot<unknown>
  if (before.repeat_of !== null) return { kind: 'repeated', answer, awaits: before.repeat_of }
  const known = before.confirmed >= before.events ? positionsOf(before.positions) : undefined
  return { kind: 'repeated', answer, awaits: commandId, ...(known && { known }) }
}

const KEY_OF_ANOTHER = refuse(
  'unprocessable',
  'this Idempotency-Key was used by another actor: use a key of your own',
  { errors: [{ header: 'Idempotency-Key', detail: 'belongs to another actor' }] },
)

/** The refusal of an id under which another actor has recorded the same body. */
export const ID_OF_ANOTHER = refuse(
  'unprocessable',
  'another actor has recorded the same body under this `id`: do not record it again, or use another `id`',
  { errors: [{ pointer: '/id', detail: 'belongs to another actor' }] },
)

/** A refused command with events is decided again, since the current state caused the refusal and may have changed. */
export function mayBeDecidedAgain({ outcome, events, actor, body_hash }: CommandRow, request: AnyRequest): boolean {
  return outcome === 'refused' && events > 0 && body_hash === request.bodyHash && isOf(actor, request)
}

/** Whether a command belongs to the actor of a request. */
export function isOf(actor: string | null, { context }: AnyRequest): boolean {
  return sameActor(actor ?? undefined, context.actor)
}
