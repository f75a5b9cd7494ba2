import type { Deployment } from '../deployments/deployments.js'
import { defaultPipeline, environmentName, type Pipeline } from '../deployments/pipeline.js'
import { byStart, currentOf, inferredRollbacks, placesOf, reportedRollbacks } from '../deployments/places.js'

/** What is to be got rid of: a deployment by its id, or what runs in a place. */
export type ProblemQuestion = { deploymentId: string } | { application: string; environment: string }

/** Where to roll back to, by ids. */
export interface TargetDue {
  problem?: string
  target?: string
  /** Newest first: what is no target, why, and for what was undone who did it. */
  passedOver: {
    id: string
    why: 'PENDING' | 'FAILED' | 'CANCELLED' | 'ROLLED_BACK' | 'same tag' | 'undone'
    by?: string
  }[]
}

/** Where a rollback must lead to, among the deployments of one tenant at a moment. */
export function rollbackTarget(
  deployments: Deployment[],
  question: ProblemQuestion,
  pipeline: Pipeline = defaultPipeline,
): TargetDue {
  const place = placesOf(deployments, pipeline).find(one =>
    'deploymentId' in question
      ? one.deployments.some(({ id }) => id === question.deploymentId)
      : one.application === question.application && one.environment === environmentName(question.environment, pipeline),
  )
  const problem =
    'deploymentId' in question
      ? place?.deployments.find(({ id }) => id === question.deploymentId)
      : place && currentOf(place)
  if (!place || !problem) return { passedOver: [] }

  const reported = reportedRollbacks(place)
  const wentBackFrom = new Map([...inferredRollbacks(place)].map(([by, undone]) => [undone, by]))
  const due: TargetDue = { problem: problem.id, passedOver: [] }
  for (const deployment of place.deployments.filter(one => byStart(one, problem) < 0).toReversed()) {
    const { id, status, imageTag } = deployment
    const by = reported.get(id)?.[0] ?? wentBackFrom.get(deployment)
    if (status !== 'DEPLOYED')
      due.passedOver.push({ id, why: status as 'PENDING' | 'FAILED' | 'CANCELLED' | 'ROLLED_BACK' })
    else if (imageTag === problem.imageTag) due.passedOver.push({ id, why: 'same tag' })
    else if (by) due.passedOver.push({ id, why: 'undone', by: by.id })
    else return { ...due, target: id }
  }
  return due
}
