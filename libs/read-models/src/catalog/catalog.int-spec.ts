import type { DeploymentEvent } from '#libs/contracts'
import { at, Tenant } from '#test/specs/read-models/asking'
import { GivenLog, afterwards } from '#test/specs/read-models/given-log'
import {
  deployments,
  findDeploymentEvents,
  historyPage,
  LIVE_SCHEMA,
  NEXT_SCHEMA,
  projectBatch,
  projectBatches,
  ReadModels,
  readPositions,
  readRecord,
  tagExistence,
} from '../index.js'
import { migrate, readModelsDataSource } from '../database/migrate.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

describe('tagExistence', () => {
  test('counts the deployments of a tag in any status, filtered by application and environment', async () => {
    await log.given(
      tenant.recorded({ imageTag: 'v1', status: 'FAILED' }),
      tenant.recorded({ imageTag: 'v1', environment: 'prod' }),
      tenant.recorded({ imageTag: 'v1', application: 'search', environment: 'dev' }),
      tenant.recorded({ imageTag: 'v2' }),
    )
    const count = async (filter: object) =>
      (await tagExistence(log.query, { tenant: tenant.name, imageTag: 'v1', ...filter })).body
    expect(await count({})).toEqual({ imageTag: 'v1', exists: true, deployments: 3 })
    expect(await count({ application: 'checkout' })).toMatchObject({ deployments: 2 })
    expect(await count({ environment: 'production' })).toMatchObject({ deployments: 2 })
    expect(await count({ application: 'search', environment: 'prod' })).toEqual({
      imageTag: 'v1',
      exists: false,
      deployments: 0,
    })
  })
})

describe('projectBatch and projectBatches', () => {
  test('return false and change nothing for a batch that is already projected', async () => {
    // given
    const event = tenant.recorded()
    const [record] = log.append([event])
    const partition = record!.partition
    const from = (await readPositions(log.readModels.query, deployments.name)).get(partition)!
    const events = [readRecord(record!)]
    const to = { seq: from.seq + 1, nextOffset: from.nextOffset + 1 }
    const project = () => projectBatch(log.readModels, deployments, partition, { from, events, to })

    // when, then
    expect(await project()).toBe(true)
    const once = await tenant.history()
    expect(await project()).toBe(false)
    expect(await tenant.history()).toEqual(once)
    expect(JSON.parse((await findDeploymentEvents(log.query, tenant.name, event.id)).body!)).toHaveLength(1)
  })

  test('store several partitions in one transaction, and roll it back where the position of one has moved', async () => {
    const apart = await GivenLog.start()
    try {
      // given: applications of two partitions
      const records = apart.append(
        ['checkout', 'search', 'billing', 'mail'].map(application => tenant.recorded({ application })),
      )
      const partitions = [...new Set(records.map(({ partition }) => partition))].slice(0, 2)
      expect(partitions).toHaveLength(2)
      const batches = partitions.map(partition => {
        const events = records.filter(record => record.partition === partition).map(readRecord)
        const [from, to] = [0, events.length].map(seq => ({ seq, nextOffset: seq }))
        return { partition, from: from!, to: to!, events }
      })
      const project = (...steps: typeof batches) => projectBatches(apart.readModels, deployments, steps)
      const seqs = async () => {
        const positions = await readPositions(apart.readModels.query, deployments.name)
        return partitions.map(partition => positions.get(partition)!.seq)
      }
      const [first, second] = batches as [(typeof batches)[number], (typeof batches)[number]]

      // when, then
      expect(await project(first)).toBe(true)
      expect(await project(second, first)).toBe(false)
      expect(await seqs()).toEqual([first.to.seq, 0])
      const more = afterwards(
        {
          ...tenant.recorded({ application: records[0]!.key.toString().split('/')[1]! }),
          event: first.events[0]!.event as DeploymentEvent,
        },
        { type: 'DeploymentRolledBack', rolledBackAt: at('11:00:00') },
      )
      const next = apart.append([more]).map(readRecord)
      const to = { seq: first.to.seq + 1, nextOffset: first.to.nextOffset + 1 }
      expect(await project({ ...first, from: first.to, to, events: next }, second)).toBe(true)
      expect(await seqs()).toEqual([to.seq, second.to.seq])
      const { body } = await historyPage(apart.query, { tenant: tenant.name, filters: {}, limit: 500 })
      const statuses = (JSON.parse(body.json) as { status: string }[]).map(({ status }) => status)
      expect(statuses).toHaveLength(first.events.length + second.events.length)
      expect(statuses.filter(status => status === 'ROLLED_BACK')).toHaveLength(1)
    } finally {
      await apart.end()
    }
  })

  test('roll back the whole batch and its position where an event cannot be applied', async () => {
    const apart = await GivenLog.start()
    try {
      const records = apart.append([
        tenant.recorded(),
        afterwards(tenant.recorded(), { type: 'DeploymentRolledBack', rolledBackAt: at('11:00:00') }),
      ])
      const { partition } = records[0]!
      const project = projectBatch(apart.readModels, deployments, partition, {
        from: { seq: 0, nextOffset: 0 },
        events: records.map(readRecord),
        to: { seq: 2, nextOffset: 2 },
      })
      await expect(project).rejects.toThrow(/DeploymentRolledBack .* never recorded/)
      const { body, positions } = await historyPage(apart.query, { tenant: tenant.name, filters: {}, limit: 500 })
      expect([body.json, positions]).toEqual(['[]', ''])
    } finally {
      await apart.end()
    }
  })
})

