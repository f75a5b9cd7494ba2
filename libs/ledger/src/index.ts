export type { AnnouncedStream } from './store/notify.js'
export {
  findCommand,
  logPositions,
  type Answer,
  type Caller,
  type CommandRequest,
  type CommandStatus,
  type Outcome,
  type PartitionPosition,
} from './store/command.js'
export { emptyIndex, PendingAppends, type EmptyIndexOptions } from './append/reset-index.js'
export { Ledger, type LedgerHealth, type LedgerObserver, type LedgerOptions } from './ledger.js'
export { LogNotWhole } from './append/incomplete-log.js'
export { LedgerUnavailable, type Query } from './store/postgres.js'
export { type IndexedStream, laterFirst, type StreamIndex, type StreamSnapshot } from './store/stream-index.js'
