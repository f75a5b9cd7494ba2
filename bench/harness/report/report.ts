import { cpuPerThousand, latency, rates, type Measured } from './rounds.js'
import { spreadOf, type Spread } from './statistics.js'

/** A measured figure and its reference. */
export interface Comparison {
  title: string
  /** Events per second, or a latency: median or 99th percentile. */
  figure: 'rate' | 'p50' | 'p99'
  subject: Measured
  /** Without it, the target applies to the figure itself (in milliseconds), not to a ratio. */
  against?: Measured
  /** Without it, the figure is only shown. */
  target?: { atLeast: number } | { atMost: number }
}

/** The result of a benchmark. */
export interface Result {
  name: string
  comparisons: Comparison[]
  measured: Measured[]
  /** Figures that are not measured in rounds: lines of Markdown. */
  tables?: string[][]
  /** Conditions of the measurement that a reader must know. */
  notes: string[]
}

/** The comparisons of all results, as a table in Markdown. Ratios are computed per round. */
export function comparisonTable(results: Result[]): string[] {
  const rows = results
    .flatMap(({ comparisons }) => comparisons)
    .map(({ title, figure, subject, against, target }) => {
      const ours = figures(subject, figure)
      const theirs = against && figures(against, figure)
      const ratio = theirs && spreadOf(ours.map((value, round) => value / theirs[round]!))
      const [wanted, met] = verdict(ratio ?? spreadOf(ours), target)
      const show = (values: number[]) => (figure === 'rate' ? perSecond(spreadOf(values)) : inMs(spreadOf(values)))
      return [title, show(ours), theirs ? show(theirs) : '–', ratio ? range(ratio, digits) : '–', wanted, met]
    })
  return table(['benchmark', 'measured', 'against', 'ratio', 'target', ''], rows)
}

/** The figures of each subject: rate, latency, and the CPU time per thousand events by process. */
export function subjectTable(results: Result[]): string[] {
  const rows = results.flatMap(({ name, measured }) =>
    measured.map(subject => {
      const [p50, p99] = [latency(subject, 0.5), latency(subject, 0.99)]
      const cpu = (['broker', 'postgres', 'node', 'load'] as const).map(part => cpuPerThousand(subject, part))
      return [
        `${name}: ${subject.name}`,
        perSecond(spreadOf(rates(subject))),
        p50 ? inMs(spreadOf(p50)) : '–',
        p99 ? inMs(spreadOf(p99)) : '–',
        ...cpu.map(spread => (spread ? spread.median.toFixed(0) : '–')),
      ]
    }),
  )
  return table(
    ['', 'events/s', 'p50', 'p99', 'CPU ms per 1,000 events: broker', 'Postgres', 'Node', 'load generator'],
    rows,
  )
}

function verdict({ median }: Spread, target: Comparison['target']): [wanted: string, met: string] {
  if (!target) return ['–', '']
  const [wanted, met] =
    'atLeast' in target
      ? [`≥ ${target.atLeast}`, median >= target.atLeast]
      : [`≤ ${target.atMost}`, median <= target.atMost]
  return [wanted, met ? 'met' : '**missed**']
}

function figures(measured: Measured, figure: Comparison['figure']): number[] {
  const values = figure === 'rate' ? rates(measured) : latency(measured, figure === 'p50' ? 0.5 : 0.99)
  if (!values) throw new Error(`${measured.name} has no latencies`)
  return values
}

/** A table in Markdown; all columns but the first contain figures. */
export function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)]
}

function range({ median, min, max }: Spread, show: (figure: number) => string): string {
  return `${show(median)} (${show(min)}–${show(max)})`
}

function perSecond(spread: Spread): string {
  return `${range(spread, figure => Math.round(figure).toLocaleString('en'))} /s`
}

function inMs(spread: Spread): string {
  return `${range(spread, digits)} ms`
}

/** Rounds reproduce at most three significant digits. */
function digits(figure: number): string {
  return figure >= 100 ? figure.toFixed(0) : figure.toPrecision(3)
}
