export type { AnnouncedStream } from './announced.js'
export {
  findCommand,
  logPositions,
  type Answer,
  type Caller,
  type CommandRequest,
  type CommandStatus,
  type Outcome,
  type PartitionPosition,
} from './command.js'
export { emptyIndex, PendingAppends, type EmptyIndexOptions } from './empty-index.js'
export { Ledger, type LedgerHealth, type LedgerObserver, type LedgerOptions } from './ledger.js'
export { LogNotWhole } from './log-not-whole.js'
export { LedgerUnavailable, type Query } from './postgres.js'
export { type IndexedStream, laterFirst, type StreamIndex, type StreamSnapshot } from './stream-index.js'
