import type { Deployment } from './deployments.js'
import { byStart, finish, type Place, rolledBack, start } from './places.js'

/** From `from` (ms) on, `running` ran; `cause` is the deployment whose arrival or whose being rolled back made it so. */
export interface Step {
  from: number
  running: Deployment | undefined
  cause: Deployment
}

/**
 * What ran in a place, as a function of time: at each instant the latest success by start that had finished by then and was not
 * rolled back by then. Steps follow one another with something else running, or nothing.
 */
export function stepsOf({ deployments }: Place): Step[] {
  const successes = deployments.filter(
    deployment => deployment.succeeded && (deployment.status === 'DEPLOYED' || rolledBack(deployment) !== undefined),
  )
  const instants = new Set(successes.flatMap(deployment => [finish(deployment), rolledBack(deployment) ?? []].flat()))
  const steps: Step[] = []
  const started: Deployment[] = []
  for (const t of [...instants].toSorted((a, b) => a - b)) {
    while (started.length < successes.length && start(successes[started.length]!) <= t)
      started.push(successes[started.length]!)
    const running = started.findLast(deployment => finish(deployment) <= t && t < (rolledBack(deployment) ?? Infinity))
    const before = steps.at(-1)?.running
    if (running !== before) steps.push({ from: t, running, cause: causeOf(t, before, running) })
  }
  return steps
}

/** A mark is the cause where what ran before would run on without it. */
function causeOf(t: number, before: Deployment | undefined, running: Deployment | undefined): Deployment {
  const marked = before !== undefined && rolledBack(before) === t
  if (marked && (running === undefined || byStart(running, before) < 0)) return before
  return running!
}
