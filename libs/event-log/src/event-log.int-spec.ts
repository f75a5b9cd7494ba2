import { randomUUID } from 'node:crypto'
import { CompressionCodecs, CompressionTypes } from 'kafkajs'
import { brokers, freshTopicName, until } from '#test/kit'
import {
  chain,
  emptyTail,
  EventLog,
  PARTITIONS,
  partitionFor,
  verifyLog,
  type VerifyLine,
  WrongTopic,
  type LogBatch,
  type LogReader,
} from './index.js'
import { kafkaClient, patientRetry } from './kafka/kafka-client.js'

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const settings = (topic: string) => ({ brokers: brokers(), topic, clientId: 'test', logger })
const event = (name: string, partition = 0) => ({
  partition,
  ...chain({ key: name, value: '{}', headers: {} }, emptyTail).event,
})

let log: EventLog
const readers: LogReader[] = []

beforeEach(async () => {
  log = new EventLog(settings(freshTopicName()))
  await log.prepare()
})

afterEach(async () => {
  await Promise.all(readers.splice(0).map(reader => reader.stop()))
  await log.close()
})

async function read(handle: (batch: LogBatch, reader: LogReader) => void, from?: (partition: number) => number) {
  const reader = await log.read({
    group: randomUUID(),
    ...(from && { from }),
    onBatch: async (batch, self) => handle(batch, self),
    onCrash: error => {
      throw error
    },
  })
  readers.push(reader)
  return reader
}

const never = new AbortController().signal

/** Waits for these end offsets at least: a commit is acknowledged before its markers are written. */
async function endOffsetsFrom(least: Record<number, number>): Promise<Map<number, number>> {
  let ends = new Map<number, number>()
  await until(async () => {
    ends = await log.endOffsets()
    return Object.entries(least).every(([partition, offset]) => ends.get(Number(partition))! >= offset)
  }, 'the commit markers')
  return ends
}

const keysOf = ({ records }: LogBatch) => records.map(({ key }) => key.toString())

it('a reader delivers the events of several appends in order, with offsets after the commit markers', async () => {
  const appender = await log.openAppender()
  await appender.append([event('a', 0), event('b', 5), event('c', 0)])
  await appender.append([event('d', 0)])
  const read0: string[] = []
  const reader = await read(batch => batch.partition === 0 && read0.push(...keysOf(batch)))
  await reader.caughtUp(await endOffsetsFrom({ 0: 5, 5: 2 }), never)
  expect(read0).toEqual(['a', 'c', 'd'])
  // Two events and a marker, one event and a marker.
  expect(reader.offsets.get(0)).toBe(5)
  await appender.close()
})

it('a new appender fences the previous one, whose later events fail and are not read', async () => {
  const zombie = await log.openAppender()
  await zombie.append([event('before')])
  const successor = await log.openAppender()
  await expect(zombie.append([event('zombie')])).rejects.toThrow()
  await successor.append([event('after')])
  await expect(zombie.append([event('zombie again')])).rejects.toThrow(/term .* over/)
  const keys: string[] = []
  const reader = await read(batch => keys.push(...keysOf(batch)))
  await reader.caughtUp(await endOffsetsFrom({ 0: 4 }), never)
  expect(keys).toEqual(['before', 'after'])
  await Promise.all([zombie.close(), successor.close()])
})

it('a reader catches up with a log that ends with an aborted transaction', async () => {
  const appender = await log.openAppender()
  await appender.append([event('kept')])
  await appender.close()
  const producer = kafkaClient(settings(log.topic), patientRetry).producer({
    transactionalId: log.topic,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({ topic: log.topic, messages: [{ partition: 0, key: 'aborted', value: '{}' }] })
  await transaction.abort()
  await producer.disconnect()
  const keys: string[] = []
  const reader = await read(batch => keys.push(...keysOf(batch)))
  await reader.caughtUp(await endOffsetsFrom({ 0: 4 }), never)
  expect(keys).toEqual(['kept'])
})

it('a reader starts at the given offset and can seek back', async () => {
  const appender = await log.openAppender()
  for (const name of ['a', 'b', 'c']) await appender.append([event(name)])
  const keys: string[] = []
  let wentBack = false
  const reader = await read(
    (batch, self) => {
      if (keys.length > 0 && !wentBack) {
        wentBack = true
        return self.seek(0, 0)
      }
      keys.push(...keysOf(batch))
    },
    () => 2,
  )
  await until(() => keys.length > 0, 'the first batch')
  expect(keys[0]).toBe('b')
  await appender.append([event('d')])
  await until(() => keys.at(-1) === 'd', 'the last event')
  expect(keys.slice(-4)).toEqual(['a', 'b', 'c', 'd'])
  expect(reader.offsets.get(0)).toBe(8)
  await appender.close()
})

// This occurs between a crash, after which kafkajs restarts automatically, and the next group.
it('a reader accepts seek, halt and resume while it is in no group', async () => {
  const reader = await read(() => undefined)
  await reader.stop()
  reader.seek(0, 2)
  reader.halt(0)
  reader.resume(0)
  expect(reader.offsets.get(0)).toBe(2)
})

it('a reader discards what it has read ahead when it seeks back, and delivers each event in order', async () => {
  const appender = await log.openAppender()
  await appender.append([event('a')])
  const keys: string[] = []
  const reader = await log.read({
    group: randomUUID(),
    readAhead: true,
    onCrash: () => keys.push('crashed'),
    onBatch: async (batch, self) => {
      keys.push(...keysOf(batch))
      if (batch.partition === 1 || keys.length > 1) return
      // It is fetched while the batch is handled; later events of the partition wait for the batch.
      await appender.append([event('c', 1)])
      await until(() => keys.includes('c'), 'the other partition')
      await appender.append([event('b')])
      self.seek(0, 0)
    },
  })
  readers.push(reader)
  await reader.caughtUp(new Map([[0, 4]]), never)
  expect(keys.filter(key => key !== 'c')).toEqual(['a', 'a', 'b'])
  await appender.close()
})

it('a reader completes its current batch before it stops, also when it reads ahead', async () => {
  const appender = await log.openAppender()
  await appender.append([event('a')])
  const handled: string[] = []
  let began = false
  let finish = () => {}
  const reader = await log.read({
    group: randomUUID(),
    readAhead: true,
    onCrash: () => handled.push('crashed'),
    onBatch: async batch => {
      began = true
      await new Promise<void>(resolve => (finish = resolve))
      handled.push(...keysOf(batch))
    },
  })
  await until(() => began, 'the batch')
  const stopped = reader.stop().then(() => handled.push('stopped'))
  await appender.append([event('unread')])
  finish()
  await stopped
  expect(handled).toEqual(['a', 'stopped'])
  await appender.close()
})

it('a reader halts one partition while the others continue', async () => {
  const appender = await log.openAppender()
  const keys: string[] = []
  await read((batch, self) => {
    keys.push(...keysOf(batch))
    if (batch.partition === 1) self.halt(1)
  })
  await appender.append([event('halting', 1)])
  await until(() => keys.includes('halting'), 'the event to halt at')
  await appender.append([event('unread', 1), event('read', 2)])
  await until(() => keys.includes('read'), 'the other partition')
  expect(keys).not.toContain('unread')
  await appender.close()
})

it('prepare rejects a topic with another number of partitions', async () => {
  const topic = freshTopicName()
  const admin = kafkaClient(settings(topic), patientRetry).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: false })
  await admin.disconnect()
  const other = new EventLog(settings(topic))
  await expect(other.prepare()).rejects.toThrow(WrongTopic)
  await expect(other.prepare()).rejects.toThrow(/has 3 partitions, the ledger needs 12/)
  await other.close()
})

