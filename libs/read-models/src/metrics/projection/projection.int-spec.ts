import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { CorrectableField, DeploymentFacts, DeploymentStatus, Pipeline } from '#libs/contracts'
import { Decided } from '#test/specs/read-models/decided'
import { afterwards, GivenLog, opened, recorded, resolved, type GivenEvent } from '#test/specs/read-models/given-log'
import { expectedTables, ownerOf, type Fact, type IncidentFact } from '#test/specs/read-models/expected-metrics'
import { metricTables } from '#test/specs/read-models/metric-tables'
import { runs } from '#test/kit'

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
  lifecycle: fc.constantFrom('recorded', 'removed', 'completed', 'rolled back', 'corrected', 'corrected', 'marked'),
  wrong: fc.record({
    start: moment,
    status: fc.constantFrom<DeploymentStatus>('DEPLOYED', 'FAILED', 'ROLLED_BACK', 'CANCELLED'),
    imageTag: fc.constantFrom('v1', 'v2', 'v3'),
    commits: fc.subarray(['b', 'c', 'd'], { maxLength: 2 }),
    undoes: fc.option(fc.nat(60), { nil: undefined, freq: 2 }),
  }),
  isVoided: fc.constantFrom(false, false, false, false, true),
  arrival: fc.array(fc.nat(1_000_000), { minLength: 3, maxLength: 3 }),
})
/** The event that voids a deployment, if one does. */
const voidOf = (first: GivenEvent, { isVoided }: { isVoided: boolean }): GivenEvent[] =>
  isVoided ? [afterwards(first, { type: 'DeploymentVoided', reason: 'it never was' })] : []

type Generated = typeof facts extends fc.Arbitrary<infer T> ? T : never

// Named by deployment, by slot, by both; of an unknown deployment, too.
const incidentFacts = fc.record({
  names: fc.constantFrom('slot', 'slot', 'slot', 'deployment', 'both'),
  deployment: fc.nat(60),
  application: fc.constantFrom('checkout', 'checkout', 'search'),
  environment: fc.constantFrom('dev', 'staging', 'stage', 'production', 'production', 'prod', 'qa'),
  start: fc.nat(45),
  minutes: fc.option(fc.nat(20), { nil: undefined }),
  arrival: fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)),
})

/** The final state of a generated incident, and the events that lead to it. */
function incidentOf(
  {
    names,
    deployment,
    application,
    environment,
    start,
    minutes,
  }: typeof incidentFacts extends fc.Arbitrary<infer T> ? T : never,
  tenant: string,
  ids: string[],
) {
  const told = {
    ...(names !== 'slot' && { deploymentId: ids[deployment] ?? randomUUID() }),
    ...(names !== 'deployment' && { application, environment }),
  }
  const event = opened({ tenant, ...told, startedAt: minute(start) })
  const events = [event, ...(minutes === undefined ? [] : [resolved(event, minute(start + minutes))])]
  const fact: IncidentFact = {
    ...told,
    startedAt: Date.parse(minute(start)),
    ...(minutes !== undefined && { resolvedAt: Date.parse(minute(start + minutes)) }),
  }
  return { id: event.id, events, fact }
}

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
    const rolledBackAt = minute(40)
    const mark = afterwards(first, { type: 'DeploymentRolledBack', rolledBackAt })
    return { ...fact([first, mark], lifecycle === 'rolled back'), rolledBackAt: Date.parse(rolledBackAt) }
  }
  if (lifecycle === 'removed' && status === 'DEPLOYED') {
    const first = recorded(reported)
    const removedAt = minute(start + (minutes ?? 0) + wrong.start)
    const removed = afterwards(first, { type: 'DeploymentRemoved', removedAt })
    return { ...fact([first, removed]), removedAt: Date.parse(removedAt) }
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

  /** By incident the deployment to which it belongs. */
  async function ownersOf(tenant: string): Promise<Record<string, string | null>> {
    const rows = await log.query<{ incident_id: string; deployment_id: string | null }>({
      text: 'SELECT incident_id, deployment_id FROM incident WHERE tenant = $1',
      values: [tenant],
    })
    return Object.fromEntries(rows.map(row => [row.incident_id, row.deployment_id]))
  }

  test('equal an independent recomputation, also after a change of the pipeline', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(facts, { minLength: 1, maxLength: 40, size: 'max' }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
        fc.nat(80),
        fc.array(incidentFacts, { maxLength: 12 }),
        async (generated, batchSizes, pauseAfter, generatedIncidents) => {
          const tenant = `tenant-${randomUUID().slice(0, 8)}`
          const ids = generated.map(() => randomUUID())
          const finals = generated.map((one, index) => finalOf(one, tenant, ids, index))
          const counting = finals.filter((_, index) => !generated[index]!.isVoided)
          const incidents = generatedIncidents.map(one => incidentOf(one, tenant, ids))
          const incidentFactsOf = incidents.map(({ fact }) => fact)
          const arriving = [
            ...finals.map((fact, index) => ({
              events: [...fact.events, ...voidOf(fact.events[0]!, generated[index]!)],
              arrival: generated[index]!.arrival,
              fact,
            })),
            ...incidents.map(({ events }, index) => ({
              events,
              arrival: generatedIncidents[index]!.arrival,
              fact: undefined,
            })),
          ]
            .flatMap(({ events, arrival, fact }) => {
              const ranks = arrival.toSorted((a, b) => a - b)
              return events.map((event, n) => ({ event, rank: ranks[n]!, fact }))
            })
            .toSorted((a, b) => a.rank - b.rank)
          // given: two parts, so that partitions alternate
          for (const part of [arriving.slice(0, pauseAfter), arriving.slice(pauseAfter)]) {
            const records = log.append(part.map(({ event }) => event))
            for (const [index, { event, fact }] of part.entries()) {
              const { partition, headers } = records[index]!
              if (event.event.type === 'DeploymentRecorded')
                fact!.order = (BigInt(4095 - partition) << 50n) + BigInt(headers['ce_ledgerseq']!.toString())
            }
            await log.project(batchSizes)
          }
          const nameIn = (names: Record<string, string>) => (environment: string) => names[environment] ?? environment
          const checkTables = async (names: Record<string, string>, first: string) => {
            const nameOf = nameIn(names)
            const expected = expectedTables(counting, nameOf, first, incidentFactsOf)
            const named = (fact: Fact) => ({ ...fact, environment: nameOf(fact.environment) })
            const [all, allCounting] = [finals.map(named), counting.map(named)]
            const owners = incidents.map(({ id, fact }) => {
              // One that names a voided deployment still belongs to it: then no response has either.
              return [id, ownerOf(fact, fact.deploymentId === undefined ? allCounting : all, nameOf)?.id ?? null]
            })
            expect(await ownersOf(tenant)).toEqual(Object.fromEntries(owners))
            expect(await metricTables(log, tenant)).toEqual(expected)
          }
          await checkTables(plain, 'dev')

          await log.given(...new Decided(tenant).putPipeline(own))
          await checkTables(placed, 'qa')
        },
      ),
      { numRuns: runs(100) },
    )
  }, 300_000)
})
