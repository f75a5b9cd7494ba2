import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { Correction, Pipeline } from '#libs/contracts'
import { Tenant } from '#test/specs/read-models/asking'
import { Decided } from '#test/specs/read-models/decided'
import { afterwards, GivenLog, type GivenEvent } from '#test/specs/read-models/given-log'
import { runs } from '#test/kit'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

const minute = (n: number) => new Date(Date.UTC(2026, 1, 12, 10, n)).toISOString().replace('.000Z', 'Z')

/** The slot, minute and tag of each interval, and whether it began by a rollback. */
async function intervals(name: string): Promise<string[]> {
  const rows = await log.query<{ interval: string }>({
    text: `
      SELECT concat_ws(' ', application, environment_name, trim_scale(extract(epoch FROM from_at - $2) / 60),
        coalesce(image_tag, 'nothing'), CASE WHEN by_rollback THEN 'by rollback' END) AS interval
      FROM deployment_interval WHERE tenant = $1 ORDER BY application, environment_name, from_at`,
    values: [name, minute(0)],
  })
  return rows.map(({ interval }) => interval)
}

/** All of each interval: the starts of its deployments tell these apart. */
async function details(name: string): Promise<unknown[]> {
  return log.query({
    text: `
      SELECT application, from_at, deployed_at, image_tag, by_rollback, new_tag FROM deployment_interval WHERE tenant = $1
      ORDER BY application, from_at`,
    values: [name],
  })
}

/** Which intervals begin the stretch of a tag, as a comparison of each with the one before it tells. */
async function wronglyNew(name: string): Promise<unknown[]> {
  return log.query({
    text: `
      SELECT * FROM (
        SELECT *, lag(image_tag) OVER (PARTITION BY application, environment_name ORDER BY from_at) AS tag_before
        FROM deployment_interval WHERE tenant = $1
      ) following WHERE new_tag <> (image_tag IS NOT NULL AND image_tag IS DISTINCT FROM tag_before)`,
    values: [name],
  })
}

