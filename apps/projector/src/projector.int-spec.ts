import { randomUUID } from 'node:crypto'
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { historyPage, ReadModels } from '#libs/read-models'
import { recorded, afterwards, type GivenEvent } from '../../../test/read-models/given-log.js'
import { partitionOf, WrittenLog } from '../../../test/read-models/written-log.js'
import { brokers, createDatabase, until, type TestDatabase } from '../../../test/stack/index.js'
import { positionIn, startProjector, type TestProjector } from './test-projector.js'

const quiet = { info: () => undefined, warn: () => undefined }

let database: TestDatabase
let log: WrittenLog
let readModels: ReadModels
const projectors: TestProjector[] = []

beforeEach(async () => {
  database = await createDatabase('projector')
  log = await WrittenLog.start()
  readModels = new ReadModels({ databaseUrl: database.url, applicationName: 'test', access: 'project', logger: quiet })
  await readModels.open()
})

afterEach(async () => {
  await Promise.all(projectors.splice(0).map(({ close }) => close()))
  await readModels.close()
  await log.end()
  await database.drop()
})

async function project(options: { group?: string; databaseUrl?: string } = {}): Promise<TestProjector> {
  const { databaseUrl = database.url, ...rest } = options
  const projector = await startProjector({ databaseUrl, brokers: brokers(), topic: log.topic }, rest)
  projectors.push(projector)
  return projector
}

async function stop(projector: TestProjector): Promise<void> {
  projectors.splice(projectors.indexOf(projector), 1)
  await projector.close()
}

function reached(seq: number, partition: number): Promise<unknown> {
  const there = async () => ((await positionIn(readModels, partition).catch(() => undefined))?.seq ?? 0) >= seq
  return until(there, `position ${partition}:${seq}`, { within: 20_000 })
}

function everythingProjected(): Promise<unknown> {
  return Promise.all([...log.positions].map(([partition, seq]) => reached(seq, partition)))
}

async function tags(application: string, tenant = 'acme'): Promise<string[]> {
  const { body } = await historyPage(readModels.query, { tenant, filters: { application }, limit: 500 })
  return (JSON.parse(body.json) as { imageTag: string }[]).map(({ imageTag }) => imageTag).toReversed()
}

async function parked(): Promise<{ partition: number; seq: string | null; type: string; reason: string }[]> {
  return readModels.query({ text: 'SELECT partition, seq, type, reason FROM read_v1.parked_event', values: [] })
}

/** `count` deployments of an application, tagged v1, v2 ..., minute by minute. */
function deploymentsOf(application: string, count: number, first = 1): GivenEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const n = first + index
    return recorded({ application, imageTag: `v${n}`, deployedAt: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString() })
  })
}

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `v${from + index}`)

/** Two applications whose events go to different partitions. */
const one = 'checkout'
const partition = partitionOf({ tenant: 'acme', application: one })
const other = ['search', 'billing', 'catalogue', 'mail'].find(
  application => partitionOf({ tenant: 'acme', application }) !== partition,
)!
const otherPartition = partitionOf({ tenant: 'acme', application: other })

test('follows the log, and goes on from there after a restart', async () => {
  // given: events from before the projector, with other partitions in between
  const [first] = deploymentsOf(one, 1)
  await log.write(first!, ...deploymentsOf(other, 3))
  const before = await project()
  await everythingProjected()
  expect(await tags(one)).toEqual(['v1'])
  await stop(before)

  // when: more happens while it is away, and it comes back
  await log.write(afterwards(first!, { type: 'DeploymentRolledBack', rolledBackAt: '2026-01-02T00:00:00Z' }))
  await log.write(...deploymentsOf(one, 2500, 2))
  const after = await project()
  await everythingProjected()

  // then: each event is there once
  expect(await tags(one)).toEqual(numbered(1, 2501).slice(-500))
  const [count] = await readModels.query<{ events: number }>({
    text: 'SELECT count(*)::int AS events FROM read_v1.deployment_event',
    values: [],
  })
  expect(count).toEqual({ events: 2505 })
  expect(await after.metric('shiplog_projector_events_total', `{partition="${partition}"}`)).toBe(2501)
  await until(async () => (await after.readyz()).status === 200, 'the projector is ready')
})

test('begins where the read models stand, whatever its group has committed', async () => {
  // given: a group that has read everything, into another database
  const group = randomUUID()
  await log.write(...deploymentsOf(one, 5))
  const before = await project({ group })
  await everythingProjected()
  await stop(before)
  await readModels.query({ text: 'TRUNCATE read_v1.deployment_history, read_v1.deployment_event', values: [] })
  await readModels.query({ text: 'UPDATE read_v1.projection_position SET seq = 0, next_offset = 0', values: [] })

  // when
  await project({ group })
  await everythingProjected()

  // then
  expect(await tags(one)).toEqual(numbered(1, 5))
})

