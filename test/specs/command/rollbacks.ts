import { deploymentsPath } from '../../kit/http/http-client.js'
import type { TestCommandApp, TestTenant } from '../../kit/apps/command-app.js'

/** Deployments of one application in production, told in this order: `v1 09:00`, `v1 10:00 FAILED`. Gives their ids. */
export async function told(post: TestTenant, ...deployments: string[]): Promise<string[]> {
  const ids: string[] = []
  for (const deployment of deployments) {
    const [imageTag, time, status = 'DEPLOYED', environment = 'production'] = deployment.split(' ')
    const deployedAt = `2026-05-01T${time}:00Z`
    const { json } = await post('', { application: 'shop', environment, imageTag, deployedAt, status })
    ids.push(json['id'])
  }
  return ids
}

/** The status of a deployment. A correction that changes nothing is answered with the record. */
export async function statusOf(post: TestTenant, id: string): Promise<string> {
  const { json } = await post(`/${id}/correct`, { reason: 'is it?', notes: null })
  return json['status']
}

/** Marks by a path below that of the deployments: the status of the answer, and the deployment that it is about. */
export const rollBack = async (post: TestTenant, path: string) => {
  const { status, json } = await post(`/${path}/rollback`)
  return [status, json['id'] ?? json['deploymentId']]
}

/** Imports deployments in one request; gives their ids. */
export async function importAll(
  { url }: TestCommandApp,
  headers: Record<string, string>,
  deployments: object[],
): Promise<string[]> {
  const response = await fetch(`${url}${deploymentsPath}/import`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/x-ndjson' },
    body: deployments.map(deployment => JSON.stringify(deployment)).join('\n'),
  })
  const lines = (await response.text()).trim().split('\n')
  return lines.map(line => (JSON.parse(line) as { id: string }).id)
}
