import type { WireRecord } from '#libs/contracts'

/** Partitions of the topic. Never changed: the key of an event picks its partition for ever. */
export const PARTITIONS = 12

/** Where the log says what it does. */
export interface LogLogger {
  debug(message: string, fields?: object): void
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
  error(message: string, fields?: object): void
}

export interface LogSettings {
  /** `host:port` of some brokers of the cluster. */
  brokers: string[]
  topic: string
  /** Names this process in the broker's logs. */
  clientId: string
  logger: LogLogger
}

/** A record as it was read, with its Kafka offset. */
export interface LogRecord extends WireRecord {
  offset: number
}

/** What one fetch brought of one partition: committed records only, in order. */
export interface LogBatch {
  partition: number
  records: LogRecord[]
  /** Offset after everything that the fetch covered, control records included: where to go on. */
  nextOffset: number
  /** End of the partition when it was fetched. */
  highWatermark: number
}

/** The topic is not as the ledger needs it. */
export class WrongTopic extends Error {
  override name = 'WrongTopic'
}