describe('intervals of a slot', () => {
  const correct = (event: GivenEvent, ...corrections: Correction[]) =>
    afterwards(event, { type: 'DeploymentCorrected', corrections, reason: 'it was not so' })
  const started = (imageTag: string, at: number, more: object = {}) =>
    tenant.recorded({ imageTag, deployedAt: minute(at), ...more })

  test('follow new, late and corrected deployments', async () => {
    const v1 = started('v1', 1)
    const v3 = started('v3', 5, { completedAt: minute(6) })
    await log.given(v1, v3)
    expect(await intervals(tenant.name)).toEqual(['checkout production 1 v1', 'checkout production 6 v3'])

    // when: an earlier deployment is recorded late, and the last one is rolled back
    const v2 = started('v2', 3)
    await log.given(v2, afterwards(v3, { type: 'DeploymentRolledBack', rolledBackAt: minute(9) }))
    expect(await intervals(tenant.name)).toEqual([
      'checkout production 1 v1',
      'checkout production 3 v2',
      'checkout production 6 v3',
      'checkout production 9 v2 by rollback',
    ])

    // when: the one between is corrected to a failure
    await log.given(correct(v2, { field: 'status', before: 'DEPLOYED', after: 'FAILED' }))
    expect(await intervals(tenant.name)).toEqual([
      'checkout production 1 v1',
      'checkout production 6 v3',
      'checkout production 9 v1 by rollback',
    ])

    // when: the rollback is corrected to an earlier time, and then removed
    await log.given(correct(v3, { field: 'rolledBackAt', before: minute(9), after: minute(8) }))
    expect((await intervals(tenant.name)).at(-1)).toBe('checkout production 8 v1 by rollback')
    await log.given(
      correct(
        v3,
        { field: 'status', before: 'ROLLED_BACK', after: 'DEPLOYED' },
        { field: 'rolledBackAt', before: minute(8) },
      ),
    )
    expect(await intervals(tenant.name)).toEqual(['checkout production 1 v1', 'checkout production 6 v3'])
  })

  test('have nothing active after the only success is rolled back, and omit deployments that never were active', async () => {
    const only = started('v1', 1)
    await log.given(
      only,
      afterwards(only, { type: 'DeploymentRolledBack', rolledBackAt: minute(4) }),
      started('never', 2, { status: 'ROLLED_BACK' }),
      started('too slow', 2, { status: 'ROLLED_BACK', completedAt: minute(7), rolledBackAt: minute(6) }),
      started('failed', 2, { status: 'FAILED' }),
      started('pending', 2, { status: 'PENDING' }),
    )
    expect(await intervals(tenant.name)).toEqual([
      'checkout production 1 v1',
      'checkout production 4 nothing by rollback',
    ])
  })

  test('follow a change of the pipeline', async () => {
    const own: Pipeline = { environments: [{ name: 'live', aliases: ['production', 'blue'], approvals: 0 }] }
    const decided = new Decided(tenant.name)
    await log.given(
      started('v1', 1),
      started('v3', 3),
      started('v2', 2, { environment: 'blue' }),
      started('v4', 4, { environment: 'elsewhere' }),
    )
    await log.given(...decided.putPipeline(own))
    expect(await wronglyNew(tenant.name)).toEqual([])
    expect(await intervals(tenant.name)).toEqual([
      'checkout elsewhere 4 v4',
      'checkout live 1 v1',
      'checkout live 2 v2',
      'checkout live 3 v3',
    ])
  })

  const fact = fc.record({
    application: fc.constantFrom('a', 'a', 'b'),
    start: fc.nat(10),
    lasts: fc.nat(4),
    fate: fc.constantFrom('runs', 'runs', 'runs', 'rolled back', 'failed', 'ended'),
    end: fc.nat(12),
    corrected: fc.option(fc.record({ start: fc.nat(10), lasts: fc.nat(4), end: fc.option(fc.nat(12)) })),
    arrival: fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 }),
  })

  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 })

  test('are equal for any order of arrival and any batches', async () => {
    const facts = fc.array(fact, { minLength: 1, maxLength: 25, size: 'max' })
    await fc.assert(fc.asyncProperty(facts, sizes, sameInAnyOrder), { numRuns: runs(100) })
  }, 120_000)

  // More rolled-back deployments than the search for the active one examines one at a time.
  test('are equal for any order where most of many deployments were rolled back', async () => {
    const mostly = fact.map(
      one => ({ ...one, application: 'a', fate: one.fate === 'runs' ? 'rolled back' : one.fate }) as const,
    )
    const facts = fc.array(mostly, { minLength: 100, maxLength: 140 })
    await fc.assert(fc.asyncProperty(facts, sizes, sameInAnyOrder), { numRuns: runs(8) })
  }, 120_000)

  async function sameInAnyOrder(facts: (typeof fact extends fc.Arbitrary<infer T> ? T : never)[], sizes: number[]) {
    // given: the same events in order of time, and in order of arrival; no two at one instant
    const names = [`in-order-${randomUUID().slice(0, 8)}`, `any-order-${randomUUID().slice(0, 8)}`]
    const [inOrder, anyOrder] = names.map(name =>
      facts.map(({ application, start, lasts, fate, end, corrected, arrival }, n) => {
        const [finish, rollback] = [n, 500 + n].map(
          milliseconds => (at: number) => new Date(Date.parse(minute(at)) + milliseconds).toISOString(),
        ) as [(at: number) => string, (at: number) => string]
        const status = fate === 'ended' ? 'ROLLED_BACK' : fate === 'failed' ? 'FAILED' : 'DEPLOYED'
        const first = new Tenant(log).recorded({
          tenant: name,
          application,
          imageTag: `v${n % 4}`,
          deployedAt: finish(start),
          completedAt: finish(start + lasts),
          status,
          ...(fate === 'ended' && { rolledBackAt: rollback(end) }),
        })
        const events: GivenEvent[] = [first]
        if (fate === 'rolled back')
          events.push(afterwards(first, { type: 'DeploymentRolledBack', rolledBackAt: rollback(end) }))
        if (corrected) {
          const corrections: Correction[] = [
            { field: 'deployedAt', after: finish(corrected.start) },
            { field: 'completedAt', after: finish(corrected.start + corrected.lasts) },
          ]
          if (corrected.end !== null)
            corrections.push(
              { field: 'status', after: 'ROLLED_BACK' },
              { field: 'rolledBackAt', after: rollback(corrected.end) },
            )
          events.push(correct(first, ...corrections))
        }
        const ranks = arrival.toSorted((a, b) => a - b)
        return events.map((event, index) => ({ event, rank: ranks[index]! }))
      }),
    )
    await log.given(...inOrder!.flatMap(events => events.map(({ event }) => event)))
    log.append(
      anyOrder!
        .flat()
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ event }) => event),
    )
    await log.project(sizes)
    expect(await intervals(names[1]!)).toEqual(await intervals(names[0]!))
    expect(await details(names[1]!)).toEqual(await details(names[0]!))
    for (const name of names) expect(await wronglyNew(name)).toEqual([])
  }
})