test('goes back when the read models are behind what it knew: a database restored while it runs', async () => {
  // given
  const projector = await project()
  await log.write(...deploymentsOf(one, 5))
  await everythingProjected()

  // when: the read models are as they were before, and the log goes on
  await readModels.query({ text: 'TRUNCATE read_v1.deployment_history, read_v1.deployment_event', values: [] })
  await readModels.query({ text: 'UPDATE read_v1.projection_position SET seq = 0, next_offset = 0', values: [] })
  await log.write(...deploymentsOf(one, 1, 6))
  await everythingProjected()

  // then
  expect(await tags(one)).toEqual(numbered(1, 6))
  expect(await projector.metric('shiplog_projector_halted', `{partition="${partition}"}`)).toBeUndefined()
})

test('skips what the log repeats, and counts it', async () => {
  // given: the last event again, with the same ledgerseq
  const [first, second] = deploymentsOf(one, 2)
  await log.write(first!)
  const seq = String(log.lastSeq(partition))
  await log.writeChanged(first!, record => ({ ...record, headers: { ...record.headers, ce_ledgerseq: seq } }))
  log.loseEvents(partition, -1)
  await log.write(second!)

  // when
  const projector = await project()
  await everythingProjected()

  // then
  expect(await tags(one)).toEqual(['v1', 'v2'])
  expect(await projector.metric('shiplog_projector_skipped_total', `{partition="${partition}"}`)).toBe(1)
})

test('halts a partition in front of a gap, says so, and the others go on', async () => {
  // given
  await log.write(...deploymentsOf(one, 2))
  log.loseEvents(partition, 3)
  await log.write(...deploymentsOf(one, 1, 3), ...deploymentsOf(other, 2))

  // when
  const projector = await project()
  await reached(2, otherPartition)
  await until(async () => (await projector.readyz()).status === 503, 'the gap is seen')

  // then
  const { json } = await projector.readyz()
  expect(json.parts!['projector']).toMatchObject({
    ok: false,
    detail: expect.stringContaining(`partition ${partition} is halted: a gap: after event 2 comes event 6`),
  })
  expect(await projector.metric('shiplog_projector_halted', `{partition="${partition}"}`)).toBe(1)
  expect(await tags(one)).toEqual(['v1', 'v2'])
  await log.write(...deploymentsOf(other, 1, 3))
  await reached(3, otherPartition)
})

describe('an event that cannot be projected', () => {
  const unknownType = (record: { headers: Record<string, string> }) => ({
    ...record.headers,
    ce_type: 'io.shiplog.deployment.teleported.v9',
  })

  test('of a type that is not known is parked: what is before it is projected, nothing after it, and the others go on', async () => {
    // given
    await log.write(...deploymentsOf(one, 700))
    await log.writeChanged(deploymentsOf(one, 1, 701)[0]!, record => ({ ...record, headers: unknownType(record) }))
    await log.write(...deploymentsOf(one, 100, 702), ...deploymentsOf(other, 2))

    // when
    const projector = await project()
    await until(async () => (await parked()).length > 0, 'the event is parked')
    await reached(2, otherPartition)

    // then
    expect(await parked()).toEqual([
      {
        partition,
        seq: '701',
        type: 'io.shiplog.deployment.teleported.v9',
        reason: 'unknown event type io.shiplog.deployment.teleported.v9',
      },
    ])
    expect((await positionIn(readModels, partition))!.seq).toBe(700)
    const { status, json } = await projector.readyz()
    expect(status).toBe(503)
    expect(json.parts!['projector']!.detail).toContain(`partition ${partition} is halted: event 701`)
    expect(json.parts!['kafka']).toEqual({ ok: true })
  })

  test('because of its values is found in its batch by halving, and a restart goes on when that is mended', async () => {
    // given: Postgres refuses one of a thousand
    await readModels.query({
      text: `ALTER TABLE read_v1.deployment_history ADD CONSTRAINT no_v333 CHECK (image_tag <> 'v333')`,
      values: [],
    })
    await log.write(...deploymentsOf(one, 1000))
    const before = await project()
    await until(async () => (await parked()).length > 0, 'the event is parked')
    expect(await parked()).toEqual([
      expect.objectContaining({ partition, seq: '333', reason: expect.stringContaining('no_v333') }),
    ])
    expect(await tags(one)).toEqual(numbered(1, 332))

    // when: the same version starts again, it halts again
    await stop(before)
    const again = await project()
    await until(
      async () => (await again.readyz()).json.parts?.['projector']?.detail?.includes('halted'),
      'it halts again',
    )
    await stop(again)

    // when: the reason is gone, and it starts again
    await readModels.query({ text: 'ALTER TABLE read_v1.deployment_history DROP CONSTRAINT no_v333', values: [] })
    const mended = await project()
    await everythingProjected()

    // then
    expect(await tags(one)).toEqual(numbered(501, 1000))
    await until(async () => (await parked()).length === 0, 'nothing is parked any more')
    await until(async () => (await mended.readyz()).status === 200, 'the projector is ready')
  })

  test.each([
    ['a NUL character', { notes: 'a\0b' }, 'contains a NUL character'],
    ['a NUL in a label', { labels: { team: '\0' } }, 'contains a NUL character'],
    ['half a character', { notes: '\ud800' }, 'contains a lone surrogate'],
    ['a day that is none', { deployedAt: '2026-02-30T00:00:00Z' }, 'deployedAt'],
  ])('carries %s: it is parked, and reads go on', async (_name, facts, reason) => {
    await log.write(
      recorded({ application: one, imageTag: 'v1' }),
      recorded({ application: one, imageTag: 'v2', ...facts }),
    )
    await project()
    await until(async () => (await parked()).length > 0, 'the event is parked')
    expect((await parked())[0]!.reason).toContain(reason)
    expect(await tags(one)).toEqual(['v1'])
  })
})

