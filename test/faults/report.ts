import type { FaultRun } from './run/fault-run.js'
import type { Injection } from './run/injector.js'
import type { Finding } from './oracle/finding.js'
import type { ScenarioResult } from './scenarios/scenario.js'

/** Acknowledged commands are counted for so long before and after a fault. */
const AROUND_MS = 5000
/** The lowest throughput is that of a span of this length. */
const SPAN_MS = 10_000
/** A fault may show this long after it ended. */
const AFTERMATH_MS = 15_000
const MOST_FINDINGS = 20

const kindsOfFinding = ['lost', 'doubled', 'out of order', 'other'] as const

/** One row of the table. */
interface Row {
  name: string
  injected: number
  missed: number
  ackedBefore: number
  ackedAfter: number
  findings: Record<Finding['is'], number>
}

/** A fault with a world of its own, and what it came to. */
export interface ScenarioRun {
  name: string
  result: ScenarioResult
}

/** What a run has come to, as Markdown; the last line is the verdict. */
export function report(run: FaultRun | undefined, scenarios: readonly ScenarioRun[]): string {
  const injections = run?.injections.filter(({ done }) => done) ?? []
  const findings = run?.findings ?? []
  const results = scenarios.map(({ result }) => result)
  const told = [
    ...findings.map(({ is, what }) => `${is}: ${what}`),
    ...scenarios.flatMap(({ name, result }) => faultsOf(result).map(what => `${name}: ${what}`)),
  ]
  const injected = injections.length + sum(results.map(result => result.injected))
  const kinds = new Set(injections.map(({ kind }) => kind.name)).size + results.filter(result => result.injected).length
  const all = {
    lost: countFindings(findings).lost + sum(results.map(({ lost }) => lost.length)),
    doubled: countFindings(findings).doubled + sum(results.map(({ doubled }) => doubled.length)),
    outOfOrder: countFindings(findings)['out of order'] + sum(results.map(({ outOfOrder }) => outOfOrder.length)),
  }
  return [
    ...(run ? [...table(rowsOf(run)), '', ...throughput(run), ''] : []),
    ...(scenarios.length > 0 ? [...scenarioTable(scenarios), ''] : []),
    ...details(told),
    `**${told.length === 0 ? 'PASSED' : 'FAILED'}**: ${injected} faults of ${kinds} kinds, ${all.lost} lost, ` +
      `${all.doubled} doubled, ${all.outOfOrder} out of order, ${told.length} findings in all.`,
  ].join('\n')
}

/** Whether nothing was found. */
export function passed(run: FaultRun | undefined, scenarios: readonly ScenarioRun[]): boolean {
  return !run?.findings.length && scenarios.every(({ result }) => faultsOf(result).length === 0)
}

function rowsOf(run: FaultRun): Row[] {
  const names = [...new Set(run.injections.map(({ kind }) => kind.name))].toSorted()
  return names.map(name => {
    const all = run.injections.filter(({ kind }) => kind.name === name)
    const done = all.filter(injection => injection.done)
    const rate = (from: (injection: Injection) => number) =>
      done.length === 0
        ? 0
        : sum(done.map(injection => acked(run, from(injection), AROUND_MS))) / done.length / (AROUND_MS / 1000)
    const near = run.findings.filter(
      ({ at }) => at !== undefined && done.some(one => one.at - 1000 < at && at < one.endedAt + AFTERMATH_MS),
    )
    return {
      name,
      injected: done.length,
      missed: all.length - done.length,
      ackedBefore: rate(({ at }) => at - AROUND_MS),
      ackedAfter: rate(({ endedAt }) => endedAt),
      findings: countFindings(near),
    }
  })
}

function table(rows: Row[]): string[] {
  return [
    '| kind | injected | not reached | acked/s before | after | lost | doubled | out of order | other |',
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...rows.map(({ name, injected, missed, ackedBefore, ackedAfter, findings }) => {
      const cells = [
        name,
        injected,
        missed,
        ackedBefore.toFixed(0),
        ackedAfter.toFixed(0),
        ...kindsOfFinding.map(is => findings[is]),
      ]
      return `| ${cells.join(' | ')} |`
    }),
  ]
}

function scenarioTable(scenarios: readonly ScenarioRun[]): string[] {
  return [
    '| with a world of its own | injected | acked | lost | doubled | out of order | other |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...scenarios.map(({ name, result: { injected, acked, lost, doubled, outOfOrder, other, skipped } }) => {
      const what = skipped === undefined ? name : `${name}, skipped: ${skipped}`
      return `| ${[what, injected, acked, lost.length, doubled.length, outOfOrder.length, other.length].join(' | ')} |`
    }),
  ]
}

function throughput(run: FaultRun): string[] {
  const { ledger, from, to, events } = run
  const seconds = (to - from) / 1000
  const spans = Array.from({ length: Math.floor((to - from) / SPAN_MS) }, (_, index) =>
    acked(run, from + index * SPAN_MS, SPAN_MS),
  )
  const ends = (['acked', 'accepted', 'refused', 'unknown'] as const).map(end => `${ledger.count(end)} ${end}`)
  return [
    `- ${ledger.sent.length} commands: ${ends.join(', ')}; ${events} events in the log.`,
    `- ${(ledger.ackedAt.length / seconds).toFixed(1)} acked/s under fault over ${seconds.toFixed(0)} s; the lowest ${SPAN_MS / 1000} s: ` +
      `${spans.length === 0 ? '-' : (Math.min(...spans) / (SPAN_MS / 1000)).toFixed(1)}/s; longest pause ${(ledger.longestPause(from, to) / 1000).toFixed(1)} s.`,
  ]
}

function acked({ ledger }: FaultRun, from: number, ms: number): number {
  return ledger.ackedAt.filter(at => from <= at && at < from + ms).length
}

function details(findings: string[]): string[] {
  if (findings.length === 0) return []
  const shown = findings.slice(0, MOST_FINDINGS).map(what => `- ${what}`)
  const more = findings.length - shown.length
  return [...shown, ...(more > 0 ? [`- and ${more} more`] : []), '']
}

function countFindings(findings: Finding[]): Row['findings'] {
  const count = (is: Finding['is']) => findings.filter(finding => finding.is === is).length
  return {
    lost: count('lost'),
    doubled: count('doubled'),
    'out of order': count('out of order'),
    other: count('other'),
  }
}

function faultsOf({ lost, doubled, outOfOrder, other }: ScenarioResult): string[] {
  return [...lost, ...doubled, ...outOfOrder, ...other]
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
