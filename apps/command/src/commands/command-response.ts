import type { FastifyReply, FastifyRequest } from 'fastify'
import { formatInstant, type Positions, type CommandContext } from '#libs/contracts'
import { rejectionProblem, setPositions } from '#libs/http'
import type { StateSnapshot, CommandResult } from '#libs/ledger'

/** The HTTP request that a command came with. */
export interface WriteRequest {
  request: FastifyRequest
  caller: CommandContext
  /** The Idempotency-Key. */
  key: string | undefined
}

/** The path at which the status of a command is served. */
export function commandUrl(commandId: string): string {
  return `/api/v1/commands/${commandId}`
}

/** The idempotency key of a request, scoped to its method and path. */
export function idempotencyOf({ request, key }: WriteRequest): { idempotency?: { scope: string; key: string } } {
  return key === undefined ? {} : { idempotency: { scope: `${request.method} ${pathOf(request)}`, key } }
}

/** The path of a request as sent, without its query. */
export function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? url
}

/** The time of receipt and the actor, as commands carry them. */
export function receivedFrom({ actor }: CommandContext): { now: string; by?: string } {
  return { now: formatInstant(new Date()), ...(actor !== undefined && { by: actor }) }
}

export interface Presentation<S> {
  /** The members of a 202 body that identify the subject of the command. */
  subject(answer: StateSnapshot<S>): object
  /** @param first whether this request changed something; `false` if it repeats an earlier one */
  present(answer: StateSnapshot<S>, positions: Positions, first: boolean): object | undefined
}

/**
 * Sends the response of a command: 202 with the command's URL while Kafka is unavailable. Throws an HttpProblem for a rejection, after
 * setting the positions of the events that the rejected command appended, if any.
 */
export function commandResponse<S>(
  reply: FastifyReply,
  outcome: CommandResult<S>,
  { subject: naming, present }: Presentation<S>,
): object | undefined {
  switch (outcome.kind) {
    case 'refused':
      if (outcome.positions) setPositions(reply, outcome.positions)
      throw rejectionProblem(outcome.rejection)
    case 'accepted': {
      const url = commandUrl(outcome.commandId)
      reply.code(202).header('Location', url)
      return { id: outcome.commandId, status: 'accepted', url, ...naming(outcome.answer) }
    }
    case 'appended':
    case 'repeated':
      setPositions(reply, outcome.positions)
      return present(outcome.answer, outcome.positions, outcome.kind === 'appended')
    default:
      return outcome satisfies never
  }
}
