import { Kafka, logLevel, Partitioners } from 'kafkajs'

/** Writes a record that is none of ours into a partition, as anybody with access to the brokers could. */
export async function writeForeignRecord(brokers: string[], topic: string, partition: number): Promise<void> {
  const kafka = new Kafka({ clientId: 'somebody', brokers, logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  try {
    await producer.send({ topic, messages: [{ partition, key: 'somebody', value: '{"not":"ours"}' }] })
  } finally {
    await producer.disconnect()
  }
}
