import { rmSync } from 'node:fs'
import { runFaults } from '../run/fault-run.js'
import { kinds } from '../kinds/index.js'
import type { Finding } from '../oracle/finding.js'
import { Protocol } from '../run/protocol.js'
import { buildMutant } from './build.js'
import type { Mutant } from './mutant.js'

/** A mutant must be caught within so long, building and checking included. */
const LIMIT_S = 120
/** Faults are injected for so long, then for twice as long, until the oracle finds something. */
const FIRST_S = 12
const REST_S = 15

export interface Hunted {
  mutant: Mutant
  /** What the oracle found first of each kind; empty: it was not caught. */
  findings: Finding[]
  injected: number
  seconds: number
}

/** Runs a mutant under the faults that should bring it to light, until it is caught or its time is over. */
export async function hunt(mutant: Mutant, project: string, seed: number, signal: AbortSignal): Promise<Hunted> {
  const started = performance.now()
  const elapsed = () => (performance.now() - started) / 1000
  const folder = await buildMutant(mutant, project)
  let injected = 0
  try {
    for (
      let seconds = mutant.seconds ?? FIRST_S, round = 0;
      elapsed() + seconds < LIMIT_S && !signal.aborted;
      seconds *= 2, round++
    ) {
      const protocol = new Protocol()
      try {
        const run = await runFaults({
          project: folder,
          seed: seed + round,
          seconds,
          kinds: kinds.filter(({ name }) => mutant.kinds.includes(name)),
          protocol,
          signal,
          restSeconds: REST_S,
          untilFact: true,
        })
        injected += run.injections.filter(({ done }) => done).length
        if (run.findings.length > 0) return { mutant, findings: run.findings, injected, seconds: elapsed() }
      } finally {
        protocol.remove()
      }
    }
    return { mutant, findings: [], injected, seconds: elapsed() }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether it was caught, and in time. */
export function caught({ findings, seconds }: Hunted): boolean {
  return findings.length > 0 && seconds <= LIMIT_S
}

/** What came of each mutant, as Markdown; the last line is the verdict. */
export function huntReport(hunted: readonly Hunted[]): string {
  const rows = hunted.map(one => {
    const { mutant, findings, injected, seconds } = one
    const how = caught(one) ? `${findings.length} findings` : findings.length > 0 ? '**too late**' : '**not caught**'
    return `| ${[mutant.name, mutant.lacks, injected, `${seconds.toFixed(0)} s`, how, firstOf(findings)].join(' | ')} |`
  })
  const missed = hunted.filter(one => !caught(one))
  const verdict = missed.length === 0 ? '**PASSED**' : '**FAILED**'
  return [
    '| mutant | what it does | faults | after | caught | by |',
    '|---|---|---:|---:|---|---|',
    ...rows,
    '',
    `${verdict}: ${hunted.length - missed.length} of ${hunted.length} mutants caught within ${LIMIT_S} s.`,
  ].join('\n')
}

/** The first finding, those that say what became of a fact before all others. */
function firstOf(findings: readonly Finding[]): string {
  const [first] = findings.toSorted((a, b) => rank(a) - rank(b))
  return first ? `${first.is}: ${first.what.slice(0, 160).replaceAll('|', '\\|')}` : ''
}

function rank({ is }: Finding): number {
  return ['lost', 'doubled', 'out of order', 'other'].indexOf(is)
}