it('brokers decompress the records of other producers up to the maximum record size', async () => {
  const producer = kafkaClient(settings(log.topic), patientRetry).producer()
  await producer.connect()
  const send = (value: string) =>
    producer.send({
      topic: log.topic,
      compression: CompressionTypes.GZIP,
      messages: [{ partition: 3, key: 'packed', value }],
    })
  await send('x'.repeat(1024 * 1024))
  await expect(send('x'.repeat(16 * 1024 * 1024))).rejects.toThrow(/larger than the max message size/)
  await producer.disconnect()
  // The reader has no codec for compressed records.
  const codec = CompressionCodecs[CompressionTypes.GZIP]!
  CompressionCodecs[CompressionTypes.GZIP] = () => {
    throw new Error('packed')
  }
  const lengths: number[] = []
  const reader = await read(({ records }) => lengths.push(...records.map(({ value }) => value.length)))
  await reader.caughtUp(await log.endOffsets(), never)
  CompressionCodecs[CompressionTypes.GZIP] = codec
  expect(lengths).toEqual([1024 * 1024])
})

it('prepare warns of a topic that keeps records compressed', async () => {
  const topic = freshTopicName()
  const admin = kafkaClient(settings(topic), patientRetry).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: false })
  await admin.disconnect()
  const warnings: string[] = []
  // The other topic was created by EventLog.
  for (const name of [topic, log.topic]) {
    const older = new EventLog({
      ...settings(name),
      logger: { ...logger, warn: message => void warnings.push(message) },
    })
    await older.prepare()
    await older.close()
  }
  expect(warnings).toEqual([expect.stringContaining(`topic ${topic} has compression.type=producer`)])
})

it('verifyLog reads to the end while its lines are not consumed, and reports the progress of each partition', async () => {
  const appender = await log.openAppender()
  await appender.append([event('a', 0), event('b', 1)])
  const ends = await endOffsetsFrom({ 0: 2, 1: 2 })
  let isRead = false
  const lines = verifyLog(log, { known: [], ends, signal: never, onRead: () => (isRead = true) })
  const { value: first } = await lines.next()
  await until(() => isRead, 'the log to be read')
  const rest: VerifyLine[] = []
  for await (const line of lines) rest.push(line)
  const partitions = [first, ...rest].flatMap(line => (line.type === 'progress' ? [line.partition] : []))
  expect([new Set(partitions), rest.at(-1)]).toEqual([
    new Set([0, 1]),
    expect.objectContaining({ verdict: 'valid', events: 2 }),
  ])
  await appender.close()
})

it('verifyLog ends when its lines are no longer consumed', async () => {
  const appender = await log.openAppender()
  await appender.append([event('a', 0)])
  let isRead = false
  // It would wait forever.
  const ends = new Map([[0, 1000]])
  for await (const line of verifyLog(log, { known: [], ends, signal: never, onRead: () => (isRead = true) })) {
    expect(line.type).toBe('progress')
    break
  }
  expect(isRead).toBe(true)
  await appender.close()
})

it('partitionFor assigns keys as the Java client does', () => {
  // From org.apache.kafka.common.utils.Utils.murmur2: positive(murmur2(key)) % 12.
  expect(['21', 'foobar', 'a-little-bit-long-string'].map(partitionFor)).toEqual(
    [-973932308, -790332482, -985981536].map(hash => (hash & 0x7fffffff) % PARTITIONS),
  )
})