describe('read model tables', () => {
  test('match the entities after all migrations', async () => {
    const tables = await readModelsDataSource(log.database.url).initialize()
    try {
      const { upQueries } = await tables.driver.createSchemaBuilder().log()
      expect(upQueries.map(({ query }) => query)).toEqual([])
    } finally {
      await tables.destroy()
    }
  })

  test.each([LIVE_SCHEMA, NEXT_SCHEMA])('have comments, as have their columns, in the schema %s', async schema => {
    await migrate(log.database.url, 'project', schema)
    const text = `
      SELECT c.relname || coalesce('.' || a.attname, '') AS name FROM pg_class c
      LEFT JOIN LATERAL (
        SELECT NULL::name AS attname, 0 AS attnum
        UNION ALL SELECT attname, attnum FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
      ) a ON true
      WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r'
        AND coalesce(CASE a.attnum WHEN 0 THEN obj_description(c.oid, 'pg_class') ELSE col_description(c.oid, a.attnum) END, '') = ''`
    expect(await log.readModels.query({ text, values: [schema] })).toEqual([])
  })

  test('are readable and not writable for the role that runs queries', async () => {
    await log.given(tenant.recorded())
    const count = { text: 'SELECT count(*)::int AS rows FROM read_v1.deployment_history', values: [] }
    expect(await log.query(count)).toEqual(await log.readModels.query(count))
    const write = (text: string, query = log.query) => query({ text, values: [] })
    await expect(write('DELETE FROM read_v1.deployment_history')).rejects.toThrow(/read-only/)
    await expect(write('CREATE TABLE read_v1.mine (n int)')).rejects.toThrow(/read-only/)

    // A session that allows writes still has no rights.
    const reader = new ReadModels({
      databaseUrl: log.database.url,
      applicationName: 'test',
      access: 'read',
      logger: { info() {}, warn() {} },
      poolSize: 1,
    })
    try {
      await reader.open()
      for (const text of ['DELETE FROM read_v1.deployment_current', 'CREATE TABLE read_v1.mine (n int)']) {
        // A connection with an error leaves the pool, so each statement has a new one.
        await reader.query({ text: 'SET default_transaction_read_only = off', values: [] })
        await expect(write(text, reader.query)).rejects.toThrow(/permission denied/)
      }
    } finally {
      await reader.close()
    }
  })
})
