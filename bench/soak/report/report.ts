import { table } from '../../harness/report/report.js'
import { mib, pointsOf, type Finding } from '../observe/findings.js'
import type { Outcome } from './outcome.js'
import type { Sample } from '../observe/sampler.js'
import { highest, median, type Pick } from '../observe/series.js'
import type { Quantiles } from '../load/traffic.js'
import type { Verdict } from './verdict.js'

/** The report of a soak test as Markdown. */
export function soakReport(outcome: Outcome, findings: Finding[], verdicts: Verdict[]): string {
  const blocks = [
    conditions(outcome),
    verdicts.map(verdict => `- ${stamp(verdict)}: ${verdict.text}`),
    minuteTable(outcome),
    trendTable(findings),
    cpuTable(outcome),
    troubles(outcome),
  ]
  return `${blocks
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`
}

function stamp({ holds }: Verdict): string {
  if (holds === undefined) return '**undecided**'
  return holds ? 'holds' : '**does not hold**'
}

function conditions({ machine, peak, rate, seconds, whole }: Outcome): string[] {
  const found =
    peak &&
    `Peak: ${(peak.traffic.answered / peak.seconds).toFixed(0)} requests/s of ${peak.callers} callers in ${peak.seconds} s ` +
      `(writes p50 ${ms(peak.traffic.write.p50)}, p99 ${ms(peak.traffic.write.p99)} ms; ${peak.traffic.failed} failed), ` +
      `all projected ${peak.settled?.toFixed(1) ?? 'more than 120'} s later.`
  return [
    ...machine,
    'One command, one projector and one query app, each in its own process; nine writes per read.',
    ...(found === undefined ? [] : [found]),
    `Load: ${rate.toFixed(0)} requests/s for ${(seconds / 60).toFixed(1)} minutes, ${whole.answered} answered; ` +
      `writes p50 ${ms(whole.write.p50)}, p99 ${ms(whole.write.p99)} ms, reads p50 ${ms(whole.read.p50)}, p99 ${ms(whole.read.p99)} ms, ` +
      'from the time at which a request was due.',
  ]
}

function minuteTable({ minutes, samples, seconds }: Outcome): string[] {
  const rows = minutes.flatMap((traffic, index) => {
    const within = samples.filter(({ second }) => Math.ceil(second / 60) === index + 1)
    // Responses after the last full second form a row without samples.
    if (within.length === 0) return []
    const show = (figure: (sample: Sample) => number | undefined, pick: Pick) => {
      const values = pointsOf(within, figure).map(({ value }) => value)
      return values.length === 0 ? '–' : pick(values).toFixed(0)
    }
    const three = (figure: (app: Sample['apps']['command']) => number | undefined, pick: Pick) =>
      (['command', 'projector', 'query'] as const).map(name => show(({ apps }) => figure(apps[name]), pick)).join(' / ')
    return [
      [
        `${index + 1}`,
        (traffic.answered / Math.min(60, seconds - index * 60)).toFixed(0),
        `${traffic.failed}`,
        pair(traffic.write),
        pair(traffic.read),
        show(({ lag }) => lag, highest),
        show(({ pending }) => pending, highest),
        three(({ loopDelay }) => loopDelay && loopDelay * 1000, median),
        three(({ rss }) => mib(rss), median),
        three(({ heap }) => mib(heap), median),
        show(({ broker }) => mib(broker?.all), median),
        show(({ postgres }) => mib(postgres?.all), median),
        show(({ databaseBytes }) => mib(databaseBytes), highest),
      ],
    ]
  })
  return table(
    [
      'minute',
      'answered/s',
      'failed',
      'writes p50 / p99, ms',
      'reads p50 / p99, ms',
      'lag, events (max)',
      'pending (max)',
      'event loop p99, ms: command / projector / query',
      'resident, MiB: command / projector / query',
      'heap used, MiB: command / projector / query',
      'broker, MiB',
      'Postgres, MiB',
      'database, MiB',
    ],
    rows,
  )
}

function trendTable(findings: Finding[]): string[] {
  const rows = findings.map(({ name, unit, trend, judgement }) => {
    if (!trend) return [name, '–', '–', '–', 'too few values']
    const { level, perHour, low, high } = trend
    const share = level === 0 ? '–' : `${signed((perHour / level) * 100)} %`
    const range = `${signed(perHour)} (${signed(low)} to ${signed(high)}) ${unit}/h`
    return [name, `${level.toFixed(1)} ${unit}`, range, share, judgement ?? '']
  })
  return table(['last two thirds', 'median', 'slope per hour (95 % confidence)', 'of the median', ''], rows)
}

function cpuTable({ cpu, seconds }: Outcome): string[] {
  const rows = Object.entries(cpu).map(([name, spent]) =>
    spent === undefined ? [name, '–', '–'] : [name, spent.toFixed(0), `${((spent / seconds) * 100).toFixed(0)} %`],
  )
  return table(['process', 'CPU seconds', 'of a core'], rows)
}

function troubles({ failures, warnings }: Outcome): string[] {
  const logged =
    warnings.length === 0 ? [] : [`- ${warnings.length} warnings logged by the apps, the first: ${warnings[0]}`]
  return [...[...failures].map(([failure, count]) => `- ${count} × ${failure}`), ...logged]
}

function pair({ p50, p99 }: Quantiles): string {
  return `${ms(p50)} / ${ms(p99)}`
}

function ms(figure: number | undefined): string {
  return figure === undefined ? '–' : figure.toFixed(figure < 10 ? 1 : 0)
}

function signed(figure: number): string {
  return `${figure < 0 ? '−' : '+'}${Math.abs(figure).toFixed(1)}`
}
