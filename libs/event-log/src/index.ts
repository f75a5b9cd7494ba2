export { Appender, type PlacedEvent } from './append/appender.js'
export type { ChainFault, KnownEnd } from './verify/chain-verifier.js'
export { EventLog, partitionFor } from './event-log.js'
export { chain, emptyTail, hashRecord, type Tail } from './append/hash-chain.js'
export { LogReader, type ReadOptions } from './read/log-reader.js'
export {
  PARTITIONS,
  WrongTopic,
  type LogBatch,
  type LogLogger,
  type LogRecord,
  type LogSettings,
} from './kafka/log-types.js'
export { verifyLog, type VerifyLine } from './verify/verify-log.js'
