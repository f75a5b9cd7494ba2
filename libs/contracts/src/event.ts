import type { ConfigurationEvent } from './configuration.js'
import type { DeploymentEvent } from './deployment.js'
import type { PipelineEvent } from './pipeline.js'
import type { PromotionEvent } from './promotion.js'

/** Everything that can have happened. */
export type DomainEvent = DeploymentEvent | ConfigurationEvent | PipelineEvent | PromotionEvent

/** Who did it: a user id, else an e-mail address. */
export type Actor = string

/** What surrounds an event from the moment that it was decided. */
export interface EventMetadata {
  /** UUIDv7. */
  id: string
  tenant: string
  /** `deployment-<tenant>/<id>`: the subject of the CloudEvent. */
  streamId: string
  /** Its place in the stream, from 1. */
  streamVersion: number
  /** When it happened (RFC 3339). */
  time: string
  /** When we learned of it. */
  recordedTime: string
  /** The command that led to it. */
  causationId: string
  /** Hash of that command's body, so that a repeat can be told from another request, also after a rebuild. */
  commandHash: string
  correlationId: string
  traceparent?: string
  actor?: Actor
}

/** An event as it was decided, not yet in the log. */
export interface DecidedEvent<E extends { type: string } = DomainEvent> {
  metadata: EventMetadata
  event: E
}

/** An event as it stands in the log. */
export interface LoggedEvent<E extends { type: string } = DomainEvent> extends DecidedEvent<E> {
  partition: number
  /** `ledgerseq`: from 1 in each partition, without gaps. */
  seq: number
}

/** Id of a stream. */
export function streamIdOf(category: string, tenant: string, id: string): string {
  return `${category}-${tenant}/${id}`
}
