import { pick } from '../world/pick.js'
import { ask } from './ask.js'
import type { Caller } from './caller.js'

interface Row {
  id: string
  application: string
  deployedAt: string
  version: number
  labels?: { tenant?: string; token?: string }
}

/** Reads something and checks what a client may rely on: that it sees what it wrote, in order, and nobody else's. */
export async function checkReads(client: Caller, tenant: string): Promise<void> {
  const known = client.known()
  const { url } = client.world.query
  if (!known || url === undefined) return
  const { id, application, version, position } = known
  const path = pick(
    [`/${id}`, `/history?limit=30&application=${application}`, '/history?limit=30', '/current'],
    client.random,
  )
  const answer = await ask(url, { method: 'GET', path, tenant, minimum: position })
  const blame = (what: string) => client.ledger.blame(`GET ${path} of ${tenant} after ${position}: ${what}`)
  if (answer.status === 0 || answer.status >= 500) return
  if (answer.status !== 200) return blame(`was answered ${answer.status}`)
  if (!reflects(answer.position, position)) blame(`reflects ${answer.position}`)
  const rows = (Array.isArray(answer.json) ? answer.json : [answer.json]) as Row[]
  const foreign = rows.find(({ labels }) => labels?.tenant !== tenant)
  if (foreign) blame(`has ${foreign.id} of tenant ${foreign.labels?.tenant}`)
  if (path === `/${id}`) {
    if (rows[0]?.id !== id) blame(`is ${rows[0]?.id}`)
    else if (rows[0].version < version) blame(`has version ${rows[0].version}, and ${version} was acknowledged`)
  }
  if (!path.startsWith('/history')) return
  if (path.includes('application=') && rows.some(row => row.application !== application))
    blame('has other applications')
  const starts = rows.map(({ deployedAt }) => Date.parse(deployedAt))
  if (starts.some((start, index) => index > 0 && start > starts[index - 1]!)) blame('is not newest first')
}

/** Whether positions (`<partition>:<seq>`, comma-separated) have reached one. */
export function reflects(positions: string | undefined, wanted: string): boolean {
  const [partition, seq] = wanted.split(':').map(Number)
  return (positions ?? '').split(',').some(one => {
    const [at, reached] = one.split(':').map(Number)
    return at === partition && reached! >= seq!
  })
}
