import { demoConfiguration, demoPromotions } from './demo-configuration.js'
import { demoHistory, demoIncidents, demoRemoval, demoRollback, demoVoid, endOfHistory } from './demo-history.js'
import { until } from '../process/until.js'

const deployments = '/api/v1/platform/deployments'
const incidents = '/api/v1/platform/incidents'
const config = '/api/v1/config'
/** Limit for the migrations of a first start. */
const READY_LIMIT_MS = 60_000

/**
 * Records the made-up history, a record that is voided, and its incidents over REST, then the configuration and its promotions. Repeating it changes nothing, even on a later
 * day: ids and keys are fixed, and the times are derived from the first deployment if it was recorded before.
 * @param url of a running Shiplog
 * @throws Error with the status and body of an error response
 */
export async function loadDemo(url: string): Promise<void> {
  await until(async () => (await fetch(`${url}/readyz`)).ok, `${url}/readyz to answer 200`, { within: READY_LIMIT_MS })
  const end = await recordedEnd(url)
  for (const deployment of demoHistory(end)) await send(`${url}${deployments}`, deployment)
  const mistake = demoVoid(end)
  await send(
    `${url}${deployments}/${mistake.id}/void`,
    { reason: mistake.reason },
    {
      'idempotency-key': `demo-void-${mistake.id}`,
    },
  )
  const { id: gone, ...removal } = demoRemoval(end)
  await send(`${url}${deployments}/${gone}/remove`, removal, { 'idempotency-key': `demo-removal-${gone}` })
  const { id, ...rollback } = demoRollback(end)
  await send(`${url}${deployments}/${id}/rollback`, rollback, { 'idempotency-key': `demo-rollback-${id}` })
  for (const { incident, resolvedAt } of demoIncidents(end)) {
    await send(`${url}${incidents}`, incident, { 'idempotency-key': `demo-${incident.id}` })
    if (resolvedAt === undefined) continue
    const key = { 'idempotency-key': `demo-${incident.id}-resolved` }
    await send(`${url}${incidents}/${incident.id}/resolve`, { resolvedAt }, key)
  }
  await configure(url)
}

async function configure(url: string): Promise<void> {
  const headers = (key: string, person: string) => ({ 'idempotency-key': `demo-${key}`, 'x-user-email': person })
  for (const { name, environment, what, by, set } of demoConfiguration) {
    await send(`${url}${config}/environments/${environment}/${what}`, { set }, headers(name, by), 'PATCH')
  }
  for (const { name, by, request, actions } of demoPromotions) {
    const { id } = (await send(`${url}${config}/promotions`, request, headers(name, by))) as { id: string }
    for (const { action, by: person } of actions) {
      await send(`${url}${config}/promotions/${id}/${action}`, {}, headers(`${name}-${action}-${person}`, person))
    }
  }
}

async function recordedEnd(url: string): Promise<Date> {
  const now = new Date()
  const [first] = demoHistory(now)
  const answer = await fetch(`${url}${deployments}/${first.id}`)
  if (answer.status === 404) return now
  if (!answer.ok) throw await failure(answer)
  const { deployedAt } = (await answer.json()) as { deployedAt: string }
  return endOfHistory(deployedAt)
}

async function send(
  url: string,
  body: object,
  headers: Record<string, string> = {},
  method: 'POST' | 'PATCH' = 'POST',
): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw await failure(answer)
  return answer.json()
}

async function failure(answer: Response): Promise<Error> {
  return new Error(`the demo could not be loaded: ${answer.url} answered ${answer.status} ${await answer.text()}`)
}
