import { environmentKey, refuse, type Commit, type DeploymentRecord, type Rejection } from '#libs/contracts'

const DAY_MS = 24 * 60 * 60 * 1000

/** What is wrong with one field, by its RFC 6901 pointer into the body. */
export interface FieldError {
  pointer: string
  detail: string
  /** What is recorded, the clock or the settings caused it: the same field may be right another time. */
  dependsOnState?: true
}

type CheckedFacts = Pick<DeploymentRecord, 'status' | 'deployedAt' | 'completedAt' | 'rolledBackAt'>

/** What no deployment can be, whatever a pipeline says: finished before it started, or happening tomorrow. */
export function impossibleFacts(facts: CheckedFacts, now: string): FieldError[] {
  const { status, deployedAt, completedAt, rolledBackAt } = facts
  const start = Date.parse(deployedAt)
  const future = Date.parse(now) + DAY_MS
  const errors: FieldError[] = []
  const check = (wrong: boolean, pointer: string, detail: string) => wrong && errors.push({ pointer, detail })
  const ahead = (at: number, pointer: string) => at > future && errors.push(tooLate(pointer))
  ahead(start, '/deployedAt')
  if (completedAt !== undefined) {
    check(Date.parse(completedAt) < start, '/completedAt', `is before deployedAt, ${deployedAt}`)
    ahead(Date.parse(completedAt), '/completedAt')
    check(status === 'PENDING', '/completedAt', 'is given, but the status is PENDING: what is pending has not finished')
  }
  if (rolledBackAt !== undefined) {
    check(Date.parse(rolledBackAt) < start, '/rolledBackAt', `is before deployedAt, ${deployedAt}`)
    ahead(Date.parse(rolledBackAt), '/rolledBackAt')
    check(status !== 'ROLLED_BACK', '/rolledBackAt', `is given, but the status is ${status}`)
  }
  return errors
}

const TOO_EARLY = 'is before 1970-01-01T00:00:00Z: it looks like a zero time; send the real one'

function tooLate(pointer: string): FieldError {
  return { pointer, detail: 'is more than 24 h in the future', dependsOnState: true }
}

/**
 * A start that nobody can have meant: many programs write a time that is not set as the year 1. Asked of new facts only: what is in the log
 * stays, and can be completed and rolled back.
 */
export function zeroStart(deployedAt: string): FieldError[] {
  return Date.parse(deployedAt) < 0 ? [{ pointer: '/deployedAt', detail: TOO_EARLY }] : []
}

/** The name of an environment that is none. */
export function blankEnvironment({ environment }: Pick<DeploymentRecord, 'environment'>): FieldError[] {
  return environmentKey(environment) === '' ? [{ pointer: '/environment', detail: 'has nothing but spaces' }] : []
}

/** A reason for a failure that is none. */
export function strayFailureReason({ status, failureReason }: Pick<DeploymentRecord, 'status' | 'failureReason'>) {
  if (failureReason === undefined || status === 'FAILED') return []
  return [{ pointer: '/failureReason', detail: `is given, but the status is ${status}` }]
}

/** Times of commits that nobody can have meant. */
export function impossibleCommits(commits: readonly Commit[] = [], now: string): FieldError[] {
  const future = Date.parse(now) + DAY_MS
  return commits.flatMap(({ committedAt }, index) => {
    const at = Date.parse(committedAt)
    const pointer = `/commits/${index}/committedAt`
    if (at < 0) return [{ pointer, detail: TOO_EARLY }]
    return at > future ? [tooLate(pointer)] : []
  })
}

/** The refusal of facts; `undefined` where nothing is wrong with them. */
export function refusalOf(errors: readonly FieldError[]): Rejection | undefined {
  if (errors.length === 0) return undefined
  return refuse('unprocessable', errors.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join('; '), {
    errors: errors.map(({ pointer, detail }) => ({ pointer, detail })),
    ...(errors.some(error => error.dependsOnState) && { dependsOnState: true }),
  })
}
