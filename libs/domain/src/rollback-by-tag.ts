import { refuse, resolveEnvironment, type DeploymentRecord, type Pipeline, type Rejection } from '#libs/contracts'
import { placeOf } from './deployment-index.js'
import { alreadyRolledBack } from './deployment.js'

export interface TagSelection {
  imageTag: string
  application?: string
  environment?: string
}

/**
 * Which deployment "roll back this tag" means. Per (application, environment) only the tag's latest deployment counts.
 * Candidates are those that run now; where none does, the latest ones; it must come down to one.
 *
 * @param pipeline the tenant's: which names mean one environment
 * @param latest the tag's latest deployment of each application under each name of an environment, the latest of all first
 * @param runs whether a deployment is what runs now in its application and environment
 */
export function chooseByTag(
  { imageTag, application, environment }: TagSelection,
  pipeline: Pipeline,
  latest: DeploymentRecord[],
  runs: (record: DeploymentRecord) => boolean,
): DeploymentRecord | Rejection {
  const name = (of: string) => resolveEnvironment(pipeline, of)
  const selected = latestOfEachPlace(pipeline, latest).filter(
    record =>
      (application === undefined || record.application === application) &&
      (environment === undefined || name(record.environment) === name(environment)),
  )
  const [first] = selected
  if (!first) return refuse('not-found', `no deployment has the tag ${imageTag}${where(application, environment)}`)

  // One that is rolled back counts too: who asks twice must not have the tag's deployment elsewhere marked by the second time.
  if (selected.every(({ status }) => status === 'ROLLED_BACK')) return alreadyRolledBack(first)
  const running = selected.filter(runs)
  const candidates = running.length > 0 ? running : selected
  if (candidates.length === 1) return candidates[0]!
  return refuse(
    'conflict',
    `${candidates.length} deployments have the tag ${imageTag}: name application and environment, or roll back one by its id`,
    {
      details: {
        candidates: candidates.map(({ id, application, environment, imageTag, status, deployedAt }) => ({
          id,
          application,
          environment,
          imageTag,
          status,
          deployedAt,
        })),
      },
    },
  )
}

function latestOfEachPlace(pipeline: Pipeline, latest: DeploymentRecord[]): DeploymentRecord[] {
  const places = new Map<string, DeploymentRecord>()
  for (const record of latest) {
    const { application, environment } = record
    const place = placeOf({ application, environment: resolveEnvironment(pipeline, environment) })
    if (!places.has(place)) places.set(place, record)
  }
  return [...places].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record)
}

function where(application?: string, environment?: string): string {
  return (application ? ` in application ${application}` : '') + (environment ? ` in environment ${environment}` : '')
}
