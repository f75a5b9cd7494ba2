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

/** Deployments of which one goes back, and rules. */
async function givenMuch(): Promise<void> {
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

test('what is built beside is equal to what was projected', async () => {
  await givenMuch()
  const compared = await compare()
  expect(
    compared.map(({ table, live, next, differences }) => [table, live.rows, live.hash === next.hash, differences]),
  ).toEqual(modelTables(MODELS).map(({ table }) => [table, expect.any(Number), true, []]))
  expect(compared.find(({ table }) => table === 'deployment_event')).toMatchObject({ live: { rows: 5 } })
})

test('rows that were changed, taken away and put in by hand are found and named', async () => {
  await givenMuch()
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

test('where a table is empty on one side, the rows of the other are counted, and the first named', async () => {
  await givenMuch()
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

test('a swap mends them, keeps what was there until it is dropped, and goes on being projected', async () => {
  await givenMuch()
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

test('one model can be swapped alone, and with the rules go the functions that read them', async () => {
  await givenMuch()
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

test('a swap that would leave a function between two versions is refused, and changes nothing', async () => {
  await givenMuch()
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

test('a swap gives way to who reads for long, and to those who wait for a table behind it', async () => {
  // given
  await givenMuch()
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

test('what was built is gone on with, and thrown away where another code has built it or it is told to', async () => {
  await givenMuch()
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

test('beside the tables of another version nothing is built', async () => {
  await run(`DELETE FROM migration WHERE name LIKE 'Configuration%'`)
  await expect(beginRebuild(log)).rejects.toThrow(VersionMismatch)
})

test('there is one rebuild at a time', async () => {
  rebuild = await beginRebuild(log)
  await expect(beginRebuild(log)).rejects.toThrow(RebuildInProgress)
})

test('two who project at once and those who read do not notice swaps', async () => {
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
  const ask = async (application: 'a' | 'b') => {
    while (!ended()) {
      // Whoever reads at no moment sees less than what was projected before.
      const before = recorded[application]
      const { length } = await tenant.history({ application })
      expect(length).toBeGreaterThanOrEqual(Math.min(before, 500))
      if (length > 0) expect(await tenant.current({ application })).toHaveLength(1)
      reads += 1
    }
  }
  const all = Promise.all([project('a'), project('b'), ask('a'), ask('b'), ask('b')])

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
