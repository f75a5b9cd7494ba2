import {
  decodeEvent,
  eventBounds,
  findHostileText,
  isUuid,
  UndecodableEvent,
  type DomainEvent,
  type LoggedEvent,
  type WireRecord,
} from '#libs/contracts'
import type { ClientBase } from 'pg'

/** An event of the log as projections take it: decoded, and as it stands there. */
export interface ProjectedEvent<E extends { type: string } = DomainEvent> extends LoggedEvent<E> {
  /** `type` of the CloudEvent, with the version that was recorded. */
  ceType: string
  /** The event's data as it was recorded, JSON. */
  data: string
}

/** Folds events into tables that it alone writes. */
export interface Projection {
  /** Names its positions, for ever. */
  name: string
  /**
   * Applies events, those of each partition in order, inside the caller's transaction. Set-based: the number of statements
   * does not depend on the number of events. Throws where an event cannot be applied; nothing is skipped.
   */
  apply(connection: ClientBase, events: readonly ProjectedEvent[]): Promise<void>
}

/**
 * Reads a record of the log. Throws UndecodableEvent where it is not one of our events, or carries what Postgres would refuse
 * or change: nothing of that kind may get in and break the reads.
 */
export function readRecord(record: WireRecord): ProjectedEvent {
  const event = decodeEvent(record)
  const data = record.value.toString()
  if (!isUuid(event.metadata.id)) throw new UndecodableEvent('header ce_id is no UUID')
  for (const name of ['time', 'recordedTime'] as const) {
    if (!INSTANT.test(event.metadata[name])) throw new UndecodableEvent(`header ce_${name.toLowerCase()} is no instant`)
  }
  // Only an escape can stand for a NUL or half a character; a look at each value costs more than all else here.
  const finding = data.includes('\\u') ? findHostileText(event.event, eventBounds) : undefined
  if (finding) throw new UndecodableEvent(`${finding.pointer || 'the value'} ${finding.detail}`)
  return Object.assign(event, { ceType: record.headers['ce_type']!.toString(), data })
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/
