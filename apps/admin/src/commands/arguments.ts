import { parseArgs } from 'node:util'
import type { Command, Option, OptionValues } from './command.js'

/** The arguments do not make a command; the message says which of them, and what to do. */
export class ArgumentError extends Error {
  override name = 'ArgumentError'

  constructor(what: string) {
    super(`${what} (shiplog-admin --help lists all commands and options)`)
  }
}

/** A command and the values of its options. */
export interface Invocation {
  command: Command
  values: OptionValues
}

/** Reads what follows `shiplog-admin`. Throws ArgumentError. */
export function readArguments(args: string[], commands: readonly Command[]): Invocation | 'help' {
  const { given, words } = parse(args, commands)
  if (given['help'] || words[0] === 'help') return 'help'
  const command = findCommand(words, commands)
  const surplus = words.slice(command.name.split(' ').length)
  if (surplus.length > 0) throw new ArgumentError(`${command.name} does not accept ${surplus.join(' ')}`)
  const names = Object.keys(given)
  const unknown = names.find(name => !(name in command.options))
  if (unknown !== undefined) throw new ArgumentError(`${command.name} does not accept --${unknown}`)
  const exclusive = names.find(name => command.options[name]!.exclusive)
  if (exclusive !== undefined && names.length > 1) {
    const others = names.filter(name => name !== exclusive).map(name => `--${name}`)
    throw new ArgumentError(`--${exclusive} cannot be combined with ${others.join(', ')}`)
  }
  const values = Object.entries(command.options).map(([name, option]) => [name, valueOf(name, option, given[name])])
  return { command, values: Object.fromEntries(values) as OptionValues }
}

type Given = Record<string, boolean | string[] | undefined>

function parse(args: string[], commands: readonly Command[]): { given: Given; words: string[] } {
  const options = Object.fromEntries(
    commands.flatMap(command =>
      Object.entries(command.options).map(([name, { type }]) => [
        name,
        type === 'list' ? { type: 'string' as const, multiple: true } : { type: 'boolean' as const },
      ]),
    ),
  )
  try {
    const help = { type: 'boolean' as const, short: 'h' }
    const { values, positionals } = parseArgs({ args, options: { ...options, help }, allowPositionals: true })
    return { given: { ...values } as Given, words: positionals }
  } catch (error) {
    throw new ArgumentError((error as Error).message)
  }
}

/** The command with the longest name that the words begin with. */
function findCommand(words: string[], commands: readonly Command[]): Command {
  const [command] = commands
    .filter(({ name }) => name.split(' ').every((word, index) => words[index] === word))
    .toSorted((a, b) => b.name.length - a.name.length)
  if (command) return command
  throw new ArgumentError(words.length === 0 ? 'no command was given' : `unknown command ${words[0]}`)
}

function valueOf(
  name: string,
  { type, choices }: Option,
  given: Given[string],
): boolean | readonly string[] | undefined {
  if (type === 'boolean') return given === true
  if (!Array.isArray(given)) return undefined
  const asked = given.flatMap(value => value.split(','))
  if (!choices) return asked
  const unknown = asked.find(value => !choices.includes(value))
  if (unknown !== undefined) throw new ArgumentError(`unknown --${name} ${unknown}: expected ${choices.join(', ')}`)
  return choices.filter(choice => asked.includes(choice))
}
