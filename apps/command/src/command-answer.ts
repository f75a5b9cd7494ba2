import type { FastifyReply, FastifyRequest } from 'fastify'
import { formatInstant, type Positions } from '#libs/contracts'
import { type Caller, rejectionProblem, setPositions } from '#libs/http'
import type { Answer, Outcome } from '#libs/ledger'

/** Where a command came from, and under which key. */
export interface Origin {
  request: FastifyRequest
  caller: Caller
  key: string | undefined
}

/** URL of a command. */
export function commandUrl(commandId: string): string {
  return `/api/v1/commands/${commandId}`
}

/** What its key is for: a method and a path. */
export function idempotencyOf({ request, key }: Origin): { idempotency?: { scope: string; key: string } } {
  return key === undefined ? {} : { idempotency: { scope: `${request.method} ${pathOf(request)}`, key } }
}

/** The path of a request, as it was sent. */
export function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? url
}

/** When a command is received, and by whom. */
export function receivedFrom({ actor }: Caller): { now: string; by?: string } {
  return { now: formatInstant(new Date()), ...(actor !== undefined && { by: actor }) }
}

/** How an outcome is shown. */
export interface Presentation<S> {
  /** Names in a 202 what the command was for. */
  naming(answer: Answer<S>): object
  /** @param first whether this very request did it, and no earlier one */
  present(answer: Answer<S>, positions: Positions, first: boolean): object | undefined
}

/**
 * Answers a command; 202 with the command's URL where Kafka is away. Throws the problem of a refusal, with the positions of
 * what it led to all the same.
 */
export function answerCommand<S>(
  reply: FastifyReply,
  outcome: Outcome<S>,
  { naming, present }: Presentation<S>,
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
