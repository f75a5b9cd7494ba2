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

/** What a place has held from an instant on, until its next stint. */
export interface Stint {
  from: number
  /** `undefined`: nothing ran. */
  running?: Pick<Run, 'deploymentId' | 'imageTag' | 'deployedAt' | 'logOrder'>
  /** It began because what ran before it was rolled back then; else because it finished then. */
  byRollback: boolean
}

/** Instants, both included. */
export interface Stretch {
  from: number
  until: number
}

/**
 * What ran in one place, in order of time: of the deployments that ran at an instant, the one that started last. What ran for no time
 * has no stint, and two stints that follow each other are of different deployments.
 *
 * @param runs all those that can have run just before the stretch or in it
 * @param stretch only what begins in it is told
 */
export function stintsOf(runs: readonly Run[], stretch: Stretch = { from: -Infinity, until: Infinity }): Stint[] {
  const arriving = runs.filter(({ from, until }) => from < until).toSorted((a, b) => a.from - b.from)
  const ends = arriving.flatMap(({ until }) => (until === Infinity ? [] : [until])).toSorted((a, b) => a - b)
  const alive = new Alive()
  const stints: Stint[] = []
  let before: Run | undefined
  for (let next = 0, ended = 0; next < arriving.length || ended < ends.length;) {
    const at = Math.min(arriving[next]?.from ?? Infinity, ends[ended] ?? Infinity)
    while (ends[ended] === at) ended++
    while (arriving[next]?.from === at) alive.add(arriving[next++]!)
    const running = alive.lastStarted(at)
    if (running !== before && at >= stretch.from && at <= stretch.until) stints.push(stintFrom(at, before, running))
    before = running
  }
  return stints
}

function stintFrom(at: number, before: Run | undefined, run: Run | undefined): Stint {
  const rolledBack = before?.until === at
  const arrived = run?.from === at
  // Where both happened in one instant, the later one in the log began it.
  const byRollback = rolledBack && !(arrived && run.logOrder > before.logOrder)
  if (!run) return { from: at, byRollback }
  const { deploymentId, imageTag, deployedAt, logOrder } = run
  return { from: at, running: { deploymentId, imageTag, deployedAt, logOrder }, byRollback }
}

/** Whether `a` started before `b`; ties by the log. */
export function startedBefore(
  a: Pick<Run, 'deployedAt' | 'logOrder'>,
  b: Pick<Run, 'deployedAt' | 'logOrder'>,
): boolean {
  return a.deployedAt < b.deployedAt || (a.deployedAt === b.deployedAt && a.logOrder < b.logOrder)
}

/** Runs by start, without those that can never come to the top again: they started before one that goes on for ever. */
class Alive {
  private readonly byStart: Run[] = []

  add(run: Run): void {
    // Mostly it is the one that started last: the place is looked for from the end.
    let place = this.byStart.length
    while (place > 0 && startedBefore(run, this.byStart[place - 1]!)) place--
    if (place === 0 && this.byStart[0]?.until === Infinity) return
    if (run.until === Infinity) this.byStart.splice(0, place, run)
    else this.byStart.splice(place, 0, run)
  }

  /** Asked with instants that only grow. */
  lastStarted(at: number): Run | undefined {
    while (this.byStart.length > 0 && this.byStart.at(-1)!.until <= at) this.byStart.pop()
    return this.byStart.at(-1)
  }
}
