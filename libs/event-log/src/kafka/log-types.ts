import type { WireRecord } from '#libs/contracts'

/** Partitions of the topic. It must never change: the key of an event determines its partition permanently. */
export const PARTITIONS = 12

/** The logger of the log and the ledger. Each line has a stable `event` in its fields. */
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
  /** Name of this process in the broker's logs. */
  clientId: string
  logger: LogLogger
}

/** A record that was read, with its Kafka offset. */
export interface LogRecord extends WireRecord {
  offset: number
}

/** The records of one partition in a fetch: only committed ones, in order. */
export interface LogBatch {
  partition: number
  records: LogRecord[]
  /** Offset after the fetch, including control records: where reading continues. */
  nextOffset: number
  /** End of the partition at the time of the fetch. */
  highWatermark: number
}

/** The topic does not meet the ledger's requirements. */
export class WrongTopic extends Error {
  override name = 'WrongTopic'
}
