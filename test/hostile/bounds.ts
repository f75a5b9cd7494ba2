import type { HttpAnswer, HttpRequest } from '../kit/index.js'

/** Whether the machine does nothing else, so that bounds on times hold (`npm run hostile`). */
export const isQuiet = process.env['SHIPLOG_QUIET_MACHINE'] === '1'

const LONGEST_MS = 2000
/** How long a read waits for the position that it asks for, before it is answered 503. */
const POSITION_WAIT_MS = 2000

/** How long this answer to a hostile request may take at most, in milliseconds. */
export function longestMs({ headers }: HttpRequest, { status }: HttpAnswer): number {
  return LONGEST_MS + (status === 503 && headers?.['Shiplog-Min-Position'] ? POSITION_WAIT_MS : 0)
}
