import type { LogLogger } from '#libs/event-log'

/** Writes a line of progress, to stderr. */
export function report(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Writes a line of the result, to stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Log lines of the libs: only those on which somebody may have to act. */
export const logger: LogLogger = { debug: () => undefined, info: () => undefined, warn: reportLine, error: reportLine }

function reportLine(message: string, fields: { error?: unknown } = {}): void {
  report(fields.error === undefined ? message : `${message}: ${String(fields.error)}`)
}

const WHOLE = new Intl.NumberFormat('en')

export function count(n: number): string {
  return WHOLE.format(n)
}
