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

/** The partition of a key: murmur2, as the Java client's default partitioner has it. */
export function partitionFor(key: string): number {
  return partitionOf({ topic: '', partitionMetadata, message: { key, value: null } })
}

/** The topic that holds the truth: made, appended to and read here, and nowhere else. */
export class EventLog {
  private readonly kafka: Kafka
  private admin?: Promise<Admin>

  constructor(private readonly settings: LogSettings) {
    this.kafka = kafkaClient(settings, patientRetry)
  }

  get topic(): string {
    return this.settings.topic
  }

  /** Creates the topic where it is absent. Throws WrongTopic when the one that is there cannot be used. */
  prepare(): Promise<void> {
    const { brokers, logger } = this.settings
    return this.withAdmin(admin => prepareTopic(admin, this.topic, brokers.length, logger))
  }

  /** First offset of each partition that is still there: 0 where nothing was deleted. */
  async startOffsets(): Promise<Map<number, number>> {
    const offsets = await this.withAdmin(admin => admin.fetchTopicOffsets(this.topic))
    return new Map(offsets.map(({ partition, low }) => [partition, Number(low)]))
  }

  /** Last stable offset of each partition: everything before it is committed or aborted. */
  async endOffsets(): Promise<Map<number, number>> {
    const offsets = await this.withAdmin(admin => admin.fetchTopicOffsets(this.topic))
    return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]))
  }

  /** Whether a broker answers for the topic. */
  async reachable(): Promise<boolean> {
    return this.withAdmin(admin => admin.fetchTopicMetadata({ topics: [this.topic] })).then(
      () => true,
      () => false,
    )
  }

  /** Starts to read. */
  read(options: ReadOptions): Promise<LogReader> {
    return LogReader.start(this.kafka, this.topic, options, this.settings.logger)
  }

  /** Starts a term as the topic's only appender; whoever was it before is fenced. */
  openAppender(): Promise<Appender> {
    // Of what begins a term: a coordinator that is still loading, a transaction of the term before that is being aborted.
    const retry = { retries: 10, initialRetryTime: 3, maxRetryTime: 1000 }
    return Appender.open(kafkaClient(this.settings, retry), this.topic)
  }

  /** Closes what the log itself holds open; readers and appenders are closed by those who opened them. */
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
