import { presentIncident } from '#libs/api'
import { formatPositions, type IncidentRecord } from '#libs/contracts'
import type { Incident } from '#libs/domain'
import type { WriteRequest } from '#libs/http'
import type { CommandResult, StateSnapshot } from '#libs/ledger'
import { commandResponse } from '../commands/command-response.js'

const incidentsPath = '/api/v1/platform/incidents'

/** The record in a snapshot. Throws if there is none, which is a fault: every accepted command leaves one. */
function recordOf({ state }: StateSnapshot<Incident>): IncidentRecord {
  if (state.state === 'opened') return state.record
  throw new Error('The ledger returned no opened incident.')
}

/** Sends the response of a command: 201 and its URL if it opened an incident, else 200; else as `commandResponse`. */
export function incidentResponse(
  write: WriteRequest,
  outcome: CommandResult<Incident>,
  { creates = false } = {},
): object | undefined {
  return commandResponse(write, outcome, {
    subject: answer => ({ incidentId: recordOf(answer).id }),
    present: (answer, positions, first) => {
      const record = recordOf(answer)
      write.reply.code(creates && first ? 201 : 200)
      if (creates) write.reply.header('Location', `${incidentsPath}/${encodeURIComponent(record.id)}`)
      const { recordedAt, streamVersion: version } = answer
      return presentIncident(record, { recordedAt, position: formatPositions(positions), version })
    },
  })
}
