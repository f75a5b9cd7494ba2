import type { IndexEntry } from '#libs/contracts'
import type { CommandRow } from './command.js'

/** A stream before a group of commands is decided, with the command that created it. */
export interface StreamRow {
  stream_id: string
  version: number
  state: unknown
  recorded_at: string
  created_by: string
  created_hash: string | null
  created_actor: string | null
  created_answer: unknown
  /** Positions of the command that created it, once it was read back. */
  created_positions: Record<string, number> | null
  updated_by: string
  /** Id of its first event. */
  first_event_id: string
  /** Size of its state as JSON; an upper estimate once a group has changed it. */
  bytes: number
}

/** All rows of the index that a group needs. */
export interface LoadedIndex {
  commands: Map<string, CommandRow>
  streams: Map<string, StreamRow>
  /** Versions of streams from which commands were prepared. */
  basis: Map<string, number>
  /** Streams that another transaction holds. */
  busy: Set<string>
  /** States of streams that are only read. */
  read: Map<string, unknown>
}

/** The rows that a group of decisions writes; snake case like the columns. */
export interface Writes {
  streams: Map<string, StreamWrite>
  commands: Map<string, CommandWrite>
  outbox: OutboxWrite[]
}
export interface StreamWrite extends StreamRow {
  tenant: string
  base_version: number
  entries: IndexEntry[]
}
export interface CommandWrite extends CommandRow {
  tenant: string
  /** Of a refused command that is decided again: the number of events that it had. */
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
