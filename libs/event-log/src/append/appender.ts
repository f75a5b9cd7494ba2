import type { Kafka, Producer, Transaction } from 'kafkajs'
import type { WireEvent } from '#libs/contracts'
import { passFailpoints } from './appender-failpoints.js'

/** An event and its partition. */
export interface PlacedEvent extends WireEvent {
  partition: number
}

/**
 * Disables retries of sends within kafkajs: if one of several brokers fails, a retry also repeats requests that another broker has not
 * answered yet, under new sequence numbers, and that broker accepts both (producer/sendMessages). kafkajs refuses an idempotent producer
 * with fewer than one retry, which does not apply to NaN.
 */
const NO_RETRY = { retries: Number.NaN }

/**
 * The producer of one appender term. It fences its predecessors and is used until the first error, since kafkajs may acknowledge
 * records that never reached the log if a producer is used after an error or an abort.
 */
export class Appender {
  private dead = false

  private constructor(
    private readonly producer: Producer,
    private readonly topic: string,
    private transaction: Transaction,
  ) {}

  /**
   * Starts a term. Opening the transaction, not connecting, fences the previous producer: it initialises the producer id,
   * which invalidates the previous epoch (INVALID_PRODUCER_EPOCH) and aborts its open transaction.
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
   * Appends events as one Kafka transaction across partitions. Resolves when the broker acknowledged the commit, which does not
   * prove that they are in the log: only reading back does. After any error the term is over, and the outcome is unknown.
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
      // A send during a leader change resolves even if a partition was never sent (kafkajs #1303).
      const covered = new Set(acknowledged.filter(({ errorCode }) => errorCode === 0).map(({ partition }) => partition))
      const missing = events.find(({ partition }) => !covered.has(partition))
      if (missing) throw new Error(`the broker's response does not cover partition ${missing.partition}`)
      await this.transaction.commit()
      this.transaction = await this.producer.transaction()
    } catch (error) {
      // protects: producer-reused
      this.dead = true
      throw error
    }
  }

  /** Ends the term. An open transaction is aborted by the next term, or by the broker after its timeout. */
  async close(): Promise<void> {
    this.dead = true
    await this.producer.disconnect().catch(() => undefined)
  }
}
