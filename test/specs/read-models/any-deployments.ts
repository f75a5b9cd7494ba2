import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { DeploymentFacts, DeploymentStatus } from '#libs/contracts'
import { afterwards, partitionOf, recorded, type GivenEvent } from './given-log.js'

// Few of everything, so that deployments meet: same places by several names, same tags, same starts.
export const placeNames = {
  prod: 'production',
  production: 'production',
  PROD: 'production',
  ' Production': 'production',
  dev: 'dev',
  Development: 'dev',
  qa: 'qa',
  'QA ': 'qa',
}
const environments = Object.keys(placeNames) as (keyof typeof placeNames)[]
const applications = ['checkout', 'checkout', 'checkout', 'search']
/** A moment of the day on which all of it happens. */
export const minute = (n: number) => new Date(Date.UTC(2026, 1, 12, 10, n)).toISOString().replace('.000Z', 'Z')

/** How a deployment came to be what it is in the end. */
const stories = [
  'recorded',
  'completed',
  'rolled back',
  'moved',
  'status corrected',
  'tag corrected',
  'undoing corrected',
  'removed',
] as const

/** Any deployment, and how it is told. */
export const deployment = fc.record({
  story: fc.constantFrom(...stories),
  // By `partitionOf` an application of both is in one partition, so that batches have events of both.
  tenant: fc.constantFrom('a', 'a', 'm'),
  application: fc.constantFrom(...applications),
  environment: fc.constantFrom(...environments),
  imageTag: fc.constantFrom('v1', 'v2', 'v3', 'v4'),
  status: fc.constantFrom<DeploymentStatus>(
    'DEPLOYED',
    'DEPLOYED',
    'DEPLOYED',
    'DEPLOYED',
    'FAILED',
    'CANCELLED',
    'PENDING',
    'ROLLED_BACK',
  ),
  start: fc.nat(12),
  earlierStart: fc.nat(12),
  minutes: fc.option(fc.nat(6), { nil: undefined }),
  /** Which of all of them it says that it undoes: itself, one of elsewhere, one that comes later. */
  undoes: fc.option(fc.nat(60), { nil: undefined, freq: 4 }),
  /** Whether it is voided in the end. */
  isVoided: fc.constantFrom(false, false, false, false, true),
  arrival: fc.array(fc.nat(1_000_000), { minLength: 3, maxLength: 3 }),
  /** When its events are recorded, in minutes: whatever the clocks say. */
  learned: fc.array(fc.nat(24), { minLength: 3, maxLength: 3 }),
})
type Generated = typeof deployment extends fc.Arbitrary<infer T> ? T : never

/** A deployment as it is in the end, before it is voided, or was after its first event, by construction and not by folding. */
export interface Final extends Omit<Generated, 'tenant'> {
  tenant: string
  id: string
  recorded: GivenEvent
  events: GivenEvent[]
  /** Number of its events without that which voids it. */
  version: number
  succeeded: boolean
  finish: number
  completed: boolean
  rolledBack?: number
  removed?: number
  rollbackOf?: string
  /** What it was before its second event. */
  atFirst?: Final
  /** Place of its recorded event in the log. */
  partition: number
  seq: number
  lastSeq: number
}

/** The events that tell deployments, and what they come to. Tenants have the same ids: each is of its tenant only. */
export function tellAll(generated: Generated[], tenantOfRun: string): Final[] {
  const ids = generated.map(() => randomUUID())
  const told = new Map<string, number>()
  return generated.map(one => {
    const ofTenant = told.get(one.tenant) ?? 0
    told.set(one.tenant, ofTenant + 1)
    return tell(one, tenantOfRun, ids, ids[ofTenant]!)
  })
}

