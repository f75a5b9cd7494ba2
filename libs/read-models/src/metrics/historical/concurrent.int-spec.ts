import { randomUUID } from 'node:crypto'
import { expectedTables, type Fact } from '#test/specs/read-models/expected-metrics'
import { Tenant } from '#test/specs/read-models/asking'
import { GivenLog, partitionOf } from '#test/specs/read-models/given-log'
import { metricTables } from '#test/specs/read-models/metric-tables'
import { deployments, projectBatch, readPositions, readRecord } from '../../index.js'

const EACH = 200
const AT_ONCE = 9

describe('partitions projected concurrently', () => {
  let log: GivenLog
  beforeAll(async () => {
    log = await GivenLog.start()
  })
  afterAll(() => log.end())

  async function project(partition: number): Promise<void> {
    let from = (await readPositions(log.readModels.query, deployments.name)).get(partition)!
    const records = log.records(partition)
    while (from.seq < records.length) {
      const events = records.slice(from.seq, from.seq + AT_ONCE).map(readRecord)
      const to = { seq: from.seq + events.length, nextOffset: from.nextOffset + events.length }
      expect(await projectBatch(log.readModels, deployments, partition, { from, events, to })).toBe(true)
      from = to
    }
  }

  test('add to the same counters without lost updates', async () => {
    // given: applications of four partitions, in the same hours and environment, that report rollbacks of each other
    const tenant = new Tenant(log)
    const names = Array.from({ length: 100 }, (_, n) => `app-${n}`)
    const applications = [...new Map(names.map(name => [partitionOf(`${tenant.name}/${name}`), name])).values()].slice(
      0,
      4,
    )
    expect(applications).toHaveLength(4)
    const base = Date.UTC(2026, 1, 12)
    const facts: Fact[] = []
    const ids = Array.from({ length: EACH * applications.length }, () => randomUUID())
    for (let n = 0; n < ids.length; n++) {
      const application = applications[n % applications.length]!
      const deployedAt = base + Math.floor(n / applications.length) * 600_000
      // Some rollbacks are recorded before the deployments that they reference, some after; a few are of one application.
      const rollbackOf = n % 5 === 0 ? ids[(n + 1 + (n % 40)) % ids.length] : undefined
      const event = tenant.recorded({
        id: ids[n]!,
        application,
        imageTag: `v${n}`,
        deployedAt: new Date(deployedAt).toISOString(),
        ...(rollbackOf !== undefined && { rollbackOf }),
      })
      const [record] = log.append([event])
      facts.push({
        id: ids[n]!,
        application,
        environment: 'production',
        imageTag: `v${n}`,
        status: 'DEPLOYED',
        succeeded: true,
        deployedAt,
        rollbackOf,
        unplanned: false,
        commits: [],
        order: (BigInt(4095 - record!.partition) << 50n) + BigInt(record!.headers['ce_ledgerseq']!.toString()),
      })
    }

    // when
    await Promise.all(applications.map(application => project(partitionOf(`${tenant.name}/${application}`))))

    // then
    const expected = expectedTables(facts, name => name, 'dev')
    expect(expected.metrics).toHaveLength(ids.length)
    expect(await metricTables(log, tenant.name)).toEqual(expected)
  }, 60_000)
})
