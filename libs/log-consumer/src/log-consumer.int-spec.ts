import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { decodeEvent, type LoggedEvent } from '#libs/contracts'
import { EventLog } from '#libs/event-log'
import { deploymentsOf, one, other, otherPartition, partition } from '#test/specs/read-models/many-deployments'
import { WrittenLog } from '#test/specs/read-models/written-log'
import { brokers, createDatabase, until, type TestDatabase } from '#test/kit'
import { LogConsumer, PartitionHalted, type LogConsumerOptions, type LogPosition, type PartitionStep } from './index.js'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** Effects and positions in Postgres: one row for each event, with the transaction that applied it. */
class Store {
  private constructor(
    private readonly database: TestDatabase,
    readonly pool: pg.Pool,
  ) {}

  static async create(): Promise<Store> {
    const database = await createDatabase('log_consumer')
    const pool = new pg.Pool({ connectionString: database.url })
    // Dropping the database ends connections that are still closing.
    pool.on('error', () => undefined)
    await pool.query(`
      CREATE TABLE position (partition int PRIMARY KEY, seq int NOT NULL, next_offset int NOT NULL);
      CREATE TABLE applied (id bigserial, transaction xid8 DEFAULT pg_current_xact_id(), partition int, seq int);
      INSERT INTO position SELECT partition, 0, 0 FROM generate_series(0, 11) AS partition`)
    return new Store(database, pool)
  }

  async end(): Promise<void> {
    await this.pool.end()
    await this.database.drop()
  }

  async positions(): Promise<Map<number, LogPosition>> {
    const { rows } = await this.pool.query('SELECT * FROM position')
    return new Map(rows.map(row => [row.partition, { seq: row.seq, nextOffset: row.next_offset }]))
  }

  async apply(steps: readonly PartitionStep<LoggedEvent>[]): Promise<boolean> {
    const connection = await this.pool.connect()
    try {
      await connection.query('BEGIN')
      // Always in the same order, so that two consumers cannot deadlock.
      for (const { partition: at, from, to, events } of steps.toSorted((a, b) => a.partition - b.partition)) {
        const moved = await connection.query(
          'UPDATE position SET seq = $3, next_offset = $4 WHERE partition = $1 AND seq = $2',
          [at, from.seq, to.seq, to.nextOffset],
        )
        if (moved.rowCount === 0) {
          await connection.query('ROLLBACK')
          return false
        }
        const seqs = events.map(({ seq }) => seq)
        await connection.query('INSERT INTO applied (partition, seq) SELECT $1, unnest($2::int[])', [at, seqs])
      }
      await connection.query('COMMIT')
      return true
    } catch (error) {
      await connection.query('ROLLBACK')
      throw error
    } finally {
      connection.release()
    }
  }

  /** The `ledgerseq` of the events applied in a partition, in the order of application. */
  async applied(at: number): Promise<number[]> {
    const { rows } = await this.pool.query('SELECT seq FROM applied WHERE partition = $1 ORDER BY id', [at])
    return rows.map(({ seq }) => seq)
  }

  async transactions(): Promise<number> {
    const { rows } = await this.pool.query('SELECT count(DISTINCT transaction)::int AS count FROM applied')
    return rows[0].count
  }

  /** Makes Postgres reject one event. */
  async reject(seq: number): Promise<void> {
    await this.pool.query(`ALTER TABLE applied ADD CONSTRAINT refused CHECK (seq <> ${seq})`)
  }

  async rejectNothing(): Promise<void> {
    await this.pool.query('ALTER TABLE applied DROP CONSTRAINT refused')
  }

  /** Empties the store, as a restored backup would. */
  async clear(): Promise<void> {
    await this.pool.query('TRUNCATE applied; UPDATE position SET seq = 0, next_offset = 0')
  }
}

type Consumer = LogConsumer<LoggedEvent>

let log: WrittenLog
let eventLog: EventLog
let store: Store
const consumers: Consumer[] = []

beforeEach(async () => {
  log = await WrittenLog.start()
  eventLog = new EventLog({ brokers: brokers(), topic: log.topic, clientId: 'test', logger: quiet })
  store = await Store.create()
})
afterEach(async () => {
  await Promise.all(consumers.splice(0).map(consumer => consumer.stop()))
  await store.end()
  await eventLog.close()
  await log.end()
})

