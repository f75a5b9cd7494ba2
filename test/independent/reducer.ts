import type { Deployment } from './deployments.js'
import { byEnvironment, byText, defaultPipeline, type Pipeline } from './pipeline.js'
import { byStart, currentOf, finish, inferredRollbacks, type Place, placesOf, start } from './places.js'

/** What the read API must answer about some deployments of one tenant, found the slow way: by looking at all, each time. */
export interface Recomputed {
  /** Every record as the API shows it, newest first. */
  history: Record<string, unknown>[]
  /** The records of what runs, by application, then in the order of the pipeline. */
  current: Record<string, unknown>[]
  /** How many rollbacks are inferred, by environment. */
  inferred: Record<string, number>
}

/** Recomputes history, what is current, and inferred rollbacks by the product's and the API's definitions. */
export function recompute(deployments: Deployment[], pipeline: Pipeline = defaultPipeline): Recomputed {
  const answers = new Map<Deployment, Record<string, unknown>>()
  const running: { place: Place; current: Deployment }[] = []
  const inferred: Record<string, number> = {}
  for (const place of placesOf(deployments, pipeline)) {
    const ordered = place.deployments
    const current = currentOf(place)
    if (current) running.push({ place, current })
    const rollbacks = inferredRollbacks(place)
    for (const deployment of ordered) {
      const undone = rollbacks.get(deployment)
      if (undone) inferred[deployment.environment] = (inferred[deployment.environment] ?? 0) + 1
      const overtaker = overtakerOf(deployment, ordered)
      const contester = deployment === current ? contesterOf(deployment, ordered) : undefined
      answers.set(deployment, answer(deployment, { active: deployment === current, undone, overtaker, contester }))
    }
  }
  const order = byEnvironment(pipeline)
  const byPlace = (a: Place, b: Place) => byText(a.application, b.application) || order(a.environment, b.environment)
  return {
    history: deployments.toSorted(newestFirst).map(deployment => answers.get(deployment)!),
    current: running.toSorted((a, b) => byPlace(a.place, b.place)).map(({ current }) => answers.get(current)!),
    inferred,
  }
}

/** Of the successes that started later and finished earlier, the one that started last. */
function overtakerOf(deployment: Deployment, ordered: Deployment[]): Deployment | undefined {
  if (!deployment.succeeded || finish(deployment) === start(deployment)) return undefined
  return ordered.findLast(
    other => other.succeeded && start(other) > start(deployment) && finish(other) < finish(deployment),
  )
}

/** Of the successes, not rolled back, that started before what runs and finished after it, the one that finished last. */
function contesterOf(current: Deployment, ordered: Deployment[]): Deployment | undefined {
  return ordered
    .filter(other => other.status === 'DEPLOYED' && start(other) < start(current) && finish(other) > finish(current))
    .toSorted((a, b) => finish(a) - finish(b) || byStart(a, b))
    .at(-1)
}

interface Judgement {
  active: boolean
  undone: Deployment | undefined
  overtaker: Deployment | undefined
  contester: Deployment | undefined
}

function answer(deployment: Deployment, { active, undone, overtaker, contester }: Judgement): Record<string, unknown> {
  const { id, application, environment, imageTag, status, deployedAt, completedAt, rollbackOf, more } = deployment
  const all = {
    ...more,
    id,
    application,
    environment,
    imageTag,
    status,
    active,
    deployedAt,
    completedAt,
    durationSeconds: completedAt === undefined ? undefined : (finish(deployment) - start(deployment)) / 1000,
    rollbackOf: rollbackOf ?? undone?.id,
    rollbackDetected: rollbackOf !== undefined ? 'reported' : undone ? 'inferred' : undefined,
    overtakenBy: overtaker?.id,
    contestedBy: contester?.id,
    recordedAt: deployment.recordedAt,
    position: `${deployment.partition}:${deployment.lastSeq}`,
    version: deployment.version,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

const newestFirst = (a: Deployment, b: Deployment) => start(b) - start(a) || a.partition - b.partition || b.seq - a.seq
