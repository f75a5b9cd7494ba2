import type { LogLogger } from '#libs/event-log'

/** Says what goes on, on stderr. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Gives a line of the answer, on stdout. */
export function answer(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** What the libs have to say: only what somebody may have to do something about. */
export const logger: LogLogger = { debug: () => undefined, info: () => undefined, warn: tellOf, error: tellOf }

function tellOf(message: string, fields: { error?: unknown } = {}): void {
  tell(fields.error === undefined ? message : `${message}: ${String(fields.error)}`)
}

const WHOLE = new Intl.NumberFormat('en')

export function count(n: number): string {
  return WHOLE.format(n)
}