function consume(options: Partial<LogConsumerOptions<LoggedEvent>> = {}): Consumer {
  const consumer = new LogConsumer<LoggedEvent>({
    log: eventLog,
    group: randomUUID(),
    logger: quiet,
    positions: () => store.positions(),
    decode: decodeEvent,
    apply: steps => store.apply(steps),
    isEventError: error => (error as { code?: string }).code === '23514',
    ...options,
  })
  consumers.push(consumer)
  return consumer
}

function start(options: Partial<LogConsumerOptions<LoggedEvent>> = {}): Consumer {
  const consumer = consume(options)
  consumer.start()
  return consumer
}

async function stop(consumer: Consumer): Promise<void> {
  consumers.splice(consumers.indexOf(consumer), 1)
  await consumer.stop()
}

/** Waits until these events are applied. */
async function reach(positions: ReadonlyMap<number, number>): Promise<void> {
  for (const [at, seq] of positions) {
    await until(async () => ((await store.positions()).get(at)?.seq ?? 0) >= seq, `position ${at}:${seq}`)
  }
}

const halted = (consumer: Consumer, at = partition) =>
  until(async () => consumer.states.get(at)?.halt !== undefined, `partition ${at} to halt`)

const to = (seq: number) => Array.from({ length: seq }, (_, index) => index + 1)

describe('LogConsumer', () => {
  test('applies each event once, in order, and continues from the stored positions after a restart', async () => {
    await log.write(...deploymentsOf(one, 1500), ...deploymentsOf(other, 3))
    const before = start()
    await reach(log.positions)
    await stop(before)
    expect(before.isReading).toBe(false)

    await log.write(...deploymentsOf(one, 20, 1501))
    const group = randomUUID()
    const after = start({ group })
    await reach(log.positions)
    expect(await store.applied(partition)).toEqual(to(1520))
    expect(await store.applied(otherPartition)).toEqual([1, 2, 3])
    expect(after.states.get(partition)).toMatchObject({ position: { seq: 1520 }, failures: 0 })

    // Also if the group has read everything, but the store has not.
    await stop(after)
    await store.clear()
    start({ group })
    await reach(log.positions)
    expect(await store.applied(partition)).toEqual(to(1520))
  })

  test('applies small batches of several partitions in one transaction, and at most `maxEvents` events in one', async () => {
    await log.write(...deploymentsOf(one, 5), ...deploymentsOf(other, 5))
    const seen: number[] = []
    const onApplied = async (steps: readonly PartitionStep<LoggedEvent>[], seconds: number) => {
      expect(seconds).toBeGreaterThan(0)
      seen.push(steps.reduce((sum, { events }) => sum + events.length, 0))
    }
    const small = start({ onApplied })
    await reach(log.positions)
    await stop(small)
    expect([seen, await store.transactions()]).toEqual([[10], 1])

    await store.clear()
    await log.write(...deploymentsOf(one, 295, 6))
    start({ maxEvents: 100 })
    await reach(log.positions)
    expect(await store.transactions()).toBeGreaterThanOrEqual(3)
    expect(await store.applied(partition)).toEqual(to(300))
  })

  test('applies each event once while another consumer reads the same partitions', async () => {
    await log.write(...deploymentsOf(one, 3000), ...deploymentsOf(other, 200))
    start()
    start()
    await reach(log.positions)
    await log.write(...deploymentsOf(one, 50, 3001))
    await reach(log.positions)
    expect(await store.applied(partition)).toEqual(to(3050))
    expect(await store.applied(otherPartition)).toEqual(to(200))
  })

  test('passes each batch to the function given to `open`', async () => {
    await log.write(...deploymentsOf(one, 3))
    const consumer = consume()
    const delivered: number[] = []
    await consumer.open(async batch => {
      delivered.push(batch.records.length)
      await consumer.handle(batch)
    })
    await reach(log.positions)
    expect(delivered).toEqual([3])
  })

  test('retries with growing pauses while the store is unavailable, without skipping an event or halting', async () => {
    await log.write(...deploymentsOf(one, 150), ...deploymentsOf(other, 3))
    let failures = 3
    const retries: number[] = []
    const warn = (_message: string, fields: { event?: string; partition?: number; retryInMs?: number } = {}) => {
      if (fields.event === 'log_consumer.batch_failed' && fields.partition === partition)
        retries.push(fields.retryInMs!)
    }
    const consumer = start({
      logger: { ...quiet, warn },
      async apply(steps) {
        if (steps.some(step => step.partition === partition) && failures-- > 0) throw new Error('away')
        return store.apply(steps)
      },
    })
    await reach(log.positions)
    expect(retries).toEqual([100, 200, 400])
    expect(await store.applied(partition)).toEqual(to(150))
    expect(await store.applied(otherPartition)).toEqual(to(3))
    expect([...consumer.states.values()].filter(({ halt }) => halt)).toEqual([])
  })

  test('starts when Kafka and the store become available', async () => {
    await log.write(...deploymentsOf(one, 1))
    let failures = 2
    const consumer = start({
      async prepare() {
        if (failures-- > 0) throw new Error('away')
      },
    })
    expect(consumer.isReading).toBe(false)
    await reach(log.positions)
    expect(consumer.isReading).toBe(true)
  })
})

