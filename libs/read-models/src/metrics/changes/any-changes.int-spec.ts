import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { Changes, type ChangedPeriod, type ChangesQuestion } from '#test/independent/answers/changes'
import {
  afterwards,
  GivenLog,
  opened,
  recorded,
  resolved,
  type GivenEvent,
  type GivenOfTenant,
} from '#test/specs/read-models/given-log'
import { runs } from '#test/kit'
import type { WireRecord } from '#libs/contracts'
import { metrics } from '#libs/api'
import { changesPage } from './queries.js'

let log: GivenLog

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())

const DAY = 86_400_000
const first = Date.UTC(2026, 0, 5)
const instantAt = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')

// Few values of each kind, so that deployments interact: hours of six days, and few milliseconds of recording.
const hour = fc.nat(6 * 24).map(n => instantAt(first + n * 3_600_000))
const recordedTime = fc.oneof(
  fc.nat(5).map(n => instantAt(first + 9 * DAY + n)),
  fc.nat(12).map(n => instantAt(first + n * DAY + 5)),
)
const commit = fc.record({ sha: fc.constantFrom('c1', 'c2', 'c3', 'c4'), committedAt: hour })
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 })

const deployment = fc.record({
  application: fc.constantFrom('a', 'a', 'b'),
  environment: fc.constantFrom('prod', 'production', 'production', 'dev', 'staging'),
  imageTag: fc.constantFrom('v1', 'v2', 'v3'),
  status: fc.constantFrom(
    'DEPLOYED' as const,
    'DEPLOYED' as const,
    'DEPLOYED' as const,
    'FAILED' as const,
    'CANCELLED' as const,
    'PENDING' as const,
  ),
  deployedAt: hour,
  hours: maybe(fc.nat(30)),
  unplanned: maybe(fc.boolean()),
  commits: maybe(fc.array(commit, { minLength: 1, maxLength: 3 })),
  gitCommit: maybe(fc.constantFrom('c1', 'c2', 'c3', 'c4')),
  rollbackOf: maybe(fc.nat(20)),
  labels: fc.constantFrom<Record<string, string> | undefined>(undefined, { team: 'x' }, { team: 'x', tier: 'y' }),
  recordedTime,
})

const later = fc.record({
  of: fc.nat(20),
  what: fc.oneof(
    fc.record({
      type: fc.constant('DeploymentCompleted' as const),
      status: fc.constantFrom('DEPLOYED' as const, 'FAILED' as const, 'CANCELLED' as const),
      completedAt: hour,
    }),
    fc.record({ type: fc.constant('DeploymentRolledBack' as const), rolledBackAt: hour }),
    fc.record({ type: fc.constant('DeploymentRemoved' as const), removedAt: hour }),
    fc.record({ type: fc.constant('DeploymentVoided' as const), reason: fc.constant('it never was') }),
    fc
      .oneof(
        fc.record({ field: fc.constantFrom('deployedAt' as const, 'completedAt' as const), after: hour }),
        fc.record({
          field: fc.constant('status' as const),
          after: fc.constantFrom('DEPLOYED', 'FAILED', 'ROLLED_BACK', 'CANCELLED'),
        }),
        fc.record({ field: fc.constant('gitCommit' as const), after: fc.constantFrom('c1', 'c5') }),
        fc.record({ field: fc.constant('unplanned' as const), after: fc.boolean() }),
        fc.record({ field: fc.constant('imageTag' as const), after: fc.constantFrom('v1', 'v2', 'v4') }),
        fc.record({ field: fc.constant('commits' as const), after: maybe(fc.array(commit, { maxLength: 3 })) }),
        // Which of the deployments it undoes.
        fc.record({ field: fc.constant('rollbackOf' as const), after: maybe(fc.nat(20)) }),
      )
      .map(correction => ({
        type: 'DeploymentCorrected' as const,
        corrections: [correction],
        reason: 'it was not so',
      })),
  ),
  recordedTime,
})

const incident = fc.record({
  names: fc.constantFrom('slot', 'slot', 'deployment', 'both'),
  of: fc.nat(20),
  application: fc.constantFrom('a', 'a', 'b'),
  environment: fc.constantFrom('prod', 'production', 'dev'),
  startedAt: hour,
  hours: maybe(fc.nat(30)),
  recordedTime,
  resolvedRecorded: recordedTime,
})

const history = fc.record({
  deployments: fc.array(deployment, { minLength: 4, maxLength: 16 }),
  changes: fc.array(later, { maxLength: 12 }),
  incidents: fc.array(incident, { maxLength: 6 }),
})

type History = typeof history extends fc.Arbitrary<infer T> ? T : never

function eventsOf({ deployments, changes, incidents }: History, tenant: string): (GivenEvent | GivenOfTenant)[] {
  const ids = deployments.map(() => randomUUID())
  const recordings = deployments.map(({ hours, rollbackOf, status, deployedAt, ...facts }, n) => {
    const undone = ids[(rollbackOf ?? n) % ids.length]
    return recorded({
      ...facts,
      id: ids[n]!,
      tenant,
      status,
      deployedAt,
      ...(hours !== undefined &&
        status !== 'PENDING' && { completedAt: instantAt(Date.parse(deployedAt) + hours * 3_600_000) }),
      ...(undone !== ids[n] && { rollbackOf: undone }),
    })
  })
  const times = recordings.map(({ event }) => ({ ...event }) as Told)
  const voided = new Set<number>()
  const followed = changes.flatMap(({ of, what, recordedTime: at }) => {
    const n = of % recordings.length
    // Nothing follows.
    if (voided.has(n)) return []
    if (what.type === 'DeploymentVoided') voided.add(n)
    return {
      ...afterwards(recordings[n]!, consistent(what, times[n]!, ids) as Parameters<typeof afterwards>[1]),
      recordedTime: at,
    }
  })
  const ofIncidents = incidents.flatMap(({ names, of, application, environment, startedAt, hours, ...times }) => {
    const event = opened({
      tenant,
      ...(names !== 'slot' && { deploymentId: ids[of] ?? randomUUID() }),
      ...(names !== 'deployment' && { application, environment }),
      startedAt,
      recordedTime: times.recordedTime,
    })
    if (hours === undefined) return [event]
    return [event, resolved(event, instantAt(Date.parse(startedAt) + hours * 3_600_000), times.resolvedRecorded)]
  })
  return [...recordings, ...followed, ...ofIncidents]
}

