import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder, sweepScratchData } from '#dev'
import { type Asked, named, readArguments } from './arguments.js'
import type { FaultKind } from './kinds/fault-kind.js'
import { type FaultRun, runFaults } from './run/fault-run.js'
import { kinds } from './kinds/index.js'
import { caught, hunt, type Hunted, huntReport } from './mutants/hunt.js'
import { mutants } from './mutants/index.js'
import { Protocol } from './run/protocol.js'
import { passed, report, type ScenarioRun } from './report.js'
import type { Scenario } from './scenarios/scenario.js'
import { scenarios } from './scenarios/index.js'

/** The part of the time that faults with a world of their own get. */
const SCENARIOS_SHARE = 0.1

/**
 * Runs the proof and prints what it came to, as Markdown.
 * @param args see readArguments
 * @param onStart is given what ends it before its time
 * @returns the exit code: 1 where anything was lost, doubled, out of order or otherwise wrong, or a mutant not caught
 */
export async function prove(args: string[], onStart: (stop: () => void) => void): Promise<number> {
  const asked = readArguments(args)
  const stopping = new AbortController()
  onStart(() => stopping.abort())
  if (asked.list) return list()
  await sweepScratchData()
  return asked.mutants ? huntAll(asked, stopping.signal) : proveAll(asked, stopping.signal)
}

function list(): number {
  const lines = [
    ...kinds.map(({ name, lane }) => `${name} (${lane})`),
    ...scenarios.map(({ name }) => `${name} (a world of its own)`),
    ...mutants.map(({ name, lacks }) => `${name} (mutant: ${lacks})`),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

async function proveAll({ seed, seconds, only, keep }: Asked, signal: AbortSignal): Promise<number> {
  const chosen = named<FaultKind | Scenario>([...kinds, ...scenarios], only)
  const worlds = chosen.filter(one => 'run' in one)
  const share = worlds.length === chosen.length ? 1 : worlds.length > 0 ? SCENARIOS_SHARE : 0
  const protocol = new Protocol()
  say(`The protocol is ${protocol.file}`)
  const run = await proveInOneWorld(
    chosen.filter(one => 'inject' in one),
    { seed, seconds: seconds * (1 - share), protocol, signal },
  )
  const own = await runScenarios(worlds, { seed, seconds: seconds * share, protocol, signal })
  process.stdout.write(`${report(run, own)}\n`)
  const good = passed(run, own)
  if (good && !keep) protocol.remove()
  else say(`The protocol and the logs are kept in ${protocol.folder}`)
  return good ? 0 : 1
}

async function proveInOneWorld(
  chosen: FaultKind[],
  options: { seed: number; seconds: number; protocol: Protocol; signal: AbortSignal },
): Promise<FaultRun | undefined> {
  if (chosen.length === 0) return undefined
  return runFaults({ ...options, project: projectFolder, kinds: chosen })
}

async function runScenarios(
  chosen: Scenario[],
  { seed, seconds, protocol, signal }: { seed: number; seconds: number; protocol: Protocol; signal: AbortSignal },
): Promise<ScenarioRun[]> {
  const weights = chosen.reduce((sum, { weight }) => sum + weight, 0)
  const runs: ScenarioRun[] = []
  for (const scenario of chosen) {
    if (signal.aborted) break
    const { name, weight } = scenario
    say(name)
    const share = (seconds * weight) / weights
    const logs = join(protocol.folder, name)
    mkdirSync(logs)
    runs.push({ name, result: await scenario.run({ seed, project: projectFolder, seconds: share, logs }) })
  }
  return runs
}

async function huntAll({ seed, only }: Asked, signal: AbortSignal): Promise<number> {
  const hunted: Hunted[] = []
  for (const mutant of named(mutants, only)) {
    if (signal.aborted) break
    const one = await hunt(mutant, projectFolder, seed, signal)
    say(`${mutant.name}: ${one.findings.length} findings after ${one.seconds.toFixed(0)} s`)
    hunted.push(one)
  }
  process.stdout.write(`${huntReport(hunted)}\n`)
  return hunted.every(caught) ? 0 : 1
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
