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
import type { WriteRequest } from '#libs/http'
import type { StateSnapshot, CommandResult } from '#libs/ledger'
import { commandResponse } from '../commands/command-response.js'

export const deploymentsPath = '/api/v1/platform/deployments'

/** A deployment as a response body. It has no `active`: only the read models know it. */
function presentDeployment(answer: StateSnapshot<Deployment>, positions: Positions): object {
  const record = recordOf(answer)
  const computed: Partial<FieldValues<ComputedField>> = {
    durationSeconds: durationSeconds(record),
    rollbackDetected: record.rollbackOf === undefined ? undefined : 'reported',
    voidedAt: answer.state.state === 'voided' ? answer.state.voidedAt : undefined,
    recordedAt: answer.recordedAt,
    position: formatPositions(positions),
    version: answer.streamVersion,
  }
  const members: Partial<FieldValues<DeploymentField>> = { ...record, ...computed }
  const presented: Record<string, unknown> = {}
  for (const name of deploymentFieldNames) if (members[name] !== undefined) presented[name] = members[name]
  return presented
}

/** The record in a snapshot. Throws if there is none, which is a fault: every accepted command leaves one. */
export function recordOf({ state }: StateSnapshot<Deployment>): DeploymentRecord {
  if (state.state !== 'absent') return state.record
  throw new Error('The ledger returned no recorded deployment.')
}

/** Sends the response of a command: 201 and its URL if it created a deployment, else 200; else as `commandResponse`. */
export function deploymentResponse(
  write: WriteRequest,
  outcome: CommandResult<Deployment>,
  { creates = false } = {},
): object | undefined {
  failpoint('answer-before')
  return commandResponse(write, outcome, {
    subject: answer => ({ deploymentId: recordOf(answer).id }),
    present: (answer, positions, first) => {
      write.reply.code(creates && first ? 201 : 200)
      if (creates) write.reply.header('Location', `${deploymentsPath}/${recordOf(answer).id}`)
      return presentDeployment(answer, positions)
    },
  })
}
