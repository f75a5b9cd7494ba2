import { type Admin, Kafka, logLevel } from 'kafkajs'

/** Sees who leads the partitions of topics, and has others lead them. */
export class LeaderMoves {
  private constructor(private readonly admin: Admin) {}

  static async connect(brokers: string[]): Promise<LeaderMoves> {
    const admin = new Kafka({ clientId: 'leader-moves', brokers, logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    return new LeaderMoves(admin)
  }

  /** The broker that leads each partition. */
  async leaders(topic: string): Promise<number[]> {
    return (await this.partitionsOf(topic)).map(({ leader }) => leader)
  }

  /** The fewest replicas that any partition has in sync. */
  async inSync(topic: string): Promise<number> {
    return Math.min(...(await this.partitionsOf(topic)).map(({ isr }) => isr.length))
  }

  /**
   * Puts the next replica of each partition first; the brokers' own balancing makes it the leader. There is no request for that
   * alone in kafkajs.
   */
  async rotate(topic: string): Promise<void> {
    const partitions = await this.partitionsOf(topic)
    const partitionAssignment = partitions.map(({ partitionId, replicas }) => ({
      partition: partitionId,
      replicas: [...replicas.slice(1), replicas[0]!],
    }))
    await this.admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] })
  }

  async close(): Promise<void> {
    await this.admin.disconnect()
  }

  private async partitionsOf(topic: string) {
    const { topics } = await this.admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]!.partitions.toSorted((a, b) => a.partitionId - b.partitionId)
  }
}
