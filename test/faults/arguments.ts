import { parseArgs } from 'node:util'

/** What a run of the proof was asked for. */
export interface Asked {
  seed: number
  seconds: number
  /** Names of kinds, scenarios or mutants; all where left out. */
  only: string[] | undefined
  mutants: boolean
  /** Keeps the protocol, though all went well. */
  keep: boolean
  list: boolean
}

/** Says in plain words what is wrong with the arguments. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Reads `--seed N`, `--seconds N`, `--only NAME[,NAME]`, `--mutants`, `--keep`, `--list`. Throws UsageError. */
export function readArguments(args: string[]): Asked {
  const { seed, seconds, only, mutants, keep, list } = parse(args).values
  return {
    seed: wholeNumber('seed', seed),
    seconds: wholeNumber('seconds', seconds),
    only: only?.split(','),
    mutants,
    keep,
    list,
  }
}

/** Those that are asked for, of all that have a name. Throws UsageError for a name that nothing has. */
export function named<T extends { name: string }>(all: readonly T[], only: string[] | undefined): T[] {
  const unknown = only?.find(name => !all.some(one => one.name === name))
  if (unknown !== undefined) throw new UsageError(`There is no ${unknown}: npm run faults -- --list names them.`)
  return all.filter(({ name }) => !only || only.includes(name))
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        seed: { type: 'string', default: '1' },
        seconds: { type: 'string', default: '300' },
        only: { type: 'string' },
        mutants: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} must be a whole number, not ${text}.`)
  return Number(text)
}
