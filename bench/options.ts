import { parseArgs } from 'node:util'
import { UsageError } from './harness/system/usage-error.js'

export interface BenchOptions {
  /** Names of benchmarks; all if empty. */
  names: string[]
  quick: boolean
  large: boolean
  rows?: number
  events?: number
  /** Parts of names of shapes that are measured beside the first one; none: all. */
  shapes?: string[]
}

/** Reads the arguments. @param known names of benchmarks. Throws UsageError. */
export function readOptions(args: string[], known: string[]): BenchOptions {
  const usage = `npm run bench -- [${known.join(' ')}] [--quick] [--large] [--rows N] [--events N] [--shape NAME]`
  const { values, positionals } = parse(args, usage)
  const unknown = positionals.find(name => !known.includes(name))
  if (unknown) throw new UsageError(`Unknown benchmark ${unknown}.\n${usage}`)
  const { quick = false, large = false, rows, events, shape } = values
  return {
    names: positionals,
    quick,
    large,
    ...(rows !== undefined && { rows: count('--rows', rows, usage) }),
    ...(events !== undefined && { events: count('--events', events, usage) }),
    ...(shape && { shapes: shape }),
  }
}

function parse(args: string[], usage: string) {
  const [flag, option] = [{ type: 'boolean' }, { type: 'string' }] as const
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { quick: flag, large: flag, rows: option, events: option, shape: { type: 'string', multiple: true } },
    })
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`)
  }
}

// A tenth of the rows must not be empty.
function count(option: string, text: string, usage: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1000) return value
  throw new UsageError(`${option} must be a whole number of at least 1000, but is ${text}.\n${usage}`)
}
