import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { DeploymentFacts, DeploymentStatus } from '#libs/contracts'
import { GivenLog, partitionOf, recorded, afterwards, type GivenEvent } from '../../../test/read-models/given-log.js'
import { currentPage, historyPage } from './index.js'

// Few of everything, so that deployments meet: same places by several names, same tags, same starts.
const environments = ['prod', 'production', 'prod', 'production', 'production', 'dev', 'development', 'qa'] as const
const placeNames = { prod: 'production', production: 'production', dev: 'dev', development: 'dev', qa: 'qa' }
const applications = ['checkout', 'checkout', 'checkout', 'search']
const minute = (n: number) => new Date(Date.UTC(2026, 1, 12, 10, n)).toISOString().replace('.000Z', 'Z')

/** How a deployment came to be what it is in the end. */
const stories = ['recorded', 'completed', 'rolled back', 'moved', 'status corrected'] as const

const deployment = fc.record({
  story: fc.constantFrom(...stories),
  tenant: fc.constantFrom('a', 'a', 'a', 'b'),
  application: fc.constantFrom(...applications),
  environment: fc.constantFrom(...environments),
  imageTag: fc.constantFrom('v1', 'v2', 'v3', 'v4'),
  status: fc.constantFrom<DeploymentStatus>(
    'DEPLOYED',
    'DEPLOYED',
    'DEPLOYED',
    'DEPLOYED',
    'FAILED',
    'PENDING',
    'ROLLED_BACK',
  ),
  start: fc.nat(12),
  earlierStart: fc.nat(12),
  minutes: fc.option(fc.nat(6), { nil: undefined }),
  reportsRollback: fc.nat(9).map(n => n === 0),
  arrival: fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 2 }),
})
type Generated = typeof deployment extends fc.Arbitrary<infer T> ? T : never

/** A deployment as it is in the end, by construction and not by folding. */
interface Final extends Omit<Generated, 'tenant'> {
  tenant: string
  id: string
  recorded: GivenEvent
  events: GivenEvent[]
  succeeded: boolean
  finish: number
  completed: boolean
  rollbackOf?: string
  /** Place of its recorded event in the log. */
  partition: number
  seq: number
  lastSeq: number
}

function tell(generated: Generated, tenantOfRun: string): Final {
  const id = randomUUID()
  const { story, application, environment, imageTag, start, earlierStart, minutes, status } = generated
  const tenant = `${tenantOfRun}-${generated.tenant}`
  const completed = minutes !== undefined && status !== 'PENDING'
  const rollbackOf = generated.reportsRollback ? randomUUID() : undefined
  const base = { id, tenant, application, environment, imageTag, ...(rollbackOf && { rollbackOf }) }
  const finished = completed ? { completedAt: minute(start + minutes) } : {}
  const facts = (more: Partial<DeploymentFacts>) =>
    recorded({ ...base, deployedAt: minute(start), status, ...finished, ...more })
  const final = (
    first: GivenEvent,
    next?: GivenEvent,
    succeeded = status === 'DEPLOYED' || status === 'ROLLED_BACK',
  ): Final => ({
    ...generated,
    id,
    tenant,
    recorded: first,
    events: next ? [first, next] : [first],
    succeeded,
    finish: completed ? start + minutes : start,
    completed,
    ...(rollbackOf && { rollbackOf }),
    partition: partitionOf(`${tenant}/${application}`),
    seq: 0,
    lastSeq: 0,
  })

  if (story === 'completed' && completed && (status === 'DEPLOYED' || status === 'FAILED')) {
    const first = recorded({ ...base, deployedAt: minute(start), status: 'PENDING' })
    return final(
      first,
      afterwards(first, { type: 'DeploymentCompleted', status, completedAt: minute(start + minutes) }),
    )
  }
  if (story === 'rolled back' && status === 'ROLLED_BACK') {
    const hadFailed = earlierStart % 2 === 0
    const first = facts({ status: hadFailed ? 'FAILED' : 'DEPLOYED' })
    return final(first, afterwards(first, { type: 'DeploymentRolledBack', rolledBackAt: minute(20) }), !hadFailed)
  }
  if (story === 'moved') {
    const first = facts({ deployedAt: minute(earlierStart), completedAt: undefined })
    const corrections = [
      { field: 'deployedAt' as const, before: minute(earlierStart), after: minute(start) },
      ...(completed ? [{ field: 'completedAt' as const, after: minute(start + minutes) }] : []),
    ]
    return final(first, afterwards(first, { type: 'DeploymentCorrected', corrections, reason: 'the clock was wrong' }))
  }
  if (story === 'status corrected') {
    const before = status === 'FAILED' ? 'DEPLOYED' : 'FAILED'
    const first = facts({ status: before })
    const corrections = [{ field: 'status' as const, before, after: status }]
    return final(first, afterwards(first, { type: 'DeploymentCorrected', corrections, reason: 'it was not so' }))
  }
  return final(facts({}))
}

