import { deploymentsPath } from '../../kit/http/http-client.js'

/** Longer than the service takes where it answers at all; a frozen process says nothing. */
const PATIENCE_MS = 12_000

export interface Question {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Behind the path of deployments, or a whole path from `/api` on. */
  path: string
  tenant: string
  /** Who asks: X-User-ID. */
  user?: string | undefined
  key?: string | undefined
  body?: object
  /** Positions that the answer must reflect. */
  minimum?: string | undefined
}

/** An answer; status 0 where none came. */
export interface Answered {
  status: number
  position?: string | undefined
  // oxlint-disable-next-line typescript/no-explicit-any -- the clients look into answers of any form
  json?: any
}

/** Asks an app. Never rejects: that nobody answers is an answer too. */
export async function ask(
  url: string,
  { method, path, tenant, user, key, body, minimum }: Question,
): Promise<Answered> {
  try {
    const answer = await fetch(`${url}${path.startsWith('/api') ? '' : deploymentsPath}${path}`, {
      method,
      headers: {
        'X-Tenant-ID': tenant,
        ...(user !== undefined && { 'X-User-ID': user }),
        ...(body && { 'Content-Type': 'application/json' }),
        ...(key !== undefined && { 'Idempotency-Key': key }),
        ...(minimum !== undefined && { 'Shiplog-Min-Position': minimum }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const json: unknown = JSON.parse(await answer.text())
    return { status: answer.status, position: answer.headers.get('shiplog-position') ?? undefined, json }
  } catch {
    return { status: 0 }
  }
}
