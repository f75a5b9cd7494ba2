import { defaultApplication } from '#libs/contracts'
import { HttpProblem, parameterProblem } from '#libs/http'
import {
  objectionTo,
  passedOver,
  recordChecks,
  type AnsweredRecord,
  type Objection,
  type PassedOver,
  type RollbackCandidates,
  type RollbackSearch,
  type SafetyCheck,
} from '#libs/read-models'
import type { RollbackTargetQuery } from './deployment-questions.js'
import type { ImageRegistry } from './image-registry.js'

/** Where to roll back to, and whether that is safe. */
export interface RollbackTarget {
  problem: AnsweredRecord
  target: AnsweredRecord
  passedOver: PassedOver[]
  checks: SafetyCheck[]
}

/** What a query asks for; 400 where it names neither a deployment nor an environment. */
export function rollbackSearch(tenant: string, query: RollbackTargetQuery): RollbackSearch {
  const { application, environment, deploymentId, asOf, knownAt } = query
  const moment = { asOf, knownAt }
  if (deploymentId !== undefined) return { tenant, application, environment, deploymentId, moment }
  if (environment === undefined) {
    throw parameterProblem([{ parameter: 'environment', detail: 'is required where deploymentId is not given' }])
  }
  return { tenant, application: application ?? defaultApplication, environment, moment }
}

/** Judges what was found; 404, saying why, where there is nothing to roll back, or nothing to roll back to. */
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
  if (deploymentId === undefined) return `Nothing runs in ${where}: there is nothing to roll back.`
  return `There is no deployment ${deploymentId}${where && ` in ${where}`}.`
}

function noTarget(problem: AnsweredRecord, { between, more }: RollbackCandidates): string {
  const { application, environment, imageTag, id } = problem
  const before = `before ${imageTag} (${id}), to ${environment} of ${application}`
  if (between.length === 0) return `There is nothing to roll back to: nothing was deployed ${before}.`
  const count = (objection: Objection) => between.filter(one => objectionTo(one, problem) === objection).length
  const why = [
    [count('failed'), 'failed'],
    [count('pending'), 'pending'],
    [count('rolled back'), 'rolled back'],
    [count('undone'), 'undone'],
    [count('same tag'), `with the same tag`],
  ] as const
  const reasons = why.flatMap(([number, what]) => (number > 0 ? [`${number} ${what}`] : []))
  const all = `${more ? 'more than ' : ''}${between.length}`
  return `There is nothing to roll back to: of the ${all} deployed ${before}, none is a success with another tag that was not undone (${reasons.join(', ')}).`
}