describe('duplicates and gaps', () => {
  test('repeated events are skipped and counted', async () => {
    const [first, second] = deploymentsOf(one, 2)
    await log.write(first!)
    await log.writeChanged(first!, record => ({ ...record, headers: { ...record.headers, ce_ledgerseq: '1' } }))
    log.loseEvents(partition, -1)
    await log.write(second!)
    const repeated: [number, number][] = []
    start({ onRepeated: (at, events) => void repeated.push([at, events]) })
    await reach(log.positions)
    expect(await store.applied(partition)).toEqual([1, 2])
    expect(repeated).toEqual([[partition, 1]])
  })

  test('a gap halts its partition while the others continue', async () => {
    await log.write(...deploymentsOf(one, 2))
    log.loseEvents(partition, 3)
    await log.write(...deploymentsOf(one, 1, 6), ...deploymentsOf(other, 2))
    const halts: unknown[] = []
    const consumer = start({ onHalt: async (at, halt) => void halts.push([at, halt.reason, halt.unreadable]) })
    await halted(consumer)
    expect(halts).toEqual([[partition, expect.stringContaining('a gap: after event 2 comes event 6'), undefined]])
    await log.write(...deploymentsOf(other, 1, 3))
    await reach(new Map([[otherPartition, 3]]))
    expect(await store.applied(partition)).toEqual([1, 2])
  })

  test('missing events are read again after the store was restored from a backup', async () => {
    const consumer = start()
    await log.write(...deploymentsOf(one, 5))
    await reach(log.positions)
    await store.clear()
    await log.write(...deploymentsOf(one, 1, 6))
    await reach(log.positions)
    expect(await store.applied(partition)).toEqual(to(6))
    expect(consumer.states.get(partition)!.halt).toBeUndefined()
  })
})

describe('an event that cannot be applied', () => {
  const unknown = 'io.shiplog.deployment.teleported.v9'
  /** The decoder of a version that has a handler for it. */
  const decodeAll: typeof decodeEvent = record => {
    const type = record.headers['ce_type']!.toString()
    if (type !== unknown) return decodeEvent(record)
    return decodeEvent({
      ...record,
      headers: { ...record.headers, ce_type: Buffer.from('io.shiplog.deployment.recorded.v1') },
    })
  }

  test('halts its partition if it has no handler, is named in the reason, and is applied after a restart with a handler', async () => {
    await log.write(...deploymentsOf(one, 120))
    await log.writeChanged(deploymentsOf(one, 1, 121)[0]!, record => ({
      ...record,
      headers: { ...record.headers, ce_type: unknown },
    }))
    await log.write(...deploymentsOf(one, 10, 122), ...deploymentsOf(other, 2))

    const consumer = start()
    await halted(consumer)
    const { halt, position } = consumer.states.get(partition)!
    expect(halt!.reason).toMatch(new RegExp(`^event 121 at offset \\d+ \\(${unknown}\\) cannot be applied: `))
    expect([position.seq, halt!.position.seq]).toEqual([120, 120])
    await reach(new Map([[otherPartition, 2]]))
    await stop(consumer)

    const again = start()
    await halted(again)
    expect(await store.applied(partition)).toEqual(to(120))
    await stop(again)

    start({ decode: decodeAll })
    await reach(log.positions)
    expect(await store.applied(partition)).toEqual(to(131))
  })

  test('is found by bisecting its batch, and can be parked before the partition halts', async () => {
    await log.write(...deploymentsOf(one, 1000))
    await store.reject(333)
    const parked: unknown[] = []
    let failures = 1
    const consumer = start({
      async onHalt(at, { unreadable }) {
        if (failures-- > 0) throw new Error('it cannot be parked yet')
        expect(consumer.states.get(at)!.halt).toBeUndefined()
        parked.push([at, unreadable!.record.headers['ce_ledgerseq']!.toString(), unreadable!.reason])
      },
    })
    await halted(consumer)
    expect(parked).toEqual([[partition, '333', expect.stringContaining('refused')]])
    expect(await store.applied(partition)).toEqual(to(332))
  })

  test('no longer halts its partition once another process has applied it', async () => {
    await log.write(...deploymentsOf(one, 3))
    await store.reject(2)
    const resumed: number[] = []
    const consumer = start({ onResume: at => void resumed.push(at) })
    await halted(consumer)
    consumer.release(await store.positions())
    expect(resumed).toEqual([])

    await store.rejectNothing()
    const newer = start()
    await reach(log.positions)
    await stop(newer)
    consumer.release(await store.positions())
    expect([resumed, consumer.states.get(partition)!.halt]).toEqual([[partition], undefined])
    await log.write(...deploymentsOf(one, 1, 4))
    await reach(log.positions)
    expect(await store.applied(partition)).toEqual(to(4))
  })
})

