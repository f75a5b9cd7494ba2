import type { TestClient } from '../../kit/apps/command-app.js'

export const promotions = '/config/promotions'
export const author = { 'X-User-ID': 'author', 'X-User-Email': 'dev@acme.com' }
export const by = (person: string) => ({ 'X-User-ID': person })

/** Sets configurations of an environment. */
export const set = (send: TestClient, environment: string, values: object) =>
  send('PATCH', `/config/environments/${environment}/configurations`, { set: values })

/** Drafts, validates and, by so many, approves. */
export async function approved(send: TestClient, draft: object, approvers = 2): Promise<string> {
  const { json } = await send('POST', promotions, draft, author)
  const id = json['id'] as string
  const validated = await send('POST', `${promotions}/${id}/validate`, {}, author)
  expect(validated.json['findings'].filter(({ severity }: { severity: string }) => severity === 'error')).toEqual([])
  for (let n = 1; n <= approvers; n++) await send('POST', `${promotions}/${id}/approve`, {}, by(`approver ${n}`))
  return id
}

export const full = { sourceEnvironment: 'staging', targetEnvironment: 'production', promotionType: 'FULL' }
export const pattern = (...keyPatterns: string[]) => ({ ...full, promotionType: 'PATTERN', keyPatterns })