/** The facts about a deployment that were reported so far. */
interface Told {
  status: string
  deployedAt: string
  completedAt?: string
  isRemoved?: true
}

const nothing = { type: 'DeploymentCorrected' as const, corrections: [], reason: 'nothing was wrong' }

/** The event, changed so that the deployment finishes no earlier than it starts, and is removed only while DEPLOYED, and at the end. */
function consistent(what: History['changes'][number]['what'], times: Told, ids: readonly string[]) {
  const [earlier, later] = [(a: string, b: string) => (a < b ? a : b), (a: string, b: string) => (a > b ? a : b)]
  if (what.type === 'DeploymentVoided') return what
  if (times.isRemoved) return nothing
  if (what.type === 'DeploymentRemoved') {
    if (times.status !== 'DEPLOYED') return nothing
    times.isRemoved = true
    return { ...what, removedAt: later(what.removedAt, times.completedAt ?? times.deployedAt) }
  }
  if (what.type === 'DeploymentCompleted') {
    times.status = what.status
    times.completedAt = later(what.completedAt, times.deployedAt)
    return { ...what, completedAt: times.completedAt }
  }
  if (what.type === 'DeploymentRolledBack') {
    times.status = 'ROLLED_BACK'
    return what
  }
  const corrections = what.corrections.map(({ field, after }) => {
    if (after === undefined) return { field }
    if (field === 'rollbackOf') return { field, after: ids[(after as number) % ids.length] }
    if (field === 'status') times.status = after as string
    if (field === 'completedAt') times.completedAt = later(after as string, times.deployedAt)
    else if (field === 'deployedAt') times.deployedAt = earlier(after as string, times.completedAt ?? (after as string))
    else return { field, after }
    return { field, after: times[field] }
  })
  return { ...what, corrections }
}

function raw({ partition, key, value, headers }: WireRecord) {
  const texts = Object.entries(headers).map(([name, bytes]) => [name, String(bytes)])
  return { partition, offset: '0', key: String(key), value: String(value), headers: Object.fromEntries(texts) }
}

/** The periods of all pages; one that continues on the next page is joined. */
async function allChanges(tenant: string, request: ChangesQuestion, limit: number): Promise<ChangedPeriod[]> {
  const periods: ChangedPeriod[] = []
  let cursor: string | undefined
  for (let pages = 0; pages === 0 || cursor !== undefined; pages++) {
    expect(pages).toBeLessThan(200)
    const { body } = await changesPage(log.query, { tenant, ...request, limit, cursor })
    const page = JSON.parse(body.json) as ChangedPeriod[]
    expect(page.flatMap(({ events }) => events).length).toBeLessThanOrEqual(limit)
    for (const { start, from, to, events } of page) {
      expect(events.length).toBeGreaterThan(0)
      const presented = events.map(event => ({ position: event.position, from: event.from, to: event.to }))
      const last = periods.at(-1)
      if (last?.start === start) last.events.push(...presented)
      else periods.push({ start, from, to, events: presented })
    }
    cursor = body.next
  }
  return periods
}

function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, contribution) =>
    typeof contribution === 'number' ? Number(contribution.toPrecision(10)) : contribution,
  )
}

const requests = fc.record({
  metric: fc.constantFrom(...metrics),
  environment: fc.constantFrom<string | string[]>(
    'production',
    'dev',
    ['production', 'dev'],
    ['staging', 'prod', 'production'],
  ),
  application: fc.constantFrom<string | string[] | undefined>(undefined, undefined, 'a', 'b', ['b', 'a']),
  label: fc.constantFrom<string[] | undefined>(undefined, undefined, ['team=x'], ['team=x', 'tier=y']),
  since: fc.oneof(
    recordedTime,
    fc.nat(12).map(n => instantAt(first + n * DAY)),
  ),
  bucket: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
  timezone: fc.constantFrom('UTC', 'America/Havana'),
})

test('changesPage returns exactly the events that changed a metric value, in log order, for any history', async () => {
  let moved = 0
  await fc.assert(
    fc.asyncProperty(
      history,
      fc.array(requests, { minLength: 8, maxLength: 8 }),
      fc.integer({ min: 1, max: 6 }),
      async (made, requested, limit) => {
        const tenant = `tenant-${randomUUID().slice(0, 8)}`
        const records = log.append(eventsOf(made, tenant))
        await log.project()
        const changes = new Changes(records.map(raw))
        for (const request of requested) {
          const expected = changes.periods(request, new Date().toISOString())
          moved += expected.length
          expect(rounded(await allChanges(tenant, request, limit))).toEqual(rounded(expected))
        }
      },
    ),
    { numRuns: runs(100) },
  )
  expect(moved).toBeGreaterThan(runs(100))
}, 240_000)
