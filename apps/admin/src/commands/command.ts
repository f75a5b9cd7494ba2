import type { Servers } from '../process/servers.js'

/** What the process ends with. `differs`: read models differ, or the log is broken. */
export const exitCodes = { ok: 0, differs: 1, failed: 2, interrupted: 130 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** An option of a command. */
export interface Option {
  /** `list`: takes a value, may be repeated, and its values may be separated by commas. */
  type: 'boolean' | 'list'
  description: string
  /** The values that a list takes. */
  choices?: readonly string[]
  /** Cannot be combined with another option. */
  exclusive?: true
}

type Options = Readonly<Record<string, Option>>

/** What was given: for a list its values, each once, in the order of the choices; `undefined` where it was left out. */
export type OptionValues<O extends Options = Options> = {
  [name in keyof O]: O[name]['type'] extends 'boolean' ? boolean : readonly string[] | undefined
}

/** A command of `shiplog-admin`: arguments and help come from what it declares. */
export interface Command<O extends Options = Options> {
  /** One word, or two. */
  name: string
  /** What it does, in sentences. */
  summary: string
  options: O
  /** Result on stdout, progress on stderr. Throws where it fails, and where the signal aborts. */
  run(values: OptionValues<O>, servers: Servers, signal: AbortSignal): Promise<ExitCode>
}

/** Types a command's values by its options. */
export function defineCommand<const O extends Options>(command: Command<O>): Command<O> {
  return command
}
