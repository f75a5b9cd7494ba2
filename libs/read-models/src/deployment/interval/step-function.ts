import TinyQueue from 'tinyqueue'

/** A deployment that ran, or may have: from its finish until it was rolled back. Instants are milliseconds since 1970. */
export interface Run {
  deploymentId: string
  imageTag: string
  deployedAt: number
  logOrder: bigint
  from: number
  /** `Infinity`: it was not rolled back. */
  until: number
}

/** A part of the time in which a deployment ran. */
export interface RunPart {
  run: Run
  from: number
  /** Excluded. */
  until: number
}

/** What a place has held from an instant on, until its next interval. */
export interface Interval {
  from: number
  /** `undefined`: nothing ran. */
  active?: Pick<Run, 'deploymentId' | 'imageTag' | 'deployedAt' | 'logOrder'>
  /** It began because what ran before it was rolled back then; else because it finished then. */
  byRollback: boolean
}

/** A span of time, both ends included. */
export interface Span {
  from: number
  until: number
}

/**
 * What ran in one place, in order of time: of the deployments that ran at an instant, the one that started last. What ran for no time
 * has no interval, and two intervals that follow each other are of different deployments. Costs O(n log n).
 *
 * @param runs all those that can have run just before the span or in it
 * @param span only what begins in it is given
 */
export function intervalsOf(runs: readonly Run[], span?: Span): Interval[] {
  return intervalsOfParts(
    runs.map(run => ({ run, from: run.from, until: run.until })),
    span,
  )
}

/** The same of parts: of a deployment that is hidden at other times, only those in which it is not may be given. */
export function intervalsOfParts(
  parts: readonly RunPart[],
  span: Span = { from: -Infinity, until: Infinity },
): Interval[] {
  const arriving = parts.filter(({ from, until }) => from < until).toSorted((a, b) => a.from - b.from)
  const ends = arriving.flatMap(({ until }) => (until === Infinity ? [] : [until])).toSorted((a, b) => a - b)
  const alive = new TinyQueue<RunPart>([], (a, b) => (startedBefore(a.run, b.run) ? 1 : -1))
  const intervals: Interval[] = []
  let before: Run | undefined
  for (let next = 0, ended = 0; next < arriving.length || ended < ends.length;) {
    const at = Math.min(arriving[next]?.from ?? Infinity, ends[ended] ?? Infinity)
    while (ends[ended] === at) ended++
    while (arriving[next]?.from === at) alive.push(arriving[next++]!)
    while (alive.length > 0 && alive.peek()!.until <= at) alive.pop()
    const active = alive.peek()?.run
    if (active?.deploymentId !== before?.deploymentId && at >= span.from && at <= span.until) {
      intervals.push(intervalStart(at, before, active))
    }
    before = active
  }
  return intervals
}

function intervalStart(at: number, before: Run | undefined, run: Run | undefined): Interval {
  const rolledBack = before?.until === at
  const arrived = run?.from === at
  // Where both happened in one instant, the later one in the log began it.
  const byRollback = rolledBack && !(arrived && run.logOrder > before.logOrder)
  if (!run) return { from: at, byRollback }
  const { deploymentId, imageTag, deployedAt, logOrder } = run
  return { from: at, active: { deploymentId, imageTag, deployedAt, logOrder }, byRollback }
}

/** Whether `a` started before `b`; ties by the log. */
export function startedBefore(
  a: Pick<Run, 'deployedAt' | 'logOrder'>,
  b: Pick<Run, 'deployedAt' | 'logOrder'>,
): boolean {
  return a.deployedAt < b.deployedAt || (a.deployedAt === b.deployedAt && a.logOrder < b.logOrder)
}
