import { parseArgs } from 'node:util'
import { UsageError } from '../harness/system/usage-error.js'

export interface SoakOptions {
  minutes: number
  /** Requests per second; half of the peak rate by default. */
  rate?: number
  /** The file for the chart, as given. */
  svg: string
}

const usage = 'npm run soak -- --minutes N [--rate REQUESTS_A_SECOND] [--svg FILE]'

/** Reads the arguments. Throws UsageError. */
export function readOptions(args: string[]): SoakOptions {
  const { minutes, rate, svg } = parse(args)
  return {
    minutes: positive('--minutes', minutes ?? '30'),
    ...(rate !== undefined && { rate: positive('--rate', rate) }),
    svg: svg ?? 'docs/soak.svg',
  }
}

function parse(args: string[]): { minutes?: string; rate?: string; svg?: string } {
  const option = { type: 'string' } as const
  try {
    return parseArgs({ args, options: { minutes: option, rate: option, svg: option } }).values
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`)
  }
}

function positive(option: string, text: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new UsageError(`${option} must be a number above 0, but is ${text}.\n${usage}`)
}
