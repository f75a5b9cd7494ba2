import { formatInstant, hashJson } from '#libs/contracts'
import type { WriteRequest } from '#libs/http'
import type { CommandRequest, CommandResult, Ledger } from '#libs/ledger'

/** A command of a request. */
export interface RequestedCommand<S, C, E> extends Pick<CommandRequest<S, C, E>, 'decider' | 'target' | 'creates'> {
  /** The body as sent, before defaults: a repeat of the request is recognised by its hash. */
  sent: unknown
}

/** Has the ledger decide the command of a request, once for each Idempotency-Key. */
export function executeCommand<S, C, E>(
  ledger: Ledger,
  { context, idempotency }: WriteRequest,
  { sent, ...command }: RequestedCommand<S, C, E>,
): Promise<CommandResult<S>> {
  return ledger.execute({ ...command, context, bodyHash: hashJson(sent), ...(idempotency && { idempotency }) })
}

/** The time of receipt and the actor, as commands carry them. */
export function receivedFrom({ context: { actor } }: WriteRequest): { now: string; by?: string } {
  return { now: formatInstant(new Date()), ...(actor !== undefined && { by: actor }) }
}
