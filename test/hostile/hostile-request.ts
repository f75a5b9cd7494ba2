import type { HttpRequest, ProblemPlace } from '../stack/index.js'

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
