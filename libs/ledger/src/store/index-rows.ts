import type { IndexEntry } from '#libs/contracts'
import type { CommandRow } from './command.js'

/** A stream as it stands before a group of commands is decided, with the command that began it. */
export interface StreamRow {
  stream_id: string
  version: number
  state: unknown
  recorded_at: string
  created_by: string
  created_hash: string | null
  created_actor: string | null
  created_answer: unknown
  /** Where the command that began it stands in the log, once it was read back. */
  created_positions: Record<string, number> | null
  updated_by: string
  /** Id of its first event. */
  begun: string
  /** Of its state as JSON; more rather than less, once a group has changed it. */
  bytes: number
}

/** What the index says of everything that a group touches. */
export interface LoadedIndex {
  commands: Map<string, CommandRow>
  streams: Map<string, StreamRow>
  /** Versions of streams that commands were made from. */
  basis: Map<string, number>
  /** Streams that another transaction holds. */
  busy: Set<string>
  /** States of streams that are only read. */
  read: Map<string, unknown>
}

/** The rows that a group of decisions writes; snake case, as the columns are. */
export interface Writes {
  streams: Map<string, StreamWrite>
  commands: Map<string, CommandWrite>
  pending: OutboxWrite[]
}
export interface StreamWrite extends StreamRow {
  tenant: string
  base_version: number
  entries: IndexEntry[]
}
export interface CommandWrite extends CommandRow {
  tenant: string
  /** Of a command that was refused before and is decided again: how many events it had by then. */
  base_events?: number
  received_at: string
}
export interface OutboxWrite {
  event_id: string
  command_id: string
  stream_id: string
  version: number
  partition: number
  key: string
  value: string
  headers: Record<string, string>
  bytes: number
}
