import { randomUUID } from 'node:crypto'
import { Kafka, logLevel, type IHeaders } from 'kafkajs'
import { LogEnds } from './log-ends.js'

/** A record of the topic as any consumer gets it, its bytes as text. */
export interface RawRecord {
  partition: number
  /** Where Kafka keeps it; with transactions, offsets have gaps. */
  offset: string
  key: string
  value: string
  headers: Record<string, string>
}

/**
 * Reads a whole topic, up to where it ends now, with a plain consumer that sees committed transactions only.
 * @param onRecord is called for each record, in the order of its partition
 */
export async function readLog(brokers: string[], topic: string, onRecord: (record: RawRecord) => void): Promise<void> {
  const kafka = new Kafka({ clientId: 'independent-reader', brokers, logLevel: logLevel.NOTHING })
  const log = await LogEnds.connect(brokers, topic)
  const ends = new Map(Object.entries(await log.look()).map(([partition, end]) => [Number(partition), end]))
  await log.close()
  const consumer = kafka.consumer({
    groupId: `independent-reader-${randomUUID()}`,
    readUncommitted: false,
    maxWaitTimeInMs: 100,
  })
  const { END_BATCH_PROCESS, CRASH } = consumer.events
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      const next = new Map<number, number>()
      const unread = new Map([...ends].filter(([, end]) => end > 0))
      if (unread.size === 0) return resolve()
      // Markers of transactions take offsets too and are never handed out, so the last record's offset tells nothing.
      consumer.on(END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
        if (Number(lastOffset) + 1 >= (unread.get(partition) ?? Infinity)) unread.delete(partition)
        if (unread.size === 0) resolve()
      })
      consumer.on(CRASH, ({ payload: { error } }) => reject(error))
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch: { partition, messages } }) => {
            // What was appended after we began may have come in whole or in part: it is left out. And delivery is at least once:
            // while leaders move, kafkajs may hand out a fetch again that it has handed out already.
            const end = ends.get(partition) ?? 0
            for (const { offset, key, value, headers } of messages) {
              if (Number(offset) >= end || Number(offset) < (next.get(partition) ?? 0)) continue
              next.set(partition, Number(offset) + 1)
              onRecord({ partition, offset, key: text(key), value: text(value), headers: textOf(headers) })
            }
          },
        })
        .catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
}

/** All records of a topic, for logs that fit into memory. */
export async function collectLog(brokers: string[], topic: string): Promise<RawRecord[]> {
  const records: RawRecord[] = []
  await readLog(brokers, topic, record => records.push(record))
  return records
}

function textOf(headers: IHeaders = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (Array.isArray(value)) throw new Error(`header ${name} is there ${value.length} times`)
      return [name, text(value)]
    }),
  )
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws where the bytes are absent or no UTF-8: text is hashed again, and must have lost nothing. */
function text(bytes: Buffer | string | null | undefined): string {
  if (bytes === null || bytes === undefined) throw new Error('a record without key, value or header value')
  return typeof bytes === 'string' ? bytes : utf8.decode(bytes)
}
