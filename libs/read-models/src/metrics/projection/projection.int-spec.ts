import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { CorrectableField, DeploymentFacts, DeploymentStatus, Pipeline } from '#libs/contracts'
import { Decided } from '#test/specs/read-models/decided'
import { afterwards, GivenLog, recorded, type GivenEvent } from '#test/specs/read-models/given-log'
import { expectedTables, type Fact } from '#test/specs/read-models/expected-metrics'
import { metricTables } from '#test/specs/read-models/metric-tables'

// Few values of each kind, so that deployments interact. Minutes around midnight, of days nine days apart.
const minute = (n: number) =>
  new Date(Date.UTC(2026, 1, 12 + 9 * Math.floor(n / 10), 23, 55 + (n % 10))).toISOString().replace('.000Z', 'Z')
const own: Pipeline = {
  environments: [{ name: 'qa' }, { name: 'staging' }, { name: 'live', aliases: ['prod', 'dev'] }],
}
const plain: Record<string, string> = { prod: 'production', stage: 'staging' }
const placed: Record<string, string> = { prod: 'live', dev: 'live' }

const moment = fc.nat(25)
const facts = fc.record({
  application: fc.constantFrom('checkout', 'checkout', 'search'),
  environment: fc.constantFrom('dev', 'dev', 'staging', 'stage', 'production', 'production', 'prod', 'qa'),
  imageTag: fc.constantFrom('v1', 'v2', 'v3'),
  status: fc.constantFrom<DeploymentStatus>(
    'DEPLOYED',
    'DEPLOYED',
    'DEPLOYED',
    'FAILED',
    'PENDING',
    'ROLLED_BACK',
    'CANCELLED',
  ),
  start: moment,
  minutes: fc.option(fc.nat(6), { nil: undefined }),
  undoes: fc.option(fc.nat(60), { nil: undefined, freq: 4 }),
  unplanned: fc.option(fc.boolean(), { nil: undefined }),
  commits: fc.subarray(['a', 'b', 'c'], { maxLength: 2 }),
  committed: fc.nat(30),
  gitCommit: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
  lifecycle: fc.constantFrom('recorded', 'recorded', 'completed', 'rolled back', 'corrected', 'corrected', 'marked'),
  wrong: fc.record({
    start: moment,
    status: fc.constantFrom<DeploymentStatus>('DEPLOYED', 'FAILED', 'ROLLED_BACK', 'CANCELLED'),
    imageTag: fc.constantFrom('v1', 'v2', 'v3'),
    commits: fc.subarray(['b', 'c', 'd'], { maxLength: 2 }),
    undoes: fc.option(fc.nat(60), { nil: undefined, freq: 2 }),
  }),
  arrival: fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)),
})
type Generated = typeof facts extends fc.Arbitrary<infer T> ? T : never

