import type { SafetyCheck } from '#libs/api'
import { defaultApplication } from '#libs/contracts'
import { HttpProblem, parameterProblem } from '#libs/http'
import {
  objectionTo,
  passedOver,
  recordChecks,
  type PresentedRecord,
  type Objection,
  type PassedOver,
  type RollbackCandidates,
  type RollbackSearch,
} from '#libs/read-models'
import type { RollbackTargetQuery } from './deployment-params.js'
import type { ImageRegistry } from './image-registry.js'

/** Response with a rollback target and its safety checks. */
export interface RollbackTarget {
  problem: PresentedRecord
  target: PresentedRecord
  passedOver: PassedOver[]
  checks: SafetyCheck[]
}

/** The search of a query; throws a 400 if it names neither a deployment nor an environment. */
export function rollbackSearch(tenant: string, query: RollbackTargetQuery): RollbackSearch {
  const { application, environment, deploymentId, asOf, knownAt } = query
  const moment = { asOf, knownAt }
  if (deploymentId !== undefined) return { tenant, application, environment, deploymentId, moment }
  if (environment === undefined) {
    throw parameterProblem([{ parameter: 'environment', detail: 'is required without `deploymentId`' }])
  }
  return { tenant, application: application ?? defaultApplication, environment, moment }
}

/** Checks the target that was found; throws a 404 with the reason if there is no deployment to roll back, or none to roll back to. */
export async function rollbackTarget(
  search: RollbackSearch,
  found: RollbackCandidates,
  registry: ImageRegistry,
): Promise<RollbackTarget> {
  const { problem, target } = found
  if (!problem) throw new HttpProblem(404, noProblem(search))
  const passed = passedOver(found)
  if (!target) throw new HttpProblem(404, noTarget(problem, found), { members: { problem, passedOver: passed } })
  const [record, ...others] = recordChecks({ ...found, problem, target })
  return { problem, target, passedOver: passed, checks: [record!, await registry.check(target), ...others] }
}

function noProblem({ application, environment, deploymentId }: RollbackSearch): string {
  const place = [application && `application ${application}`, environment && `environment ${environment}`]
  const where = place.filter(Boolean).join(', ')
  if (deploymentId === undefined) return `No deployment is active in ${where}: there is none to roll back.`
  return `Deployment ${deploymentId} does not exist${where && ` in ${where}`}.`
}

function noTarget(problem: PresentedRecord, { between, more }: RollbackCandidates): string {
  const { application, environment, imageTag, id } = problem
  const before = `before ${imageTag} (${id}) in ${environment} of ${application}`
  if (between.length === 0) return `No rollback target: no deployment started ${before}.`
  const count = (objection: Objection) => between.filter(one => objectionTo(one, problem) === objection).length
  const why = [
    [count('failed'), 'failed'],
    [count('pending'), 'pending'],
    [count('rolled back'), 'rolled back'],
    [count('undone'), 'rolled back by a later deployment'],
    [count('same tag'), `with the same tag`],
  ] as const
  const reasons = why.flatMap(([number, what]) => (number > 0 ? [`${number} ${what}`] : []))
  const all = `${more ? 'more than ' : ''}${between.length}`
  return `No rollback target: of the ${all} deployments that started ${before}, none is a success with another tag that was not rolled back (${reasons.join(', ')}).`
}
