import type { SafetyCheck } from '#libs/api'
import type { Migration } from '#libs/contracts'
import type { PresentedRecord, Between, RollbackCandidates, UndoneBy } from './queries.js'

export interface PassedOver {
  deployment: PresentedRecord
  reason: string
}

/** The reason why a deployment between the problem and the target is not the target. */
export function passedOver({ problem, between }: RollbackCandidates): PassedOver[] {
  return between.map(one => ({ deployment: one.deployment, reason: reasonAgainst(one, problem) }))
}

/** The objection to a deployment as a target. */
export type Objection = 'pending' | 'failed' | 'cancelled' | 'rolled back' | 'same tag' | 'undone'

/** The objection to a deployment between a problem and its target. */
export function objectionTo({ deployment }: Between, problem: PresentedRecord | undefined): Objection {
  const { status, imageTag } = deployment
  switch (status) {
    case 'PENDING':
      return 'pending'
    case 'FAILED':
      return 'failed'
    case 'CANCELLED':
      return 'cancelled'
    case 'ROLLED_BACK':
      return 'rolled back'
    case 'DEPLOYED':
      return imageTag === problem?.imageTag ? 'same tag' : 'undone'
    default:
      return status satisfies never
  }
}

function reasonAgainst(one: Between, problem: PresentedRecord | undefined): string {
  const { rolledBackAt } = one.deployment
  const objection = objectionTo(one, problem)
  switch (objection) {
    case 'pending':
      return 'It is PENDING: it has not succeeded yet.'
    case 'failed':
      return 'It FAILED.'
    case 'cancelled':
      return 'It was CANCELLED: it never ran.'
    case 'rolled back':
      return `It was itself rolled back${rolledBackAt === undefined ? '' : ` at ${rolledBackAt}`}.`
    case 'same tag':
      return `It has the same tag as the problem, ${problem?.imageTag}.`
    case 'undone':
      return undoneReason(one.undoneBy!)
    default:
      return objection satisfies never
  }
}

function undoneReason({ id, imageTag, deployedAt, detected }: UndoneBy): string {
  const by = `deployment ${id} of ${imageTag}, at ${deployedAt}`
  if (detected === 'reported') return `It was undone: ${by}, reports to have rolled it back.`
  return `It was undone: ${by}, went back from it to an older version.`
}

/**
 * The checks that need only records: the target's own, and notes and migrations of all deployments that a rollback would undo, the problem
 * included. What was cancelled never ran.
 */
export function recordChecks(
  found: RollbackCandidates & { problem: PresentedRecord; target: PresentedRecord },
): SafetyCheck[] {
  const { problem, target, between, more } = found
  const undone = [
    { ...problem, stands: true },
    ...between.map(({ deployment, undoneBy }) => {
      return { ...deployment, stands: deployment.status === 'DEPLOYED' && !undoneBy }
    }),
  ].filter(({ status }) => status !== 'CANCELLED')
  const checks = [notesCheck(undone), migrationsCheck(undone), compatibilityCheck(undone)]
  return [
    {
      name: 'record',
      result: 'pass',
      detail: `${target.imageTag} is on record as deployment ${target.id}, deployed at ${target.deployedAt}.`,
    },
    ...checks.map(check => (more ? incomplete(check) : check)),
  ]
}

/** A deployment that a rollback would undo. */
interface Undone extends PresentedRecord {
  /**
   * Whether its migrations are certainly applied: a failed deployment may not have applied them, a rolled back or undone one may have
   * reversed them.
   */
  stands: boolean
}

function notesCheck(undone: Undone[]): SafetyCheck {
  const noted = undone.filter(({ notes }) => notes !== undefined)
  if (noted.length === 0)
    return { name: 'notes', result: 'pass', detail: 'No deployment that would be undone has notes.' }
  return { name: 'notes', result: 'warn', detail: `Review the notes of ${listOf(noted.map(named))}.` }
}

interface AppliedMigration extends Migration {
  by: Undone
}

function migrationsOf(undone: Undone[]): AppliedMigration[] {
  return undone.flatMap(by => (by.migrations ?? []).map(migration => ({ ...migration, by })))
}

/** A backward compatible migration can stay; for all others it matters whether they can be reversed. */
function migrationsCheck(undone: Undone[]): SafetyCheck {
  const name = 'migrations'
  const all = migrationsOf(undone)
  const open = all.filter(({ backwardCompatible }) => backwardCompatible !== true)
  if (all.length === 0) return { name, result: 'pass', detail: 'No deployment that would be undone has migrations.' }
  if (open.length === 0) {
    return {
      name,
      result: 'pass',
      detail: `All ${all.length} migrations are backward compatible and need not be reversed.`,
    }
  }
  const stuck = open.filter(({ reversible, by }) => reversible === false && by.stands)
  if (stuck.length > 0)
    return { name, result: 'fail', detail: `Cannot be reversed: ${listOf(stuck.map(migrationIn))}.` }
  return { name, result: 'warn', detail: `May need to be reversed: ${listOf(open.map(migrationIn))}.` }
}

function compatibilityCheck(undone: Undone[]): SafetyCheck {
  const name = 'backwardCompatibility'
  const all = migrationsOf(undone)
  const breaking = all.filter(({ backwardCompatible }) => backwardCompatible === false)
  const unsaid = all.filter(({ backwardCompatible }) => backwardCompatible === undefined)
  const stuck = breaking.filter(({ reversible, by }) => reversible !== true && by.stands)
  if (stuck.length > 0) {
    return { name, result: 'fail', detail: `Older versions do not work with ${listOf(stuck.map(migrationIn))}.` }
  }
  if (breaking.length > 0) {
    const detail = `Not backward compatible; reverse first if still applied: ${listOf(breaking.map(migrationIn))}.`
    return { name, result: 'warn', detail }
  }
  if (unsaid.length > 0) {
    return { name, result: 'unknown', detail: `Not reported for ${listOf(unsaid.map(migrationIn))}.` }
  }
  return { name, result: 'pass', detail: 'No remaining migration is known to break the older version.' }
}

// Deployments that were not checked may be worse.
function incomplete(check: SafetyCheck): SafetyCheck {
  if (check.result === 'fail') return check
  return {
    ...check,
    result: 'unknown',
    detail: `Not all deployments in between were checked, since there are too many. ${check.detail}`,
  }
}

function named({ imageTag, id }: PresentedRecord): string {
  return `${imageTag} (${id})`
}

function migrationIn({ id, by }: AppliedMigration): string {
  return `${id} of ${by.imageTag}`
}

const MOST_LISTED = 20

function listOf(names: string[]): string {
  const rest = names.length - MOST_LISTED
  return names.slice(0, MOST_LISTED).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