function tell(generated: Generated, tenantOfRun: string, ids: string[], id: string): Final {
  const { story, application, environment, imageTag, start, earlierStart, minutes, status } = generated
  const tenant = `${tenantOfRun}-${generated.tenant}`
  const completed = minutes !== undefined && status !== 'PENDING'
  const rollbackOf = generated.undoes === undefined ? undefined : ids[generated.undoes % ids.length]
  const base = { id, tenant, application, environment, imageTag, ...(rollbackOf && { rollbackOf }) }
  const finished = completed ? { completedAt: minute(start + minutes) } : {}
  const facts = (more: Partial<DeploymentFacts>) =>
    recorded({ ...base, deployedAt: minute(start), status, ...finished, ...more })
  const succeededAs = (as: DeploymentStatus) => as === 'DEPLOYED' || as === 'ROLLED_BACK'
  const final = (
    first: GivenEvent,
    next?: GivenEvent,
    wasFirst: Partial<Final> = {},
    more: Partial<Final> = {},
  ): Final => {
    const voided = afterwards(first, { type: 'DeploymentVoided', reason: 'it never was' })
    const told = [first, ...(next ? [next] : [])]
    const events = [...told, ...(generated.isVoided ? [voided] : [])].map((event, n) => {
      return { ...event, recordedTime: minute(generated.learned[n]!) }
    })
    const end = {
      ...generated,
      id,
      tenant,
      recorded: first,
      events,
      version: told.length,
      succeeded: succeededAs(status),
      finish: completed ? start + minutes : start,
      completed,
      ...(rollbackOf && { rollbackOf }),
      partition: partitionOf(`${tenant}/${application}`),
      seq: 0,
      lastSeq: 0,
      ...more,
    }
    const { rolledBack: _1, removed: _2, ...before } = end
    return next ? { ...end, atFirst: { ...before, version: 1, ...wasFirst } } : end
  }

  if (story === 'completed' && completed && status !== 'ROLLED_BACK') {
    const first = recorded({ ...base, deployedAt: minute(start), status: 'PENDING' })
    return final(
      first,
      afterwards(first, { type: 'DeploymentCompleted', status, completedAt: minute(start + minutes) }),
      { status: 'PENDING', succeeded: false, completed: false, finish: start },
    )
  }
  if (story === 'rolled back' && status === 'ROLLED_BACK') {
    const was = (['FAILED', 'DEPLOYED', 'PENDING'] as const)[earlierStart % 3]!
    const first = facts({ status: was, ...(was === 'PENDING' && { completedAt: undefined }) })
    const unfinished = was === 'PENDING' ? { completed: false, finish: start } : {}
    const rolledBack = start + (earlierStart % 7)
    return final(
      first,
      afterwards(first, { type: 'DeploymentRolledBack', rolledBackAt: minute(rolledBack) }),
      { status: was },
      { succeeded: was === 'DEPLOYED', rolledBack, ...unfinished },
    )
  }
  if (story === 'removed' && status === 'DEPLOYED') {
    const first = facts({})
    const removed = (completed ? start + minutes : start) + (earlierStart % 7)
    return final(first, afterwards(first, { type: 'DeploymentRemoved', removedAt: minute(removed) }), {}, { removed })
  }
  if (story === 'moved') {
    const first = facts({ deployedAt: minute(earlierStart), completedAt: undefined })
    const corrections = [
      { field: 'deployedAt' as const, before: minute(earlierStart), after: minute(start) },
      ...(completed ? [{ field: 'completedAt' as const, after: minute(start + minutes) }] : []),
    ]
    const corrected = afterwards(first, { type: 'DeploymentCorrected', corrections, reason: 'the clock was wrong' })
    return final(first, corrected, { start: earlierStart, completed: false, finish: earlierStart })
  }
  if (story === 'status corrected') {
    const before = status === 'FAILED' ? 'DEPLOYED' : 'FAILED'
    const first = facts({ status: before })
    const corrections = [{ field: 'status' as const, before, after: status }]
    const corrected = afterwards(first, { type: 'DeploymentCorrected', corrections, reason: 'it was not so' })
    return final(first, corrected, { status: before, succeeded: succeededAs(before) })
  }
  if (story === 'tag corrected') {
    const before = `v${(earlierStart % 4) + 1}` as typeof imageTag
    const first = facts({ imageTag: before })
    const corrections = [{ field: 'imageTag' as const, before, after: imageTag }]
    const corrected = afterwards(first, { type: 'DeploymentCorrected', corrections, reason: 'the build before' })
    return final(first, corrected, { imageTag: before })
  }
  if (story === 'undoing corrected') {
    const before = ids[earlierStart % ids.length]!
    const first = facts({ rollbackOf: before })
    const corrections = [{ field: 'rollbackOf' as const, before, ...(rollbackOf && { after: rollbackOf }) }]
    const corrected = afterwards(first, { type: 'DeploymentCorrected', corrections, reason: 'not that one' })
    return final(first, corrected, { rollbackOf: before })
  }
  return final(facts({}))
}

/** Every event at its arrival; a deployment's own events stay in order. */
export function inOrderOfArrival(finals: Final[]): GivenEvent[] {
  return finals
    .flatMap(({ events, arrival }) => {
      const ranks = arrival.toSorted((a, b) => a - b)
      return events.map((event, index) => ({ event, rank: ranks[index]! }))
    })
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ event }) => event)
}
