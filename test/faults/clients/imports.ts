import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { importRecords, type LineResult } from '../../kit/http/import-client.js'
import { between } from '../world/pick.js'
import type { Caller } from './caller.js'
import { endOf, type Sent } from './client-ledger.js'
import { aDeployment } from './deployments.js'

/** Sends a file of 20 to 200 lines; mostly again until each line was answered. */
export async function importFile(client: Caller, tenant: string, signal: AbortSignal): Promise<void> {
  const file = client.token()
  const ownIds = client.random() < 0.5
  const lines: object[] = []
  const sent: Sent[] = []
  for (let number = 1; number <= between(20, 200, client.random); number++) {
    const token = `${file}-${number}`
    const body = aDeployment(tenant, token, client.random)
    lines.push(ownIds ? { id: randomUUID(), ...body } : body)
    const application = String(body['application'])
    sent.push(client.ledger.send({ token, what: 'import', tenant, application, line: { file, number } }))
  }
  const headers: Record<string, string> = ownIds ? {} : { 'Idempotency-Key': file }
  const tries = client.random() < 0.75 ? Infinity : 1
  for (let tried = 0; tried < tries && !signal.aborted && sent.some(({ end }) => end === 'unknown'); tried++) {
    if (tried > 0) await pause(between(50, 400, client.random))
    const { results } = await importRecords(await client.commandUrl(), lines, { tenant, headers })
    for (const result of results) note(client, sent[result.line - 1]!, result)
  }
  const now = performance.now()
  for (const line of sent) line.endedAt ??= now
}

function note({ ledger }: Caller, sent: Sent, { result, position, command, problem }: LineResult): void {
  switch (result) {
    case 'recorded':
    case 'repeated':
      return ledger.answered(sent, 'acked', { position })
    case 'accepted':
      return ledger.answered(sent, 'accepted', { commandUrl: command })
    case 'refused':
      return ledger.answered(sent, endOf(problem?.status ?? 0))
    default:
      throw new Error(`a line was answered with ${String(result satisfies never)}`)
  }
}
