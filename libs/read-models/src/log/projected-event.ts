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
import type { Query } from '#libs/postgres'

/** A decoded event of the log with its record. */
export interface ProjectedEvent<E extends { type: string } = DomainEvent> extends LoggedEvent<E> {
  /** `type` of the CloudEvent, with the recorded version. */
  ceType: string
  /** The event's data as recorded, JSON. */
  data: string
}

/** A key of a deployment or promotion in a batch: two tenants may use one id, and a UUID may have either case. */
export function idKey(tenant: string, id: string): string {
  return `${tenant}/${id.toLowerCase()}`
}

/** Applies events to tables that no other projection writes. */
export interface Projection {
  /** The name of its positions, which must never change. */
  name: string
  /**
   * Applies events, those of each partition in order, in the caller's transaction. Set-based: the number of statements does not depend on
   * the number of events. Throws if an event cannot be applied; skips nothing.
   */
  apply(query: Query, events: readonly ProjectedEvent[]): Promise<void>
}

/**
 * Decodes a record of the log. Throws UndecodableEvent if it is not an event of the ledger, or has text that Postgres would refuse or
 * change, which must not reach the read models.
 */
export function readRecord(record: WireRecord): ProjectedEvent {
  const event = decodeEvent(record)
  const data = record.value.toString()
  if (!isUuid(event.metadata.id)) throw new UndecodableEvent('header ce_id is no UUID')
  for (const name of ['time', 'recordedTime'] as const) {
    if (!INSTANT.test(event.metadata[name])) throw new UndecodableEvent(`header ce_${name.toLowerCase()} is no instant`)
  }
  // NUL or lone surrogates can only occur as escapes; checking each value would cost more than everything else here.
  const finding = data.includes('\\u') ? findHostileText(event.event, eventBounds) : undefined
  if (finding) throw new UndecodableEvent(`${finding.pointer || 'the value'} ${finding.detail}`)
  return Object.assign(event, { ceType: record.headers['ce_type']!.toString(), data })
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/
