import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { GivenLog, recorded } from '#test/specs/read-models/given-log'
import { until } from '#test/kit'
import { deployments, findDeployment, PositionWatch } from '../index.js'

const quiet = { info: () => undefined, warn: () => undefined }

let log: GivenLog
let watch: PositionWatch

beforeEach(async () => {
  log = await GivenLog.start()
  const { database, reader } = log
  watch = new PositionWatch({
    databaseUrl: database.url,
    readModels: reader,
    projection: deployments.name,
    logger: quiet,
    patienceMs: 60_000,
  })
  watch.start()
})
afterEach(async () => {
  await watch.close()
  await log.end()
})

/** Appends a deployment without projecting it. @returns its id and the position to wait for */
function waiting(application = 'checkout'): { id: string; position: Map<number, number> } {
  const deployment = recorded({ application, id: randomUUID() })
  const [record] = log.append([deployment])
  return {
    id: deployment.id,
    position: new Map([[record!.partition, Number(record!.headers['ce_ledgerseq']!.toString())]]),
  }
}

/** Reads it as soon as the read models have it. @returns the id of what was read */
async function read({ id, position }: ReturnType<typeof waiting>): Promise<string> {
  const { body } = await watch.read(position, () => findDeployment(log.query, 'acme', id))
  return (JSON.parse(body!) as { id: string }).id
}

async function endListeners(): Promise<number> {
  const client = new pg.Client(log.database.url)
  await client.connect()
  try {
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'shiplog position watch' AND datname = current_database()`,
    )
    return rowCount ?? 0
  } finally {
    await client.end()
  }
}

test('concurrent reads return when the position that each waits for is projected', async () => {
  const wanted = Array.from({ length: 20 }, (_, n) => waiting(`application-${n}`))
  const answers = Promise.all(wanted.map(read))
  await log.project([1])
  expect(await answers).toEqual(wanted.map(({ id }) => id))
})

test('a read returns where its position was projected before', async () => {
  const wanted = waiting()
  await log.project()
  expect(await read(wanted)).toBe(wanted.id)
})

test('a read returns though the connection that listens was terminated', async () => {
  await until(async () => (await endListeners()) > 0, 'the watch to listen')
  const wanted = waiting()
  const answer = read(wanted)
  await log.project()
  expect(await answer).toBe(wanted.id)
})

test('a read waits again for a known position after the read models were reset', async () => {
  // given: a position that the watch knows
  const wanted = waiting()
  await log.project()
  await read(wanted)

  // when: the read models are reset
  await log.readModels.query({ text: 'TRUNCATE read_v1.deployment_history, read_v1.deployment_event', values: [] })
  await log.readModels.query({ text: 'UPDATE read_v1.projection_position SET seq = 0, next_offset = 0', values: [] })
  const answer = read(wanted)
  await log.project()

  // then
  expect(await answer).toBe(wanted.id)
})

test('reads beyond the limit of a tenant are rejected at once, while other tenants wait', async () => {
  const { position } = waiting()
  const failures: unknown[] = []
  const wait = (tenant: string) =>
    watch
      .read(position, () => Promise.reject(new Error('the position was not reached')), tenant)
      .catch(error => failures.push(error))
  const started = performance.now()
  const waits = Array.from({ length: 520 }, () => wait('crowd'))
  const other = waiting('another')
  const answer = watch.read(other.position, () => findDeployment(log.query, 'acme', other.id), 'acme')
  await until(() => failures.length > 0, 'some reads to be rejected')
  expect(failures).toHaveLength(20)
  expect(failures[0]).toMatchObject({ name: 'PositionNotReached', retryAfterSeconds: 1 })
  expect(performance.now() - started).toBeLessThan(5000)
  await log.project()
  expect((await answer).body).toContain(other.id)
  await watch.close()
  await Promise.all(waits)
})

test('a waiting read is rejected when the watch is closed', async () => {
  const answer = read(waiting()).catch((error: unknown) => error)
  await watch.close()
  expect(await answer).toMatchObject({ name: 'PositionNotReached', retryAfterSeconds: 1 })
})
