export type { NotifiedStream } from './store/notify.js'
export {
  findCommand,
  logPositions,
  type StateSnapshot,
  type CommandRequest,
  type CommandStatus,
  type CommandResult,
  type PartitionPosition,
} from './store/command.js'
export { resetIndex, OutboxNotEmpty, type ResetIndexOptions } from './append/reset-index.js'
export { Ledger, type LedgerHealth, type LedgerObserver, type LedgerOptions } from './ledger.js'
export { IncompleteLog } from './append/incomplete-log.js'
export { LedgerUnavailable, migrateLedger } from './store/postgres.js'
export { type IndexedStream, laterFirst, type StreamIndex, type StreamSnapshot } from './store/stream-index.js'
