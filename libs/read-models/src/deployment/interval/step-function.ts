import TinyQueue from 'tinyqueue'

/** A deployment that was or may have been active: from its finish until its rollback. From its removal on nothing is active in its place. Instants are milliseconds since 1970. */
export interface Run {
  deploymentId: string
  imageTag: string
  deployedAt: number
  logOrder: bigint
  from: number
  /** `Infinity` if it was not rolled back. */
  until: number
  /** Only if it was not rolled back. */
  removedAt?: number
}

/** A part of the time in which a deployment was active, or nothing was since it had been removed. */
export interface RunPart {
  run: Run
  from: number
  /** Exclusive. */
  until: number
}

type ActiveRun = Pick<Run, 'deploymentId' | 'imageTag' | 'deployedAt' | 'logOrder'>

/** The active deployment of a slot from an instant until its next interval. */
export interface Interval {
  from: number
  /** `undefined` if no deployment is active. */
  active?: ActiveRun
  /** The deployment that would be active if it had not been removed. */
  removed?: ActiveRun
  /** Whether it starts because the previous deployment was rolled back then, rather than because it finished or was removed then. */
  byRollback: boolean
}

/** An interval as it follows from the one before it. */
export interface FollowingInterval extends Interval {
  /** Whether its tag begins to be active: the interval before it has another tag, or none. */
  newTag: boolean
}

/** A span of time, both ends inclusive. */
export interface Span {
  from: number
  until: number
}

/**
 * The intervals of one slot in order of time: of the deployments that could be active at an instant, the one that started last is, unless it
 * has been removed by then: then none is.
 * Deployments that were active for no time have no interval, and consecutive intervals have different deployments. Costs O(n log n).
 *
 * @param runs all deployments that can have been active directly before the span or in it
 * @param span only intervals that start in it are returned
 */
export function intervalsOf(runs: readonly Run[], span?: Span): FollowingInterval[] {
  return intervalsOfParts(
    runs.map(run => ({ run, from: run.from, until: run.until })),
    span,
  )
}

/** The same for parts: of a deployment that is hidden at some times, the parts may be limited to the others. */
export function intervalsOfParts(
  parts: readonly RunPart[],
  span: Span = { from: -Infinity, until: Infinity },
): FollowingInterval[] {
  const arriving = parts.filter(({ from, until }) => from < until).toSorted((a, b) => a.from - b.from)
  const ends = arriving.flatMap(({ until }) => (until === Infinity ? [] : [until])).toSorted((a, b) => a - b)
  const removals = arriving.flatMap(({ run }) => run.removedAt ?? []).toSorted((a, b) => a - b)
  const alive = new TinyQueue<RunPart>([], (a, b) => (startedBefore(a.run, b.run) ? 1 : -1))
  const intervals: FollowingInterval[] = []
  let before: Run | undefined
  let wasRemoved = false
  for (
    let next = 0, ended = 0, removed = 0;
    next < arriving.length || ended < ends.length || removed < removals.length;
  ) {
    const at = Math.min(arriving[next]?.from ?? Infinity, ends[ended] ?? Infinity, removals[removed] ?? Infinity)
    while (ends[ended] === at) ended++
    while (removals[removed] === at) removed++
    while (arriving[next]?.from === at) alive.push(arriving[next++]!)
    while (alive.length > 0 && alive.peek()!.until <= at) alive.pop()
    const run = alive.peek()?.run
    const isRemoved = run?.removedAt !== undefined && run.removedAt <= at
    const hasChanged = run?.deploymentId !== before?.deploymentId || isRemoved !== wasRemoved
    if (hasChanged && at >= span.from && at <= span.until)
      intervals.push(startedInterval(at, { run: before, isRemoved: wasRemoved }, { run, isRemoved }))
    before = run
    wasRemoved = isRemoved
  }
  return intervals
}

/** The deployment that would be active at an instant if it had not been removed, and whether it was. */
interface State {
  run: Run | undefined
  isRemoved: boolean
}

function startedInterval(at: number, before: State, { run, isRemoved }: State): FollowingInterval {
  const rolledBack = before.run?.until === at
  const arrived = run !== undefined && (run.from === at || run.removedAt === at)
  // If both happened at one instant, the later one in the log is the cause.
  const byRollback = rolledBack && !(arrived && run.logOrder > before.run!.logOrder)
  if (!run) return { from: at, byRollback, newTag: false }
  const { deploymentId, imageTag, deployedAt, logOrder } = run
  const deployment = { deploymentId, imageTag, deployedAt, logOrder }
  if (isRemoved) return { from: at, removed: deployment, byRollback, newTag: false }
  return { from: at, active: deployment, byRollback, newTag: before.isRemoved || imageTag !== before.run?.imageTag }
}

/** Whether `a` started before `b`; ties by the log. */
export function startedBefore(
  a: Pick<Run, 'deployedAt' | 'logOrder'>,
  b: Pick<Run, 'deployedAt' | 'logOrder'>,
): boolean {
  return a.deployedAt < b.deployedAt || (a.deployedAt === b.deployedAt && a.logOrder < b.logOrder)
}