/** Every event at its arrival; a deployment's own events stay in order. */
function inOrderOfArrival(finals: Final[]): GivenEvent[] {
  return finals
    .flatMap(({ events, arrival }) => {
      const ranks = arrival.toSorted((a, b) => a - b)
      return events.map((event, index) => ({ event, rank: ranks[index]! }))
    })
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ event }) => event)
}

// The oracle: what 1-product.md and 7-api.md say, deployment by deployment, by looking at all others each time.

const before = (a: Final, b: Final) => a.start < b.start || (a.start === b.start && a.seq < b.seq)
const samePlace = (a: Final, b: Final) =>
  a.tenant === b.tenant && a.application === b.application && placeNames[a.environment] === placeNames[b.environment]
const last = (all: Final[]) => all.find(a => all.every(b => a === b || before(b, a)))
const first = (all: Final[]) => all.find(a => all.every(b => a === b || before(a, b)))

function expectedRecord(all: Final[], one: Final) {
  const successes = all.filter(other => samePlace(other, one) && other.succeeded)
  const running = successes.filter(({ status }) => status === 'DEPLOYED')
  const replaced = one.succeeded ? last(successes.filter(other => before(other, one))) : undefined
  const firstOf = (tag: string) => first(successes.filter(({ imageTag }) => imageTag === tag))!
  const goesBack = replaced && before(firstOf(one.imageTag), firstOf(replaced.imageTag))
  const inferred = !one.rollbackOf && goesBack ? replaced.id : undefined
  const active = last(running) === one
  const overtaking = one.succeeded
    ? last(successes.filter(other => other.start > one.start && other.finish < one.finish))
    : undefined
  const contesting = active
    ? running
        .filter(other => other.start < one.start && other.finish > one.finish)
        .toSorted((a, b) => b.finish - a.finish || (before(a, b) ? 1 : -1))[0]
    : undefined
  const rollbackOf = one.rollbackOf ?? inferred
  return {
    id: one.id,
    application: one.application,
    environment: one.environment,
    imageTag: one.imageTag,
    status: one.status,
    active,
    deployedAt: minute(one.start),
    ...(one.completed && { completedAt: minute(one.finish), durationSeconds: (one.finish - one.start) * 60 }),
    ...(rollbackOf && { rollbackOf, rollbackDetected: one.rollbackOf ? 'reported' : 'inferred' }),
    ...(overtaking && { overtakenBy: overtaking.id }),
    ...(contesting && { contestedBy: contesting.id }),
    position: `${one.partition}:${one.lastSeq}`,
    version: one.events.length,
  }
}

