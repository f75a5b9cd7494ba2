import type { Deployment } from '../deployments/deployments.js'
import { finish, type Place, rolledBack, start } from '../deployments/places.js'

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

/** What ran before was rolled back then, or what runs finished then; where both happened in one instant, the later in the log. */
function causeOf(t: number, before: Deployment | undefined, running: Deployment | undefined): Deployment {
  const marked = before !== undefined && rolledBack(before) === t ? before : undefined
  const arrived = running !== undefined && finish(running) === t ? running : undefined
  if (marked && arrived) return marked.seq > arrived.seq ? marked : arrived
  return (marked ?? arrived)!
}
