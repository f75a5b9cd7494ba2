import type { Kafka, Producer, Transaction } from 'kafkajs'
import type { WireEvent } from '#libs/contracts'
import { passFailpoints } from './appender-failpoints.js'

/** An event with the partition that it goes to. */
export interface PlacedEvent extends WireEvent {
  partition: number
}

/**
 * A send is never tried again within kafkajs: where one of several brokers fails, its retry sends also what another one has not answered
 * yet, under new sequence numbers, and the broker takes both (producer/sendMessages). kafkajs refuses an idempotent producer whose
 * retries are fewer than one, which NaN is not.
 */
const NO_RETRY = { retries: Number.NaN }

/**
 * One term of the topic's appender: a producer that fenced its predecessors, used until the first error and never after
 * (kafkajs may acknowledge what never reached the log when a producer is used on after an error or an abort).
 */
export class Appender {
  private dead = false

  private constructor(
    private readonly producer: Producer,
    private readonly topic: string,
    private transaction: Transaction,
  ) {}

  /**
   * Starts a term. Not connecting but opening the transaction fences: it is there that the producer id is initialised,
   * the epoch before it dies with INVALID_PRODUCER_EPOCH, and what it left open is aborted.
   */
  static async open(kafka: Kafka, topic: string): Promise<Appender> {
    const producer = kafka.producer({
      // protects: no-fence
      transactionalId: `${topic}-appender`,
      idempotent: true,
      maxInFlightRequests: 1,
      retry: NO_RETRY,
      transactionTimeout: 15_000,
      allowAutoTopicCreation: false,
    })
    passFailpoints(producer)
    try {
      await producer.connect()
      return new Appender(producer, topic, await producer.transaction())
    } catch (error) {
      await producer.disconnect().catch(() => undefined)
      throw error
    }
  }

  /**
   * Appends events as one Kafka transaction across partitions. Resolves when the broker acknowledged the commit, which is not
   * yet proof: only reading back is. After any error the term is over, and whether the events are in the log is unknown.
   */
  async append(events: PlacedEvent[]): Promise<void> {
    if (this.dead) throw new Error('the term of this appender is over')
    try {
      const acknowledged = await this.transaction.send({
        topic: this.topic,
        acks: -1,
        timeout: 10_000,
        messages: events.map(({ partition, key, value, headers }) => ({ partition, key, value, headers })),
      })
      // A send during a leader change resolves though a partition was never sent (kafkajs #1303).
      const covered = new Set(acknowledged.filter(({ errorCode }) => errorCode === 0).map(({ partition }) => partition))
      const missing = events.find(({ partition }) => !covered.has(partition))
      if (missing) throw new Error(`the broker's answer does not cover partition ${missing.partition}`)
      await this.transaction.commit()
      this.transaction = await this.producer.transaction()
    } catch (error) {
      // protects: producer-reused
      this.dead = true
      throw error
    }
  }

  /** Ends the term. What it left open is aborted by the next term, or by the broker when it times out. */
  async close(): Promise<void> {
    this.dead = true
    await this.producer.disconnect().catch(() => undefined)
  }
}