describe('a bounded consumer', () => {
  const target = (...seqs: [number, number][]) => new Map(seqs.map(([at, seq]) => [at, { seq }]))

  const open = async (options: Partial<LogConsumerOptions<LoggedEvent>> = {}) => {
    const consumer = consume({ bounded: true, ...options })
    await consumer.open()
    return consumer
  }

  test('applies events up to each target and none beyond', async () => {
    await log.write(...deploymentsOf(one, 6000), ...deploymentsOf(other, 20))
    const consumer = await open({ maxEvents: 700 })
    await consumer.until(target([partition, 2501]))
    expect([await store.applied(partition), await store.applied(otherPartition)]).toEqual([to(2501), []])
    await consumer.until(target([partition, 2501], [otherPartition, 7]))
    expect(await store.applied(otherPartition)).toEqual(to(7))
    await consumer.until(target([partition, 6000], [otherPartition, 20]))
    expect(await store.applied(partition)).toEqual(to(6000))
    expect(await store.applied(otherPartition)).toEqual(to(20))
  })

  test('continues after an interruption, and waits for events that are not in the log yet', async () => {
    await log.write(...deploymentsOf(one, 50))
    const interrupted = await open()
    await interrupted.until(target([partition, 30]))
    await stop(interrupted)
    const consumer = await open()
    const reached = consumer.until(target([partition, 60]))
    await reach(new Map([[partition, 50]]))
    await log.write(...deploymentsOf(one, 15, 51))
    await reached
    expect(await store.applied(partition)).toEqual(to(60))
  })

  test('retries while the store is unavailable', async () => {
    await log.write(...deploymentsOf(one, 2500))
    let failures = 2
    const consumer = await open({
      async apply(steps) {
        if (failures-- > 0) throw new Error('away')
        return store.apply(steps)
      },
    })
    await consumer.until(target([partition, 2500]))
    expect(await store.applied(partition)).toEqual(to(2500))
  })

  test('rejects if an event before the target cannot be applied, and names the event', async () => {
    await log.write(...deploymentsOf(one, 40))
    await store.reject(17)
    const consumer = await open()
    await consumer.until(target([partition, 16]))
    const reached = consumer.until(target([partition, 40]))
    await expect(reached).rejects.toThrow(PartitionHalted)
    await expect(reached).rejects.toThrow(/^partition \d+ is halted after event 16: event 17 at offset \d+ /)
    expect(await store.applied(partition)).toEqual(to(16))
  })

  test('rejects when the signal aborts or it is stopped, and then applies nothing', async () => {
    await log.write(...deploymentsOf(one, 5))
    const consumer = await open()
    const aborting = new AbortController()
    const aborted = consumer.until(target([partition, 6]), aborting.signal)
    await reach(log.positions)
    aborting.abort(new Error('interrupted'))
    await expect(aborted).rejects.toThrow('interrupted')
    await log.write(...deploymentsOf(one, 1, 6))
    await expect(consumer.until(target([partition, 6]))).rejects.toThrow('interrupted')

    const stopped = await open()
    await stopped.until(target([partition, 6]))
    const waiting = stopped.until(target([partition, 7])).catch(error => String(error))
    await stop(stopped)
    expect(await waiting).toContain('stopped')
    expect(await store.applied(partition)).toEqual(to(6))
  })
})
