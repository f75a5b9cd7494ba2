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
