import { parseArgs } from 'node:util'
import { MODELS, type Model } from '#libs/read-models'

export interface RebuildCommand {
  name: 'rebuild'
  models: readonly Model[]
  swap: 'no' | 'when equal' | 'anyway'
  /** Throws away what an interrupted run has built. */
  anew: boolean
}

export interface RebuildIndexCommand {
  name: 'rebuild index'
  discardPending: boolean
}

export type Command =
  RebuildCommand | RebuildIndexCommand | { name: 'help' } | { name: 'verify' | 'drop old' | 'discard' }

/** The arguments make no command; the message says which of them. */
export class ArgumentError extends Error {
  override name = 'ArgumentError'
}

export const help = `shiplog rebuild [--model <name>[,<name>...]] [--swap | --swap-anyway] [--anew]
  Builds the next version of the read models from the log's start, beside the live one, which goes on; compares both at one
  position, and shows what differs. Interrupted, it goes on where it was; --anew begins again.

  --model        compare and swap these only; ${MODELS.join(', ')}
                 (left out: all; what is built is always all of them, since they depend on each other)
  --swap         put the next version in the place of the live one, where both are equal
  --swap-anyway  the same where they differ, as they do after a mended fault: look at the differences first
  --drop-old     drop what an earlier swap has replaced, which is kept until then
  --discard      drop what was built

shiplog rebuild index
  Empties the index that decisions are made by, and folds the log into it again. Apps may run meanwhile: they answer what is
  sent to them with 503 until that is done. What changed nothing is not in the log, refusals above all: sent again, it is
  decided anew. Run shiplog verify first: the log must be whole.

  --discard-pending  also where decisions are not in the log yet, and lose them (none of them was answered with 201)

shiplog verify
  Walks the hash chains of the log, then folds it anew and compares the live read models with that.

Exit codes: 0 good; 1 differs, or the log is broken; 2 could not be done; 130 interrupted.
Kafka and PostgreSQL are those of KAFKA_BROKERS and DATABASE_URL, else those of the npm start that runs.
`

const options = {
  help: { type: 'boolean', short: 'h' },
  model: { type: 'string', multiple: true },
  swap: { type: 'boolean' },
  'swap-anyway': { type: 'boolean' },
  anew: { type: 'boolean' },
  'drop-old': { type: 'boolean' },
  discard: { type: 'boolean' },
  'discard-pending': { type: 'boolean' },
} as const

/** Reads what follows `shiplog`. Throws ArgumentError. */
export function readArguments(args: string[]): Command {
  const { values, positionals } = parse(args)
  if (values.help || positionals[0] === 'help') return { name: 'help' }
  const [name, ...more] = positionals
  const given = Object.keys(values)
  if (name !== 'rebuild' && name !== 'verify') throw refusal(name === undefined ? 'no command' : `no command ${name}`)
  if (name === 'rebuild' && more[0] === 'index' && more.length === 1) {
    const strange = given.find(option => option !== 'discard-pending')
    if (strange !== undefined) throw refusal(`rebuild index takes no --${strange}`)
    return { name: 'rebuild index', discardPending: values['discard-pending'] ?? false }
  }
  if (values['discard-pending']) throw refusal('--discard-pending is for rebuild index')
  if (more.length > 0) throw refusal(`${name} takes no ${more.join(' ')}`)
  if (name === 'verify') {
    if (given.length > 0) throw refusal(`verify takes no --${given[0]}`)
    return { name }
  }
  for (const alone of ['drop-old', 'discard'] as const) {
    if (!values[alone]) continue
    if (given.length > 1) throw refusal(`--${alone} stands alone`)
    return { name: alone === 'discard' ? 'discard' : 'drop old' }
  }
  const swap = values['swap-anyway'] ? 'anyway' : values.swap ? 'when equal' : 'no'
  return { name, models: modelsOf(values.model), swap, anew: values.anew ?? false }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    throw refusal((error as Error).message)
  }
}

function modelsOf(names: string[] | undefined): readonly Model[] {
  if (names === undefined) return MODELS
  const asked = names.flatMap(name => name.split(','))
  const unknown = asked.find(name => name !== 'all' && !MODELS.some(model => model === name))
  if (unknown !== undefined) throw refusal(`no model ${unknown}: there are ${MODELS.join(', ')}, and all`)
  return asked.includes('all') ? MODELS : MODELS.filter(model => asked.includes(model))
}

function refusal(what: string): ArgumentError {
  return new ArgumentError(`${what} (shiplog --help says what there is)`)
}
