import type { Deployment } from '../deployments/deployments.js'
import { finish, type Place, removed, rolledBack, start } from '../deployments/places.js'

/** From `from` (ms) on, `running` ran; `cause` is the deployment whose arrival, removal or rollback made it so. */
export interface Step {
  from: number
  running: Deployment | undefined
  cause: Deployment
  /** Whether its removal did. */
  byRemoval: boolean
}

/**
 * What ran in a place, as a function of time: at each instant the latest success by start that had finished by then and was not
 * rolled back by then; nothing from when on that one was removed. Steps follow one another with something else running, or nothing.
 */
export function stepsOf({ deployments }: Place): Step[] {
  const successes = deployments.filter(
    deployment => deployment.succeeded && (deployment.status === 'DEPLOYED' || rolledBack(deployment) !== undefined),
  )
  const instants = new Set(successes.flatMap(one => [finish(one), rolledBack(one) ?? [], removed(one) ?? []].flat()))
  const steps: Step[] = []
  const started: Deployment[] = []
  let latestBefore: Deployment | undefined
  for (const t of [...instants].toSorted((a, b) => a - b)) {
    while (started.length < successes.length && start(successes[started.length]!) <= t)
      started.push(successes[started.length]!)
    const latest = started.findLast(deployment => finish(deployment) <= t && t < (rolledBack(deployment) ?? Infinity))
    const running = latest && t < (removed(latest) ?? Infinity) ? latest : undefined
    if (running !== steps.at(-1)?.running) steps.push({ from: t, running, ...causeOf(t, latestBefore, latest) })
    latestBefore = latest
  }
  return steps
}

/**
 * The latest one before was rolled back then, or the latest one now finished or was removed then; where both happened in one instant, the
 * later in the log.
 */
function causeOf(t: number, before: Deployment | undefined, latest: Deployment | undefined) {
  const marked = before !== undefined && rolledBack(before) === t ? before : undefined
  const changed = latest !== undefined && [finish(latest), removed(latest)].includes(t) ? latest : undefined
  const cause = (marked && changed ? (marked.seq > changed.seq ? marked : changed) : (marked ?? changed))!
  return { cause, byRemoval: cause !== marked && removed(cause) !== undefined && removed(cause)! <= t }
}
