import type { Deployment } from './deployments.js'

/** What the read API must answer about some deployments of one tenant, found the slow way: by looking at all, each time. */
export interface Recomputed {
  /** Every record as the API shows it, newest first. */
  history: Record<string, unknown>[]
  /** The records of what runs, by application, then in the order of the pipeline. */
  current: Record<string, unknown>[]
  /** How many rollbacks are inferred, by environment. */
  inferred: Record<string, number>
}

const pipeline = ['dev', 'staging', 'production']
const aliases: Record<string, string> = { development: 'dev', stage: 'staging', prod: 'production' }

/** Recomputes history, what is current, and inferred rollbacks by the product's and the API's definitions. */
export function recompute(deployments: Deployment[]): Recomputed {
  const places = new Map<string, Deployment[]>()
  for (const deployment of deployments) {
    const place = placeOf(deployment)
    places.set(place, places.get(place) ?? [])
    places.get(place)!.push(deployment)
  }
  const answers = new Map<Deployment, Record<string, unknown>>()
  const running: Deployment[] = []
  const inferred: Record<string, number> = {}
  for (const place of places.values()) {
    // By what happened: the start, then the log.
    const ordered = place.toSorted(byStart)
    const current = ordered.findLast(({ status }) => status === 'DEPLOYED')
    if (current) running.push(current)
    for (const [index, deployment] of ordered.entries()) {
      const replaced = deployment.succeeded ? ordered.slice(0, index).findLast(isSuccess) : undefined
      // A success replaces the success just before it; nothing else replaces anything.
      const goesBack = replaced !== undefined && isOlder(deployment, replaced, ordered)
      const undone = deployment.rollbackOf === undefined && goesBack ? replaced : undefined
      if (undone) inferred[deployment.environment] = (inferred[deployment.environment] ?? 0) + 1
      const overtaker = overtakerOf(deployment, ordered)
      const contester = deployment === current ? contesterOf(deployment, ordered) : undefined
      answers.set(deployment, answer(deployment, { active: deployment === current, undone, overtaker, contester }))
    }
  }
  return {
    history: deployments.toSorted(newestFirst).map(deployment => answers.get(deployment)!),
    current: running.toSorted(byPlace).map(deployment => answers.get(deployment)!),
    inferred,
  }
}

/** Whether its tag first succeeded there before the other's tag first did. */
function isOlder(deployment: Deployment, replaced: Deployment, ordered: Deployment[]): boolean {
  const firstOf = (tag: string) => ordered.find(({ succeeded, imageTag }) => succeeded && imageTag === tag)!
  return byStart(firstOf(deployment.imageTag), firstOf(replaced.imageTag)) < 0
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

const instants = new Map<string, number>()

/** As Date.parse, which is slow to be asked the same again and again. */
function instant(text: string): number {
  const known = instants.get(text) ?? Date.parse(text)
  instants.set(text, known)
  return known
}

const isSuccess = ({ succeeded }: Deployment) => succeeded
const start = ({ deployedAt }: Deployment) => instant(deployedAt)
const finish = ({ deployedAt, completedAt }: Deployment) => instant(completedAt ?? deployedAt)
const byStart = (a: Deployment, b: Deployment) => start(a) - start(b) || a.seq - b.seq
const newestFirst = (a: Deployment, b: Deployment) => start(b) - start(a) || a.partition - b.partition || b.seq - a.seq

/** The default pipeline's name of an environment. */
export function environmentName(environment: string): string {
  return aliases[environment] ?? environment
}

function placeOf({ application, environment }: Deployment): string {
  return JSON.stringify([application, environmentName(environment)])
}

function byPlace(a: Deployment, b: Deployment): number {
  const rank = ({ environment }: Deployment) => {
    const index = pipeline.indexOf(environmentName(environment))
    return index < 0 ? pipeline.length : index
  }
  const byText = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0)
  return (
    byText(a.application, b.application) ||
    rank(a) - rank(b) ||
    byText(environmentName(a.environment), environmentName(b.environment))
  )
}
