import {
  environmentKey,
  finishOf,
  hasFailureReason,
  refuse,
  type Commit,
  type DeploymentRecord,
  type Rejection,
} from '#libs/contracts'

export const DAY_MS = 24 * 60 * 60 * 1000

/** An invalid field, by RFC 6901 pointer into the body. */
export interface FieldError {
  pointer: string
  detail: string
  /** The state, the clock or the settings caused it: the field may be valid later. */
  dependsOnState?: true
}

type CheckedFacts = Pick<DeploymentRecord, 'status' | 'deployedAt' | 'completedAt' | 'rolledBackAt'>

/** Facts that contradict each other, and times more than 24 h in the future. */
export function impossibleFacts(facts: CheckedFacts, now: string): FieldError[] {
  const { status, deployedAt, completedAt, rolledBackAt } = facts
  const start = Date.parse(deployedAt)
  const future = Date.parse(now) + DAY_MS
  const errors: FieldError[] = []
  const check = (wrong: boolean, pointer: string, detail: string) => wrong && errors.push({ pointer, detail })
  const ahead = (at: number, pointer: string) => at > future && errors.push(tooLate(pointer))
  ahead(start, '/deployedAt')
  if (completedAt !== undefined) {
    check(Date.parse(completedAt) < start, '/completedAt', `is before \`deployedAt\` (${deployedAt})`)
    ahead(Date.parse(completedAt), '/completedAt')
    check(
      status === 'PENDING',
      '/completedAt',
      'is not allowed with the status PENDING: omit it, or send the final status',
    )
  }
  if (rolledBackAt !== undefined) {
    check(Date.parse(rolledBackAt) < start, '/rolledBackAt', `is before \`deployedAt\` (${deployedAt})`)
    ahead(Date.parse(rolledBackAt), '/rolledBackAt')
    check(status !== 'ROLLED_BACK', '/rolledBackAt', `is only allowed with the status ROLLED_BACK, not ${status}`)
  }
  return errors
}

/** A removal before the finish, or more than 24 h in the future. */
export function impossibleRemoval(record: DeploymentRecord, removedAt: string, now: string): FieldError[] {
  const pointer = '/removedAt'
  const at = Date.parse(removedAt)
  const before = at < Date.parse(finishOf(record)) && { pointer, detail: `is before ${describeFinish(record)}` }
  return [...(before ? [before] : []), ...(at > Date.parse(now) + DAY_MS ? [tooLate(pointer)] : [])]
}

/** Corrected facts that contradict the removal of a deployment. */
export function contradictedRemoval(record: DeploymentRecord): FieldError[] {
  const { removedAt, status, completedAt } = record
  if (removedAt === undefined) return []
  if (status !== 'DEPLOYED')
    return [{ pointer: '/status', detail: `must stay DEPLOYED: the deployment was removed at ${removedAt}` }]
  if (Date.parse(finishOf(record)) <= Date.parse(removedAt)) return []
  const pointer = completedAt === undefined ? '/deployedAt' : '/completedAt'
  return [{ pointer, detail: `is after the removal of the deployment (${removedAt})` }]
}

function describeFinish({ deployedAt, completedAt }: DeploymentRecord): string {
  return completedAt === undefined ? `\`deployedAt\` (${deployedAt})` : `\`completedAt\` (${completedAt})`
}

const TOO_EARLY = 'is before 1970-01-01T00:00:00Z, which looks like an unset time: send the real time'

function tooLate(pointer: string): FieldError {
  return { pointer, detail: 'is more than 24 h in the future', dependsOnState: true }
}

/**
 * A start before 1970: many programs send an unset time as the year 1. Checked for new facts only: recorded deployments can still be
 * completed and rolled back.
 */
export function zeroStart(deployedAt: string): FieldError[] {
  return Date.parse(deployedAt) < 0 ? [{ pointer: '/deployedAt', detail: TOO_EARLY }] : []
}

export function blankEnvironment({ environment }: Pick<DeploymentRecord, 'environment'>): FieldError[] {
  return environmentKey(environment) === '' ? [{ pointer: '/environment', detail: 'must not be blank' }] : []
}

export function strayFailureReason({ status, failureReason }: Pick<DeploymentRecord, 'status' | 'failureReason'>) {
  if (failureReason === undefined || hasFailureReason(status)) return []
  const detail = `is only allowed with the status CANCELLED or the status FAILED, not ${status}`
  return [{ pointer: '/failureReason', detail }]
}

export function impossibleCommits(commits: readonly Commit[] = [], now: string): FieldError[] {
  const future = Date.parse(now) + DAY_MS
  return commits.flatMap(({ committedAt }, index) => {
    const at = Date.parse(committedAt)
    const pointer = `/commits/${index}/committedAt`
    if (at < 0) return [{ pointer, detail: TOO_EARLY }]
    return at > future ? [tooLate(pointer)] : []
  })
}

/** The rejection of invalid fields; `undefined`: there are none. */
export function refusalOf(errors: readonly FieldError[]): Rejection | undefined {
  if (errors.length === 0) return undefined
  return refuse('unprocessable', errors.map(({ pointer, detail }) => `\`${pointer.slice(1)}\` ${detail}`).join('; '), {
    errors: errors.map(({ pointer, detail }) => ({ pointer, detail })),
    ...(errors.some(error => error.dependsOnState) && { dependsOnState: true }),
  })
}
