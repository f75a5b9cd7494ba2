import { demoHistory, demoRollback, endOfHistory } from './demo-history.js'

const deployments = '/api/v1/platform/deployments'

/**
 * Records the made-up history over REST. Repeating it changes nothing, on a later day either: the ids are fixed, and the
 * times go by those of the first deployment where it was recorded before.
 * @param url of a running Shiplog
 * @throws Error with the status and body of an answer that is no success
 */
export async function loadDemo(url: string): Promise<void> {
  const end = await recordedEnd(url)
  for (const deployment of demoHistory(end)) await send(`${url}${deployments}`, deployment)
  const { id, ...rollback } = demoRollback(end)
  await send(`${url}${deployments}/${id}/rollback`, rollback, { 'idempotency-key': `demo-rollback-${id}` })
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

async function send(url: string, body: object, headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw await failure(answer)
  await answer.arrayBuffer()
}

async function failure(answer: Response): Promise<Error> {
  return new Error(`the demo got ${answer.status} from ${answer.url}: ${await answer.text()}`)
}
