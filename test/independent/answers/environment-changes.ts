import type { Deployment } from '../deployments/deployments.js'
import { byText, defaultPipeline, environmentName, type Pipeline } from '../deployments/pipeline.js'
import { byFinish, finish, instant, type Place, placesOf } from '../deployments/places.js'
import type { DriftQuestion } from './drift.js'
import { hasLabels, isOneOf } from './selected.js'
import { type Step, stepsOf } from './steps.js'

/** A row, without what depends on the present; tags with when they came to run. */
export type ChangesRow = Record<string, unknown> & { ahead: (Record<string, unknown> & { since: number })[] }

/**
 * What runs, or ran since, in one environment and not in another: the tags since it last had the one of the other, and the commits that came with
 * what finished since. By application; of deployments as they stood.
 */
export function environmentChanges(
  deployments: Deployment[],
  { source, target, application, label }: Omit<DriftQuestion, 'asOf'>,
  pipeline: Pipeline = defaultPipeline,
): ChangesRow[] {
  const places = placesOf(deployments, pipeline)
  const [from, to] = [source, target].map(name => environmentName(name, pipeline)) as [string, string]
  const names = [...new Set(places.map(place => place.application))].filter(name => isOneOf(name, application))
  return names.toSorted(byText).flatMap(name => {
    const [there, here] = [from, to].map(environment =>
      places.find(place => place.application === name && place.environment === environment),
    )
    const [steps, others] = [there, here].map(place => (place ? stepsOf(place) : [])) as [Step[], Step[]]
    const running = [steps, others].flatMap(side => side.at(-1)?.running ?? [])
    if (running.length === 0 || !running.some(({ more }) => hasLabels(more, label))) return []
    const newer = stepsAhead(steps, others)
    const found = newer[0] ? waiting(newer[0].from, there, here) : []
    const byTag = new Map<string, Step>()
    for (const step of newer.toReversed()) if (step.running) byTag.set(step.running.imageTag, step)
    return {
      application: name,
      source: from,
      target: to,
      aheadBy: byTag.size,
      ahead: [...byTag.values()]
        .toSorted((a, b) => b.from - a.from)
        .map(({ from: since, running: one }) => ({
          imageTag: one!.imageTag,
          deploymentId: one!.id,
          deployedAt: one!.deployedAt,
          since,
          commits: found.filter(({ tag }) => tag === one!.imageTag).length,
        })),
      commitCount: found.length,
      commits: found.map(({ tag: _, ...commit }) => commit),
    }
  })
}

/** The steps after the last one with the tag of the other side; without one, those of the tag that runs, unless the other side had it. */
function stepsAhead(steps: Step[], others: Step[]): Step[] {
  const [own, other] = [steps, others].map(side => side.at(-1)?.running?.imageTag)
  if (own === undefined || own === other) return []
  const last = other === undefined ? -1 : steps.findLastIndex(({ running }) => running?.imageTag === other)
  if (last >= 0) return steps.slice(last + 1)
  if (others.some(({ running }) => running?.imageTag === own)) return []
  return steps.slice(steps.findLastIndex(({ running }) => running?.imageTag !== own) + 1)
}

const commitsOf = ({ more }: Deployment) =>
  (more['commits'] ?? []) as { sha: string; committedAt: string; author?: string }[]
const bringing = (place: Place | undefined, sha: string) =>
  (place?.deployments ?? []).filter(
    deployment =>
      deployment.succeeded &&
      (deployment.more['gitCommit'] === sha || commitsOf(deployment).some(commit => commit.sha === sha)),
  )

/** Commits that what finished from an instant on first brought to a place, and nothing to the other. Latest first. */
function waiting(from: number, there: Place | undefined, here: Place | undefined) {
  const seen = new Set<string>()
  const successes = (there?.deployments ?? []).filter(({ succeeded }) => succeeded).toSorted(byFinish)
  const found = successes.flatMap(deployment =>
    commitsOf(deployment).flatMap(commit => {
      if (seen.has(commit.sha)) return []
      seen.add(commit.sha)
      const isOld = bringing(there, commit.sha).some(other => finish(other) < from)
      if (isOld || bringing(here, commit.sha).length > 0) return []
      return [{ ...commit, firstDeployedAt: deployment.deployedAt, tag: deployment.imageTag }]
    }),
  )
  return found.toSorted((a, b) => instant(b.committedAt) - instant(a.committedAt) || byText(a.sha, b.sha))
}
