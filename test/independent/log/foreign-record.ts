import { type IHeaders, Kafka, logLevel, Partitioners } from 'kafkajs'

/** What somebody writes who is not the ledger; nothing of it has to be an event. */
export interface ForeignRecord {
  key: Buffer | string | null
  value: Buffer | string | null
  /** An array: the header once for each value. */
  headers?: IHeaders
}

/** Writes a record that is none of ours into a partition, as anybody with access to the brokers could. Resolves with its offset. */
export async function writeForeignRecord(
  brokers: string[],
  topic: string,
  partition: number,
  { key, value, headers = {} }: ForeignRecord = { key: 'somebody', value: '{"not":"ours"}' },
): Promise<string> {
  const kafka = new Kafka({ clientId: 'somebody', brokers, logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  try {
    const [written] = await producer.send({ topic, messages: [{ partition, key, value, headers }] })
    return written!.baseOffset!
  } finally {
    await producer.disconnect()
  }
}
