import type { Positions } from '#libs/contracts'
import { rejectionProblem, setPositions, type WriteRequest } from '#libs/http'
import type { StateSnapshot, CommandResult } from '#libs/ledger'

/** The path at which the status of a command is served. */
export function commandUrl(commandId: string): string {
  return `/api/v1/commands/${commandId}`
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
  { reply }: WriteRequest,
  outcome: CommandResult<S>,
  { subject, present }: Presentation<S>,
): object | undefined {
  switch (outcome.kind) {
    case 'refused':
      if (outcome.positions) setPositions(reply, outcome.positions)
      throw rejectionProblem(outcome.rejection)
    case 'accepted': {
      const url = commandUrl(outcome.commandId)
      reply.code(202).header('Location', url)
      return { id: outcome.commandId, status: 'accepted', url, ...subject(outcome.answer) }
    }
    case 'appended':
    case 'repeated':
      setPositions(reply, outcome.positions)
      return present(outcome.answer, outcome.positions, outcome.kind === 'appended')
    default:
      return outcome satisfies never
  }
}
