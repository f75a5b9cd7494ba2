import pg from 'pg'
import { until } from '#test/kit'
import { afterwards, GivenLog } from '#test/specs/read-models/given-log'
import { Tenant, at, tagsOf } from '#test/specs/read-models/asking'
import { Decided } from '#test/specs/read-models/decided'
import { beginRebuild, folding } from '#test/specs/read-models/rebuilt'
import {
  deployments,
  dropVersion,
  MODELS,
  NEXT_SCHEMA,
  VersionMismatch,
  OLD_SCHEMA,
  projectBatch,
  readPositions,
  readRecord,
  RebuildInProgress,
  SwapRefused,
  type Model,
  type ProjectedPosition as At,
  type Rebuild,
} from '../index.js'
import { BOOKKEEPING, modelTables } from '../catalog/models.js'

let log: GivenLog
let tenant: Tenant
let rebuild: Rebuild | undefined

beforeEach(async () => {
  log = await GivenLog.start()
  tenant = new Tenant(log)
})
afterEach(async () => {
  await rebuild?.end()
  rebuild = undefined
  await log.end()
})

const run = (text: string) => log.readModels.query({ text, values: [] })

/** Deployments with a rollback, and a freeze. */
async function givenHistory(): Promise<void> {
  const decided = new Decided(tenant.name)
  const first = tenant.recorded({ imageTag: 'v1', deployedAt: at('10:00:00') })
  await log.given(
    first,
    tenant.recorded({ imageTag: 'v2', deployedAt: at('11:00:00') }),
    tenant.recorded({ imageTag: 'v1', deployedAt: at('12:00:00') }),
    tenant.recorded({ imageTag: 'v7', application: 'search', deployedAt: at('12:00:00') }),
    afterwards(first, { type: 'DeploymentRolledBack', rolledBackAt: at('13:00:00') }),
    ...decided.putFreezes([{ name: 'christmas', from: at('10:00:00'), to: at('11:00:00') }]),
  )
}

/** Builds the next version and compares models. */
async function compare(models: readonly Model[] = MODELS) {
  rebuild ??= await beginRebuild(log)
  return rebuild.compare(models, folding(log, rebuild))
}

async function swap(models: readonly Model[] = MODELS): Promise<void> {
  rebuild ??= await beginRebuild(log)
  await rebuild.swap(models, folding(log, rebuild))
  await rebuild.end()
  rebuild = undefined
}

