import { Partitioners, type Admin, type Kafka } from 'kafkajs'
import { Appender } from './append/appender.js'
import { kafkaClient, patientRetry } from './kafka/kafka-client.js'
import { LogReader, type ReadOptions } from './read/log-reader.js'
import { PARTITIONS, type LogSettings } from './kafka/log-types.js'
import { prepareTopic } from './kafka/topic.js'

const partitionOf = Partitioners.DefaultPartitioner()
const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => ({
  partitionErrorCode: 0,
  partitionId,
  leader: 0,
  replicas: [],
  isr: [],
}))

/** The partition of a key: murmur2, like the default partitioner of the Java client. */
export function partitionFor(key: string): number {
  return partitionOf({ topic: '', partitionMetadata, message: { key, value: null } })
}

/** The topic of the log. Only this class creates, appends to and reads it. */
export class EventLog {
  private readonly kafka: Kafka
  private admin?: Promise<Admin>

  constructor(private readonly settings: LogSettings) {
    this.kafka = kafkaClient(settings, patientRetry)
  }

  get topic(): string {
    return this.settings.topic
  }

  /** Creates the topic if absent. Throws WrongTopic if an existing topic cannot be used. */
  prepare(): Promise<void> {
    const { brokers, logger } = this.settings
    return this.withAdmin(admin => prepareTopic(admin, this.topic, brokers.length, logger))
  }

  /** First available offset of each partition: 0 if nothing was deleted. */
  async startOffsets(): Promise<Map<number, number>> {
    const offsets = await this.withAdmin(admin => admin.fetchTopicOffsets(this.topic))
    return new Map(offsets.map(({ partition, low }) => [partition, Number(low)]))
  }

  /** Last stable offset of each partition: all transactions before it are committed or aborted. */
  async endOffsets(): Promise<Map<number, number>> {
    const offsets = await this.withAdmin(admin => admin.fetchTopicOffsets(this.topic))
    return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]))
  }

  /** Whether a broker returns metadata of the topic. */
  async reachable(): Promise<boolean> {
    return this.withAdmin(admin => admin.fetchTopicMetadata({ topics: [this.topic] })).then(
      () => true,
      () => false,
    )
  }

  /** Starts a reader. */
  read(options: ReadOptions): Promise<LogReader> {
    return LogReader.start(this.kafka, this.topic, options, this.settings.logger)
  }

  /** Starts a term as the topic's only appender, which fences the previous one. */
  openAppender(): Promise<Appender> {
    // For errors at the start of a term: a coordinator that is loading, a transaction of the previous term that is being aborted.
    const retry = { retries: 10, initialRetryTime: 3, maxRetryTime: 1000 }
    return Appender.open(kafkaClient(this.settings, retry), this.topic)
  }

  /** Closes the connections of the log itself; callers close their readers and appenders. */
  async close(): Promise<void> {
    const { admin } = this
    this.admin = undefined
    await (await admin?.catch(() => undefined))?.disconnect()
  }

  private async withAdmin<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await ask(await this.connectedAdmin())
    } catch (error) {
      await this.close().catch(() => undefined)
      throw error
    }
  }

  private connectedAdmin(): Promise<Admin> {
    this.admin ??= this.connectAdmin()
    return this.admin
  }

  private async connectAdmin(): Promise<Admin> {
    const admin = this.kafka.admin()
    try {
      await admin.connect()
      return admin
    } catch (error) {
      this.admin = undefined
      throw error
    }
  }
}
