import {
  currentDeploymentsSchema,
  deploymentExamples,
  deploymentSchema,
  deploymentsSchema,
  type RecordedEvent,
  rollbackTargetExample,
  rollbackTargetSchema,
  tagExistenceSchema,
} from '#libs/api'
import { eventTypes } from '#libs/contracts'

const { older, newer, current, existence } = deploymentExamples

/** Example responses. */
export const examples = {
  record: newer,
  records: [newer, older],
  current: [current],
  events: [
    {
      type: eventTypes.DeploymentRecorded.ceType,
      position: '3:17',
      eventId: '0198c0de-0000-7000-8000-000000000017',
      actor: 'ci@acme.example',
      time: '2026-02-12T10:00:00Z',
      recordedAt: '2026-02-12T10:05:01.217Z',
      data: {
        deploymentId: newer.id,
        application: 'platform',
        environment: 'prod',
        imageTag: 'v2.1.0-abc1234',
        status: 'DEPLOYED',
        deployedAt: '2026-02-12T10:00:00Z',
      },
    },
  ] satisfies RecordedEvent[],
  existence,
  rollbackTarget: rollbackTargetExample,
}

/** Problems by kind of operation. */
export const problems = {
  one: { 404: 'The tenant has no deployment with this id.' },
  rollbackTarget: {
    404: 'There is no deployment to roll back, or none to roll back to. `detail` says why; `passedOver` lists the candidates.',
  },
}

/** Schemas of the responses. */
export const schemas = {
  record: deploymentSchema,
  records: deploymentsSchema,
  current: currentDeploymentsSchema,
  existence: tagExistenceSchema,
  rollbackTarget: rollbackTargetSchema,
}
