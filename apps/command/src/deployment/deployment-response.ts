import type { FastifyReply } from 'fastify'
import {
  type ComputedField,
  type DeploymentField,
  deploymentFieldNames,
  type DeploymentRecord,
  durationSeconds,
  type FieldValues,
  formatPositions,
  type Positions,
} from '#libs/contracts'
import type { Deployment } from '#libs/domain'
import { failpoint } from '#libs/failpoint'
import { rejectionProblem, setPositions } from '#libs/http'
import type { StateSnapshot, CommandResult } from '#libs/ledger'
import { commandUrl } from '../commands/command-response.js'

export const deploymentsPath = '/api/v1/platform/deployments'

/** A deployment as a response body. It has no `active`: only the read models know it. */
function presentDeployment(answer: StateSnapshot<Deployment>, positions: Positions | undefined): object {
  const record = recordOf(answer)
  const computed: Partial<FieldValues<ComputedField>> = {
    durationSeconds: durationSeconds(record),
    rollbackDetected: record.rollbackOf === undefined ? undefined : 'reported',
    recordedAt: answer.recordedAt,
    position: positions && formatPositions(positions),
    version: answer.streamVersion,
  }
  const members: Partial<FieldValues<DeploymentField>> = { ...record, ...computed }
  // JSON.stringify omits undefined members.
  return Object.fromEntries(deploymentFieldNames.map(name => [name, members[name]]))
}

/** The record in a snapshot. Throws if there is none, which is a fault: every accepted command leaves one. */
export function recordOf({ state }: StateSnapshot<Deployment>): DeploymentRecord {
  if (state.state === 'recorded') return state.record
  throw new Error('The ledger returned no recorded deployment.')
}

/**
 * Sends the response of a command: 201 if it created a deployment, else 200; 202 with the command's URL while Kafka is unavailable.
 * Throws an HttpProblem for a rejection.
 */
export function deploymentResponse(
  reply: FastifyReply,
  outcome: CommandResult<Deployment>,
  { creates = false } = {},
): object {
  failpoint('answer-before')
  switch (outcome.kind) {
    case 'refused':
      throw rejectionProblem(outcome.rejection)
    case 'accepted': {
      const url = commandUrl(outcome.commandId)
      reply.code(202).header('Location', url)
      return { id: outcome.commandId, status: 'accepted', url, deploymentId: recordOf(outcome.answer).id }
    }
    case 'appended':
    case 'repeated':
      reply.code(creates && outcome.kind === 'appended' ? 201 : 200)
      if (creates) reply.header('Location', `${deploymentsPath}/${recordOf(outcome.answer).id}`)
      setPositions(reply, outcome.positions)
      return presentDeployment(outcome.answer, outcome.positions)
    default:
      return outcome satisfies never
  }
}
