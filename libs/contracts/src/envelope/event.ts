import type { ConfigurationEvent } from '../configuration/configuration.js'
import type { DeploymentEvent } from '../deployment/deployment.js'
import type { IncidentEvent } from '../incident/incident.js'
import type { PipelineEvent } from '../pipeline/pipeline.js'
import type { PromotionEvent } from '../promotion/promotion.js'

export type DomainEvent = DeploymentEvent | IncidentEvent | ConfigurationEvent | PipelineEvent | PromotionEvent

/** A user id, else an e-mail address. */
export type Actor = string

/** What the events of a command take from the request. */
export interface CommandContext {
  tenant: string
  /** Who acts: a user id, else an e-mail address. */
  actor?: Actor
  /** Common to everything that one request causes: its X-Correlation-Id, else its id. */
  correlationId: string
  /** W3C Trace Context. */
  traceparent?: string
}

/** Metadata of an event, set when it is decided. */
export interface EventMetadata {
  /** UUIDv7. */
  id: string
  tenant: string
  /** `deployment-<tenant>/<id>`; `subject` of the CloudEvent. */
  streamId: string
  /** Its number in the stream, from 1. */
  streamVersion: number
  /** When it happened (RFC 3339). */
  time: string
  /** When it was recorded. */
  recordedTime: string
  /** Id of the command that caused it. */
  causationId: string
  /** Hash of that command's body, which distinguishes a repeat from another request, also after a rebuild. */
  commandHash: string
  correlationId: string
  traceparent?: string
  actor?: Actor
}

/** A decided event, possibly not in the log yet. */
export interface DecidedEvent<E extends { type: string } = DomainEvent> {
  metadata: EventMetadata
  event: E
}

/** An event in the log. */
export interface LoggedEvent<E extends { type: string } = DomainEvent> extends DecidedEvent<E> {
  partition: number
  /** `ledgerseq`: its number in the partition, from 1 without gaps. */
  seq: number
}

export function streamIdOf(category: string, tenant: string, id: string): string {
  return `${category}-${tenant}/${id}`
}
