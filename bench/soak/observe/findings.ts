import type { AppName } from './production.js'
import type { Sample } from './sampler.js'
import { highest, median, windowed, type Pick, type Point } from './series.js'
import { judge, theilSen, type Judgement, type Trend } from './trend.js'

/** Share of a memory's level by which it may grow per hour. */
export const MEMORY_GROWTH = 0.1
/** Before that a heap was not collected often enough to distinguish growth from warm-up. */
const JUDGED_AFTER_SECONDS = 600
/** Number of windows for a trend: variation within one window is ignored. */
const WINDOWS = 120
/** For memory; in each the apps collect their garbage once. */
const MEMORY_WINDOWS = 12

export interface Finding {
  name: string
  unit: 'MiB' | 'ms' | 'events'
  trend?: Trend
  /** Absent if a trend is only shown. */
  judgement?: Judgement
}

const MIB = 2 ** 20

type Figure = (sample: Sample) => number | undefined

/** The points of a value, if observed, each in the middle of its second. */
export function pointsOf(samples: Sample[], figure: Figure): Point[] {
  return samples.flatMap(sample => {
    const value = figure(sample)
    return value === undefined ? [] : [{ at: sample.second - 0.5, value }]
  })
}

/** Seconds between two collections of an app's garbage. */
export function collectEvery(seconds: number): number {
  return Math.max(10, Math.floor(seconds / MEMORY_WINDOWS))
}

/** Memory in MiB. */
export function mib(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / MIB
}

function inMib(bytes: Figure): Figure {
  return sample => mib(bytes(sample))
}

/** Trends of the last two thirds, the first one being warm-up, with their judgements; none in less than ten minutes. `rate`: requests per second. */
export function findings(samples: Sample[], seconds: number, rate: number): Finding[] {
  const trendOf = (figure: Figure, pick: Pick, windows = WINDOWS) => {
    const points = windowed(pointsOf(samples, figure), windows, seconds, pick)
    return theilSen(points.filter(({ at }) => at > seconds / 3))
  }
  const judged = (trend: Trend | undefined, letPass: number) =>
    trend && (seconds < JUDGED_AFTER_SECONDS ? 'undecided' : judge(trend, letPass))
  const memory = (name: string, bytes: Figure): Finding => {
    const trend = trendOf(inMib(bytes), median, MEMORY_WINDOWS)
    return {
      name,
      unit: 'MiB',
      trend,
      judgement: judged(trend, (trend?.level ?? 0) * MEMORY_GROWTH),
    }
  }
  const heap = (app: AppName) =>
    memory(`${app}, heap after collection`, ({ collected, apps }) => (collected === app ? apps[app].heap : undefined))
  const latency = (name: string, figure: Figure): Finding => ({ name, unit: 'ms', trend: trendOf(figure, median) })
  const lag = trendOf(({ lag }) => lag, highest)
  return [
    memory('command, resident', ({ apps }) => apps.command.rss),
    memory('projector, resident', ({ apps }) => apps.projector.rss),
    memory('query, resident', ({ apps }) => apps.query.rss),
    heap('command'),
    heap('projector'),
    heap('query'),
    memory('broker without its mapped files', ({ broker }) => broker?.own),
    memory('Postgres without its shared buffers', ({ postgres }) => postgres?.own),
    { name: 'lag of the projector', unit: 'events', trend: lag, judgement: judged(lag, rate) },
    latency('writes, p50', ({ traffic }) => traffic.write.p50),
    latency('writes, p99 of a second', ({ traffic }) => traffic.write.p99),
    latency('reads, p50', ({ traffic }) => traffic.read.p50),
    latency('reads, p99 of a second', ({ traffic }) => traffic.read.p99),
  ]
}