test('projects each event once when two own the same partitions: the position is compared and set', async () => {
  // given: two projectors that know nothing of each other, as after a rebalance with a stopped zombie
  await log.write(...deploymentsOf(one, 3000), ...deploymentsOf(other, 500))
  const pair = await Promise.all([project({ group: randomUUID() }), project({ group: randomUUID() })])

  // when
  await everythingProjected()
  await log.write(...deploymentsOf(one, 50, 3001))
  await everythingProjected()

  // then
  expect(await tags(one)).toEqual(numbered(2551, 3050))
  const [count] = await readModels.query<{ events: number; rows: number }>({
    text: `SELECT (SELECT count(*)::int FROM read_v1.deployment_event) AS events,
      (SELECT count(*)::int FROM read_v1.deployment_history) AS rows`,
    values: [],
  })
  expect(count).toEqual({ events: 3550, rows: 3550 })
  const projected = await Promise.all(
    pair.map(projector => projector.metric('shiplog_projector_events_total', `{partition="${partition}"}`)),
  )
  expect(projected.reduce<number>((sum, events) => sum + (events ?? 0), 0)).toBe(3050)
})

describe('while Postgres is away', () => {
  let proxy: PostgresProxy
  beforeEach(async () => {
    proxy = await PostgresProxy.start(database.url)
  })
  afterEach(() => proxy.close())

  test('it lives, and begins when Postgres comes', async () => {
    // given
    proxy.cut()
    await log.write(...deploymentsOf(one, 3))
    const projector = await project({ databaseUrl: proxy.url })
    const { status, json } = await projector.readyz()
    expect(status).toBe(503)
    expect(json.parts!['readModels']!.ok).toBe(false)
    expect((await fetch(`${projector.url}/healthz`)).status).toBe(200)

    // when
    proxy.mend()
    await everythingProjected()

    // then
    expect(await tags(one)).toEqual(['v1', 'v2', 'v3'])
  })

  test('it waits, skips nothing and halts nothing', async () => {
    // given
    const projector = await project({ databaseUrl: proxy.url })
    await log.write(...deploymentsOf(one, 100))
    await everythingProjected()

    // when: connections break again and again while it projects
    for (let round = 0; round < 5; round++) {
      proxy.cut()
      await log.write(...deploymentsOf(one, 400, 101 + round * 400))
      const tries = () => projector.logged.filter(({ message }) => message.includes('could not be projected')).length
      const seen = tries()
      await until(() => tries() > seen, 'it tries in vain')
      proxy.mend()
      await everythingProjected()
    }

    // then
    expect(await tags(one)).toEqual(numbered(1601, 2100))
    expect(await parked()).toEqual([])
    await until(async () => (await projector.readyz()).status === 200, 'the projector is ready')
  }, 60_000)
})

/** A TCP proxy in front of Postgres that can be cut. */
class PostgresProxy {
  private readonly sockets = new Set<Socket>()
  private passing = true

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(databaseUrl: string): Promise<PostgresProxy> {
    const target = new URL(databaseUrl)
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = new URL(databaseUrl)
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const proxy = new PostgresProxy(server, url.href)
    server.on('connection', near => {
      if (!proxy.passing) return near.destroy()
      const far = connect(Number(target.port), target.hostname)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.sockets.add(from)
        from.on('error', () => undefined)
        from.on('close', () => to.destroy())
        from.pipe(to)
      }
    })
    return proxy
  }

  /** Breaks every connection and takes no new ones. */
  cut(): void {
    this.passing = false
    for (const socket of this.sockets) socket.destroy()
    this.sockets.clear()
  }

  mend(): void {
    this.passing = true
  }

  close(): void {
    this.cut()
    this.server.close()
  }
}
