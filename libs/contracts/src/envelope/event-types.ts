import type { DomainEvent } from './event.js'
import type { PromotionEvent } from '../promotion/promotion.js'
import { printable } from './record-flaw.js'
import {
  deploymentCompletedSchema,
  deploymentCorrectedSchema,
  deploymentRecordedSchema,
  deploymentRemovedSchema,
  deploymentRolledBackSchema,
  deploymentVoidedSchema,
} from '../deployment/deployment-schemas.js'
import { configurationChangedSchema } from '../configuration/configuration-schemas.js'
import { incidentOpenedSchema, incidentResolvedSchema } from '../incident/incident-schemas.js'
import { pipelineChangedSchema } from '../pipeline/pipeline-schemas.js'
import {
  promotionApprovedSchema,
  promotionCancelledSchema,
  promotionCreatedSchema,
  promotionExecutedSchema,
  promotionFailedSchema,
  promotionRejectedSchema,
  promotionRolledBackSchema,
  promotionScheduledSchema,
  promotionValidatedSchema,
} from '../promotion/promotion-schemas.js'
import { compileSchema, type Validator } from '../schema/validation.js'

interface EventType<E> {
  /** `type` of the CloudEvent, which has the version of the data. */
  ceType: string
  /** `time` of the CloudEvent: when it happened; `undefined`: when it was recorded. */
  time(event: E): string | undefined
  /** JSON Schema (2020-12) of its data. */
  schema: object
  validate: Validator
}

type EventTypes = { [N in DomainEvent['type']]: EventType<Extract<DomainEvent, { type: N }>> }

export const eventTypes: EventTypes = {
  DeploymentRecorded: {
    ceType: 'io.shiplog.deployment.recorded.v1',
    time: event => event.deployedAt,
    ...dataOf(deploymentRecordedSchema),
  },
  DeploymentCompleted: {
    ceType: 'io.shiplog.deployment.completed.v1',
    time: event => event.completedAt,
    ...dataOf(deploymentCompletedSchema),
  },
  DeploymentCorrected: {
    ceType: 'io.shiplog.deployment.corrected.v1',
    time: () => undefined,
    ...dataOf(deploymentCorrectedSchema),
  },
  DeploymentRolledBack: {
    ceType: 'io.shiplog.deployment.rolledback.v1',
    time: event => event.rolledBackAt,
    ...dataOf(deploymentRolledBackSchema),
  },
  DeploymentRemoved: {
    ceType: 'io.shiplog.deployment.removed.v1',
    time: event => event.removedAt,
    ...dataOf(deploymentRemovedSchema),
  },
  DeploymentVoided: {
    ceType: 'io.shiplog.deployment.voided.v1',
    time: () => undefined,
    ...dataOf(deploymentVoidedSchema),
  },
  IncidentOpened: {
    ceType: 'io.shiplog.incident.opened.v1',
    time: event => event.startedAt,
    ...dataOf(incidentOpenedSchema),
  },
  IncidentResolved: {
    ceType: 'io.shiplog.incident.resolved.v1',
    time: event => event.resolvedAt,
    ...dataOf(incidentResolvedSchema),
  },
  ConfigurationChanged: {
    ceType: 'io.shiplog.configuration.changed.v1',
    time: event => event.changedAt,
    ...dataOf(configurationChangedSchema),
  },
  PipelineChanged: {
    ceType: 'io.shiplog.pipeline.changed.v1',
    time: event => event.changedAt,
    ...dataOf(pipelineChangedSchema),
  },
  PromotionCreated: promotionType('created', promotionCreatedSchema),
  PromotionValidated: promotionType('validated', promotionValidatedSchema),
  PromotionApproved: promotionType('approved', promotionApprovedSchema),
  PromotionRejected: promotionType('rejected', promotionRejectedSchema),
  PromotionScheduled: promotionType('scheduled', promotionScheduledSchema),
  PromotionExecuted: promotionType('executed', promotionExecutedSchema),
  PromotionFailed: promotionType('failed', promotionFailedSchema),
  PromotionRolledBack: promotionType('rolledback', promotionRolledBackSchema),
  PromotionCancelled: promotionType('cancelled', promotionCancelledSchema),
}

function promotionType(what: string, schema: object): EventType<PromotionEvent> {
  return { ceType: `io.shiplog.promotion.${what}.v1`, time: event => event.at, ...dataOf(schema) }
}

function dataOf(schema: object): { schema: object; validate: Validator } {
  return { schema, validate: compileSchema(schema) }
}

const nameByCeType = new Map<string, DomainEvent['type']>(
  Object.entries(eventTypes).map(([name, { ceType }]) => [ceType, name as DomainEvent['type']]),
)

/** Converts data of one version of an event type to the next version. */
export interface Upcaster {
  from: string
  to: string
  upcast(data: Record<string, unknown>): Record<string, unknown>
}

/** Events are immutable: a change of their data is a new version, and an upcaster from the old one. */
const upcasters: readonly Upcaster[] = []

/** A record that is not a known event. Readers must halt on it, not skip it. */
export class UndecodableEvent extends Error {
  override name = 'UndecodableEvent'
}

/**
 * Reads the data of an event of any version, and converts it to the current one. Throws UndecodableEvent for an unknown type or invalid
 * data.
 */
export function readEventData(
  ceType: string,
  data: Record<string, unknown>,
  steps: readonly Upcaster[] = upcasters,
): DomainEvent {
  const step = steps.find(({ from }) => from === ceType)
  if (step) return readEventData(step.to, step.upcast(data), steps)
  const name = nameByCeType.get(ceType)
  if (!name) throw new UndecodableEvent(`unknown event type ${printable(ceType)}`)
  const findings = eventTypes[name].validate(data)
  if (findings.length > 0) {
    const list = findings.slice(0, MOST_FINDINGS).map(({ pointer, detail }) => `${printable(pointer) || '/'} ${detail}`)
    const more = findings.length > list.length ? ` and ${findings.length - list.length} more` : ''
    throw new UndecodableEvent(`data of ${ceType} does not match its schema: ${list.join('; ')}${more}`)
  }
  return { type: name, ...data } as DomainEvent
}

/** Limit of the findings that a message lists. */
const MOST_FINDINGS = 20

/** When an event happened. */
export function timeOf(event: DomainEvent, recordedTime: string): string {
  const { time } = eventTypes[event.type] as EventType<DomainEvent>
  return time(event) ?? recordedTime
}
