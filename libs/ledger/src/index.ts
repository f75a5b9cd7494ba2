export type { NotifiedStream as AnnouncedStream } from './store/notify.js'
export {
  findCommand,
  logPositions,
  type StateSnapshot as Answer,
  type CommandContext as Caller,
  type CommandRequest,
  type CommandStatus,
  type CommandResult as Outcome,
  type PartitionPosition,
} from './store/command.js'
export {
  resetIndex as emptyIndex,
  OutboxNotEmpty as PendingAppends,
  type ResetIndexOptions as EmptyIndexOptions,
} from './append/reset-index.js'
export { Ledger, type LedgerHealth, type LedgerObserver, type LedgerOptions } from './ledger.js'
export { IncompleteLog as LogNotWhole } from './append/incomplete-log.js'
export { LedgerUnavailable, migrateLedger, type Query } from './store/postgres.js'
export { type IndexedStream, laterFirst, type StreamIndex, type StreamSnapshot } from './store/stream-index.js'
