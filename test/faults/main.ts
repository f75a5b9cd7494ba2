import { parseArgs } from 'node:util'
import { projectFolder, sweepScratchData } from '#dev'
import type { FaultKind } from './fault-kind.js'
import { runFaults } from './fault-run.js'
import { kinds } from './kinds/index.js'
import { Protocol } from './protocol.js'
import { passed, report } from './report.js'

class UsageError extends Error {
  override name = 'UsageError'
}

const options = {
  seed: { type: 'string', default: '1' },
  seconds: { type: 'string', default: '300' },
  only: { type: 'string' },
  keep: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
} as const

/**
 * Runs the proof and prints what it came to, as Markdown.
 * @param args --seed N, --seconds N, --only KIND[,KIND], --keep (the protocol, though all went well), --list
 * @param onStart is given what ends it before its time
 * @returns the exit code: 1 where anything was lost, doubled, out of order or otherwise wrong
 */
export async function prove(args: string[], onStart: (stop: () => void) => void): Promise<number> {
  const asked = read(args)
  if (asked.list) {
    process.stdout.write(kinds.map(({ name, lane }) => `${name} (${lane})\n`).join(''))
    return 0
  }
  const stopping = new AbortController()
  onStart(() => stopping.abort())
  await sweepScratchData()
  const protocol = new Protocol()
  say(`The protocol is ${protocol.file}`)
  const run = await runFaults({
    project: projectFolder,
    seed: asked.seed,
    seconds: asked.seconds,
    kinds: asked.kinds,
    protocol,
    signal: stopping.signal,
  })
  process.stdout.write(`${report(run)}\n`)
  if (passed(run) && !asked.keep) protocol.remove()
  else say(`The protocol and the logs are kept in ${protocol.folder}`)
  return passed(run) ? 0 : 1
}

function read(args: string[]): { seed: number; seconds: number; kinds: FaultKind[]; keep: boolean; list: boolean } {
  const { values } = parse(args)
  const names = values.only?.split(',')
  const unknown = names?.find(name => !kinds.some(kind => kind.name === name))
  if (unknown !== undefined) throw new UsageError(`There is no kind ${unknown}: npm run faults -- --list names them.`)
  return {
    seed: wholeNumber('seed', values.seed),
    seconds: wholeNumber('seconds', values.seconds),
    kinds: names ? kinds.filter(({ name }) => names.includes(name)) : kinds,
    keep: values.keep,
    list: values.list,
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} must be a whole number, not ${text}.`)
  return Number(text)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
