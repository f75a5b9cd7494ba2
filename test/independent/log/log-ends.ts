import { type Admin, Kafka, logLevel } from 'kafkajs'

/** Where each partition of a topic ends: whatever is written to it moves its end. */
export class LogEnds {
  private constructor(
    private readonly admin: Admin,
    private readonly topic: string,
  ) {}

  static async connect(brokers: string[], topic: string): Promise<LogEnds> {
    const admin = new Kafka({ clientId: 'independent-reader', brokers, logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    return new LogEnds(admin, topic)
  }

  async look(): Promise<Record<number, number>> {
    const offsets = await this.admin.fetchTopicOffsets(this.topic)
    return Object.fromEntries(offsets.map(({ partition, high }) => [partition, Number(high)]))
  }

  async close(): Promise<void> {
    await this.admin.disconnect()
  }
}
