import type { HttpRequest, ProblemPlace } from '../kit/index.js'

/** A request that costs or breaks something where it is not refused, and how it is answered. */
export interface HostileRequest {
  name: string
  request: HttpRequest
  status: number
  /** Where the problem says the fault is. */
  place?: ProblemPlace
  /** What the problem says of it there, among the rest. */
  detail?: string
}

/** A request, and with which of some statuses it may be answered. */
export interface HostileStep {
  method: string
  /** Below `/api/v1`; `{id}` is the id of the last answer of the case that had one. */
  path: string
  headers?: Record<string, string>
  body?: unknown
  statuses: number[]
  /** How often it is sent at once; once where left out. */
  times?: number
}

/** Requests of one tenant, in order: what costs or breaks something is among them. */
export interface HostileCase {
  name: string
  requests: HostileStep[]
}

/** A step as it is sent. @param id takes the place of `{id}` */
export function requestOf({ method, path, headers, body }: HostileStep, id: string): HttpRequest {
  return {
    method,
    path: `/api/v1${path.replace('{id}', id)}`,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
}
