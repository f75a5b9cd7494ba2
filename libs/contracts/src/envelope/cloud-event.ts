import { eventTypes, readEventData, UndecodableEvent } from './event-types.js'
import type { DecidedEvent, DomainEvent, LoggedEvent } from './event.js'
import { countOf } from './record-flaw.js'

/**
 * CloudEvents 1.0 in the binary mode of its Kafka protocol binding: attributes as `ce_` headers (UTF-8), data as the
 * value. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 */
export interface WireEvent {
  key: string
  /** The event's data as JSON. */
  value: string
  headers: Record<string, string>
}

/** A record as read from the log. */
export interface WireRecord {
  partition: number
  key: Buffer
  value: Buffer
  headers: Record<string, Buffer>
  /** Why the form of the record shows that the ledger did not write it. Such a record is never decoded. */
  flaw?: string | undefined
}

/** Headers that the appender adds, as they depend on the position in the log. */
export const ledgerSeqHeader = 'ce_ledgerseq'
export const previousHashHeader = 'ce_prevhash'

// Events with the same key are in one partition, and so in one order.
function kafkaKey(tenant: string, orderingKey: string | undefined): string {
  return orderingKey === undefined ? tenant : `${tenant}/${orderingKey}`
}

/** Encodes a decided event. The appender adds the headers that depend on its position. */
export function encodeEvent<E extends DomainEvent>(
  { metadata, event }: DecidedEvent<E>,
  orderingKey: string | undefined,
): WireEvent {
  const { type, ...data } = event
  return {
    key: kafkaKey(metadata.tenant, orderingKey),
    value: JSON.stringify(data),
    headers: {
      ce_specversion: '1.0',
      ce_id: metadata.id,
      ce_source: `/shiplog/${metadata.tenant}`,
      ce_type: eventTypes[type].ceType,
      ce_subject: metadata.streamId,
      ce_time: metadata.time,
      'content-type': 'application/json',
      ce_tenant: metadata.tenant,
      ce_streamversion: String(metadata.streamVersion),
      ce_causationid: metadata.causationId,
      ce_commandhash: metadata.commandHash,
      ce_correlationid: metadata.correlationId,
      ce_recordedtime: metadata.recordedTime,
      ...(metadata.traceparent !== undefined && { ce_traceparent: metadata.traceparent }),
      ...(metadata.actor !== undefined && { ce_actor: metadata.actor }),
    },
  }
}

/** Decodes a record of the log. Throws UndecodableEvent if it is not a known event. */
export function decodeEvent(record: WireRecord): LoggedEvent {
  if (record.flaw !== undefined) throw new UndecodableEvent(record.flaw)
  const text = (name: string) => {
    const value = record.headers[name]
    if (value === undefined) throw new UndecodableEvent(`the header ${name} is missing`)
    return value.toString('utf8')
  }
  const count = (name: string) => {
    const value = countOf(text(name))
    if (value === undefined) throw new UndecodableEvent(`the header ${name} is not an integer from 1`)
    return value
  }
  return {
    partition: record.partition,
    seq: count(ledgerSeqHeader),
    metadata: {
      id: text('ce_id'),
      tenant: text('ce_tenant'),
      streamId: text('ce_subject'),
      streamVersion: count('ce_streamversion'),
      time: text('ce_time'),
      recordedTime: text('ce_recordedtime'),
      causationId: text('ce_causationid'),
      commandHash: text('ce_commandhash'),
      correlationId: text('ce_correlationid'),
      ...(record.headers['ce_traceparent'] && { traceparent: text('ce_traceparent') }),
      ...(record.headers['ce_actor'] && { actor: text('ce_actor') }),
    },
    event: readEventData(text('ce_type'), parseData(record.value)),
  }
}

function parseData(value: Buffer): Record<string, unknown> {
  let data: unknown
  try {
    data = JSON.parse(value.toString('utf8'))
  } catch (error) {
    throw new UndecodableEvent('the value is not JSON', { cause: error })
  }
  if (data === null || typeof data !== 'object' || Array.isArray(data)) {
    throw new UndecodableEvent('the value is not a JSON object')
  }
  return data as Record<string, unknown>
}