/** What ran in each place, from each minute on in which that changed. */
function expectedStints(own: Final[]): string[] {
  const places = new Set(own.map(({ application, environment }) => `${application} ${placeNames[environment]}`))
  return [...places].toSorted().flatMap(place => {
    let before = 'nothing'
    return Array.from({ length: 30 }, (_, at) => at).flatMap(at => {
      const running = own.filter(
        one =>
          `${one.application} ${placeNames[one.environment]}` === place && one.finish <= at && at < (endOf(one) ?? at),
      )
      const now = last(running)?.id ?? 'nothing'
      if (now === before) return []
      before = now
      return [`${place} ${minute(at)} ${now}`]
    })
  })
}

/** When it was rolled back; of what was never known to run, when it finished. */
function endOf({ story, status, succeeded, finish }: Final): number | undefined {
  if (!succeeded || status === 'PENDING') return undefined
  if (status === 'DEPLOYED') return Infinity
  return story === 'rolled back' ? 20 : finish
}

async function ranWhen(log: GivenLog, tenant: string): Promise<string[]> {
  const rows = await log.query<{ stint: string }>({
    text: `SELECT concat_ws(' ', application, environment_name, instant(from_at), coalesce(deployment_id::text, 'nothing')) AS stint
      FROM deployment_stint WHERE tenant = $1 ORDER BY application, environment_name, from_at`,
    values: [tenant],
  })
  return rows.map(({ stint }) => stint)
}

describe('the answers, whatever the order of arrival', () => {
  let log: GivenLog
  let run = 0

  beforeAll(async () => {
    log = await GivenLog.start()
  })
  afterAll(() => log.end())

  test('are those of a plain recomputation from the facts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(deployment, { minLength: 1, maxLength: 40, size: 'max' }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        async (generated, batchSizes, pageSize) => {
          // given: facts that arrive in any order, in batches of any size
          run += 1
          const finals = generated.map(one => tell(one, `run${run}`))
          const arriving = inOrderOfArrival(finals)
          const placed = log.append(arriving)
          for (const final of finals) {
            const seqs = final.events.map(event =>
              Number(placed[arriving.indexOf(event)]!.headers['ce_ledgerseq']!.toString()),
            )
            final.seq = seqs[0]!
            final.lastSeq = seqs.at(-1)!
          }
          await log.project(batchSizes)

          for (const tenant of [`run${run}-a`, `run${run}-b`]) {
            // then: the history, page by page, and what runs
            const own = finals.filter(final => final.tenant === tenant)
            const ordered = own.toSorted((a, b) => b.start - a.start || a.partition - b.partition || b.seq - a.seq)
            const expected = ordered.map(one => expectedRecord(own, one))
            expect(await wholeHistory(log, tenant, pageSize)).toEqual(expected)
            expect(await allCurrent(log, tenant, pageSize)).toEqual(
              expected.filter(({ active }) => active).toSorted((a, b) => rankOf(a).localeCompare(rankOf(b))),
            )
            // and: what ran where, minute by minute
            expect(await ranWhen(log, tenant)).toEqual(expectedStints(own))
          }
        },
      ),
      { numRuns: 150 },
    )
  }, 120_000)
})

function rankOf({ application, environment }: { application: string; environment: keyof typeof placeNames }): string {
  return `${application} ${['dev', 'production', 'qa'].indexOf(placeNames[environment])}`
}

type Paged = { body: { json: string; next?: string } }

async function everyPage(read: (cursor?: string) => Promise<Paged>): Promise<object[]> {
  const records: object[] = []
  let cursor: string | undefined
  do {
    const { body } = await read(cursor)
    for (const { recordedAt: _1, rolledBackAt: _2, ...record } of JSON.parse(body.json)) records.push(record)
    cursor = body.next
  } while (cursor !== undefined)
  return records
}

function wholeHistory({ query }: GivenLog, tenant: string, limit: number): Promise<object[]> {
  return everyPage(cursor => historyPage(query, { tenant, filters: {}, limit, cursor }))
}

function allCurrent({ query }: GivenLog, tenant: string, limit: number): Promise<object[]> {
  return everyPage(cursor => currentPage(query, { tenant, filters: {}, limit, cursor }))
}
