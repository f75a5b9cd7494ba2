import { HttpProblem } from '#libs/http'
import { QueueBusy } from '#libs/worker-pool'

const RETRY_AFTER_SECONDS = 2

/** The 429 of a request whose turn in a queue of threads did not come in time; any other error as it is. @param work in progress: "files are being read" */
export function asTooManyRequests(error: unknown, work: string): unknown {
  if (!(error instanceof QueueBusy)) return error
  return new HttpProblem(429, `Too many ${work}. Retry later, with fewer concurrent requests.`, {
    headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
    cause: error,
  })
}