/** The final state of a generated deployment, and the events that lead to it. */
function finalOf(generated: Generated, tenant: string, ids: string[], index: number): Fact & { events: GivenEvent[] } {
  const { application, environment, imageTag, start, lifecycle, wrong, unplanned, gitCommit, committed } = generated
  const { status } = generated
  const minutes = status === 'PENDING' ? undefined : generated.minutes
  const undone = generated.undoes === undefined ? undefined : ids[generated.undoes % ids.length]
  const rollbackOf = undone === ids[index] ? undefined : undone
  const commits = generated.commits.map(sha => ({ sha, committedAt: minute(committed) }))
  const deployedAt = minute(start)
  const completedAt = minutes === undefined ? undefined : minute(start + minutes)
  const reported: Partial<DeploymentFacts> & { id: string; tenant: string } = {
    id: ids[index]!,
    tenant,
    application,
    environment,
    imageTag,
    status,
    deployedAt,
    ...(completedAt !== undefined && { completedAt }),
    ...(rollbackOf !== undefined && { rollbackOf }),
    ...(unplanned !== undefined && { unplanned }),
    ...(gitCommit !== undefined && { gitCommit }),
    ...(commits.length > 0 && { commits }),
  }
  const fact = (events: GivenEvent[], succeeded = status === 'DEPLOYED' || status === 'ROLLED_BACK') => ({
    id: ids[index]!,
    application,
    environment,
    imageTag,
    status,
    succeeded,
    rollbackOf,
    commits,
    gitCommit,
    events,
    deployedAt: Date.parse(deployedAt),
    completedAt: completedAt && Date.parse(completedAt),
    order: 0n,
    unplanned: unplanned ?? false,
  })
  if (lifecycle === 'completed' && completedAt !== undefined && status !== 'PENDING' && status !== 'ROLLED_BACK') {
    const first = recorded({ ...reported, status: 'PENDING', completedAt: undefined })
    return fact([first, afterwards(first, { type: 'DeploymentCompleted', status, completedAt })])
  }
  if ((lifecycle === 'rolled back' || lifecycle === 'marked') && status === 'ROLLED_BACK') {
    const first = recorded({ ...reported, status: lifecycle === 'marked' ? 'FAILED' : 'DEPLOYED' })
    const mark = afterwards(first, { type: 'DeploymentRolledBack', rolledBackAt: minute(40) })
    return fact([first, mark], lifecycle === 'rolled back')
  }
  if (lifecycle === 'corrected') {
    const alsoUndone = wrong.undoes === undefined ? undefined : ids[wrong.undoes % ids.length]
    const first = recorded({
      ...reported,
      imageTag: wrong.imageTag,
      commits: wrong.commits.map(sha => ({ sha, committedAt: minute(committed) })),
      rollbackOf: alsoUndone,
      deployedAt: minute(wrong.start),
      status: wrong.status,
      unplanned: !unplanned,
      gitCommit: 'c',
      completedAt: undefined,
    })
    const fields = [
      'deployedAt',
      'completedAt',
      'gitCommit',
      'status',
      'unplanned',
      'imageTag',
      'commits',
      'rollbackOf',
    ]
    const corrections = (fields as CorrectableField[]).map(field => {
      const after = reported[field]
      return { field, ...(after !== undefined && { after }) }
    })
    return fact([first, afterwards(first, { type: 'DeploymentCorrected', corrections, reason: 'it was not so' })])
  }
  return fact([recorded(reported)])
}

describe('metric tables after events in any order', () => {
  let log: GivenLog
  beforeAll(async () => {
    log = await GivenLog.start()
  })
  afterAll(() => log.end())

  test('equal an independent recomputation, also after a change of the pipeline', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(facts, { minLength: 1, maxLength: 40, size: 'max' }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
        fc.nat(80),
        async (generated, batchSizes, pauseAfter) => {
          const tenant = `tenant-${randomUUID().slice(0, 8)}`
          const ids = generated.map(() => randomUUID())
          const finals = generated.map((one, index) => finalOf(one, tenant, ids, index))
          const arriving = finals
            .flatMap(({ events }, index) => {
              const ranks = generated[index]!.arrival.toSorted((a, b) => a - b)
              return events.map((event, n) => ({ event, rank: ranks[n]!, fact: finals[index]! }))
            })
            .toSorted((a, b) => a.rank - b.rank)
          // given: two parts, so that partitions alternate
          for (const part of [arriving.slice(0, pauseAfter), arriving.slice(pauseAfter)]) {
            const records = log.append(part.map(({ event }) => event))
            for (const [index, { event, fact }] of part.entries()) {
              const { partition, headers } = records[index]!
              if (event.event.type === 'DeploymentRecorded')
                fact.order = (BigInt(4095 - partition) << 50n) + BigInt(headers['ce_ledgerseq']!.toString())
            }
            await log.project(batchSizes)
          }
          const nameIn = (names: Record<string, string>) => (environment: string) => names[environment] ?? environment
          expect(await metricTables(log, tenant)).toEqual(expectedTables(finals, nameIn(plain), 'dev'))

          await log.given(...new Decided(tenant).putPipeline(own))
          expect(await metricTables(log, tenant)).toEqual(expectedTables(finals, nameIn(placed), 'qa'))
        },
      ),
      { numRuns: 100 },
    )
  }, 300_000)
})