test('every table belongs to one model', async () => {
  const tables = await run(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'read_v1'`)
  const known = [...modelTables(MODELS).map(({ table }) => table), ...BOOKKEEPING]
  expect(known.toSorted()).toEqual(tables.map(row => (row as { name: string }).name).toSorted())
})

test('a rebuild equals the projected read models', async () => {
  await givenHistory()
  const compared = await compare()
  expect(
    compared.map(({ table, live, next, differences }) => [table, live.rows, live.hash === next.hash, differences]),
  ).toEqual(modelTables(MODELS).map(({ table }) => [table, expect.any(Number), true, []]))
  expect(compared.find(({ table }) => table === 'deployment_event')).toMatchObject({ live: { rows: 5 } })
})

test('compare reports rows that were updated, deleted and inserted by hand', async () => {
  await givenHistory()
  await run(`UPDATE deployment_history SET status = 'FAILED' WHERE image_tag = 'v2'`)
  await run(`DELETE FROM deployment_current WHERE application = 'search'`)
  await run(`UPDATE deployment_interval SET deployment_id = NULL WHERE application = 'search'`)
  await run(`INSERT INTO tenant_pipeline (tenant, version) VALUES ('nobody', 1)`)

  const compared = await compare()
  const differing = compared.filter(({ differences }) => differences.length > 0)
  expect(differing.map(({ table, differences }) => [table, differences])).toEqual([
    [
      'deployment_history',
      [
        {
          kind: 'different',
          count: 1,
          examples: [{ key: expect.stringContaining(tenant.name), columns: { status: ['FAILED', 'DEPLOYED'] } }],
        },
      ],
    ],
    [
      'deployment_current',
      [{ kind: 'only next', count: 1, examples: [{ key: `(${tenant.name},search,production)`, columns: {} }] }],
    ],
    [
      'deployment_interval',
      [
        {
          kind: 'different',
          count: 1,
          examples: [
            { key: expect.stringContaining(tenant.name), columns: { deployment_id: [null, expect.any(String)] } },
          ],
        },
      ],
    ],
    ['tenant_pipeline', [{ kind: 'only live', count: 1, examples: [{ key: '(nobody)', columns: {} }] }]],
  ])
})

test('compare counts the rows of a table that is empty on one side, and names the first three', async () => {
  await givenHistory()
  const key = 'ROW(tenant, deployment_id, version)::text'
  const keys = await run(`SELECT ${key} AS key FROM deployment_event ORDER BY ${key} COLLATE "C" LIMIT 3`)
  const examples = keys.map(row => ({ ...(row as object), columns: {} }))
  const differences = async () => (await compare()).find(({ table }) => table === 'deployment_event')!.differences
  expect(await differences()).toEqual([])

  await run(`DELETE FROM ${NEXT_SCHEMA}.deployment_event`)
  expect(await differences()).toEqual([{ kind: 'only live', count: 5, examples }])

  await run(`
    WITH moved AS (DELETE FROM deployment_event RETURNING *)
    INSERT INTO ${NEXT_SCHEMA}.deployment_event SELECT * FROM moved`)
  expect(await differences()).toEqual([{ kind: 'only next', count: 5, examples }])
})

test('a swap repairs the tables, keeps the old version until it is dropped, and is projected further', async () => {
  await givenHistory()
  await run(`UPDATE deployment_history SET image_tag = 'v9' WHERE image_tag = 'v2'`)
  await swap()
  expect(tagsOf(await tenant.history({ application: 'checkout' }))).toEqual(['v1', 'v2', 'v1'])
  expect(
    await run(`SELECT count(*)::int AS kept FROM ${OLD_SCHEMA}.deployment_history WHERE image_tag = 'v9'`),
  ).toEqual([{ kept: 1 }])

  await log.given(tenant.recorded({ imageTag: 'v3', deployedAt: at('14:00:00') }))
  expect(tagsOf(await tenant.current({ application: 'checkout' }))).toEqual(['v3'])

  await expect(swap()).rejects.toThrow(SwapRefused)
  await rebuild?.end()
  await dropVersion(log.database.url, OLD_SCHEMA)
  rebuild = undefined
  await swap()
  expect(tagsOf(await tenant.current({ application: 'checkout' }))).toEqual(['v3'])
})

test('a swap of one model leaves the others unchanged, and a swap of the rules includes the functions that read them', async () => {
  await givenHistory()
  await run(`UPDATE deployment_history SET image_tag = 'v9' WHERE image_tag = 'v2'`)
  await run(`DELETE FROM deployment_current`)
  await swap(['history'])
  expect(tagsOf(await tenant.history({ application: 'checkout' }))).toEqual(['v1', 'v2', 'v1'])
  expect(await tenant.current()).toEqual([])

  await swap(['rules', 'current'])
  expect(tagsOf(await tenant.current({ application: 'checkout' }))).toEqual(['v1'])
  const environments = [{ name: 'live', aliases: ['production'], approvals: 0 }]
  await log.given(...new Decided(tenant.name).putPipeline({ environments, allowSkipping: true }))
  expect(tagsOf(await tenant.current({ environment: 'live', application: 'checkout' }))).toEqual(['v1'])
  await dropVersion(log.database.url, OLD_SCHEMA)
  expect(tagsOf(await tenant.current({ environment: 'live', application: 'checkout' }))).toEqual(['v1'])
})

test('a swap that would leave a function between two versions is rejected and changes nothing', async () => {
  await givenHistory()
  rebuild = await beginRebuild(log)
  for (const schema of ['read_v1', 'read_v1_next']) {
    await run(`CREATE FUNCTION ${schema}.pairs() RETURNS bigint LANGUAGE sql
      BEGIN ATOMIC SELECT count(*) FROM ${schema}.deployment_history, ${schema}.tenant_pipeline; END`)
  }
  await expect(rebuild.swap(['rules'], folding(log, rebuild))).rejects.toThrow('swap all of them')
  expect(await run('SELECT pairs() AS pairs')).toEqual([{ pairs: '4' }])

  await swap()
  await dropVersion(log.database.url, OLD_SCHEMA)
  expect(await run('SELECT pairs() AS pairs')).toEqual([{ pairs: '4' }])
})

test('a swap waits for a long transaction without blocking other readers', async () => {
  // given
  await givenHistory()
  const reader = new pg.Client({ connectionString: log.database.url })
  await reader.connect()
  await reader.query('BEGIN; SELECT FROM read_v1.deployment_history')

  // when
  const swapped = swap()
  const waits = async () => {
    const text = `SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted AND relation = 'deployment_history'::regclass`
    return (await run(text)).length > 0
  }
  await until(waits, 'the swap to wait')

  // then
  expect(tagsOf(await tenant.history({ application: 'search' }))).toEqual(['v7'])
  await reader.query('COMMIT')
  await reader.end()
  await swapped
  expect(await run(`SELECT FROM pg_namespace WHERE nspname = 'read_v1_old'`)).toHaveLength(1)
})

test('a rebuild resumes what was built, and discards it after a change of code or on request', async () => {
  await givenHistory()
  await compare()
  const built = await rebuild!.nextPositions()
  await rebuild!.end()

  rebuild = await beginRebuild(log)
  expect([rebuild.resumed, await rebuild.nextPositions()]).toEqual([true, built])
  await rebuild.end()

  await run(`COMMENT ON SCHEMA read_v1_next IS 'of other code'`)
  rebuild = await beginRebuild(log)
  const atStart = [...(await rebuild.nextPositions()).values()].every(({ seq }) => seq === 0)
  expect([rebuild.resumed, atStart]).toEqual([false, true])
  await rebuild.end()

  rebuild = await beginRebuild(log, true)
  expect(rebuild.resumed).toBe(false)
})

test('a rebuild beside tables of another version is rejected', async () => {
  await run(`DELETE FROM migration WHERE name LIKE 'Configuration%'`)
  await expect(beginRebuild(log)).rejects.toThrow(VersionMismatch)
})

test('a second rebuild at the same time is rejected', async () => {
  rebuild = await beginRebuild(log)
  await expect(beginRebuild(log)).rejects.toThrow(RebuildInProgress)
})

test('projections and queries succeed during swaps', async () => {
  // given: two applications, in two partitions
  const swapping = new AbortController()
  const ended = () => swapping.signal.aborted
  const recorded = { a: 0, b: 0 }
  const project = async (application: 'a' | 'b') => {
    while (!ended()) {
      const [record] = log.append([tenant.recorded({ application, imageTag: `v${recorded[application]}` })])
      const { partition } = record!
      const { seq } = (await readPositions(log.readModels.query, deployments.name)).get(partition)!
      const [from, to] = [seq, seq + 1].map(slot => ({ seq: slot, nextOffset: slot })) as [At, At]
      const batch = { from, events: [readRecord(record!)], to }
      expect(await projectBatch(log.readModels, deployments, partition, batch)).toBe(true)
      recorded[application] += 1
    }
  }
  let reads = 0
  const read = async (application: 'a' | 'b') => {
    while (!ended()) {
      // A reader never sees less than what was projected before.
      const before = recorded[application]
      const { length } = await tenant.history({ application })
      expect(length).toBeGreaterThanOrEqual(Math.min(before, 500))
      if (length > 0) expect(await tenant.current({ application })).toHaveLength(1)
      reads += 1
    }
  }
  const all = Promise.all([project('a'), project('b'), read('a'), read('b'), read('b')])

  // when
  for (let n = 0; n < 4; n++) {
    await swap()
    await dropVersion(log.database.url, OLD_SCHEMA)
  }
  swapping.abort()
  await all

  // then
  expect([recorded.a > 10, recorded.b > 10, reads > 10]).toEqual([true, true, true])
  expect((await compare()).every(({ differences }) => differences.length === 0)).toBe(true)
}, 120_000)
