import {
  allowedActions,
  configurationKinds,
  createPromotionSchema,
  named,
  promotionActions,
  type PromotionAction,
  type PromotionFacts,
  promotionStates,
} from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { arrayOf, described, enumOf, instant, integer, positionOf, response, string, uuid } from './schema/parts.js'

const personMembers = {
  userId: string('Id of the person, from `X-User-ID`.'),
  userEmail: string('Email address of the person, from `X-User-Email`.'),
}
const person = named('Person', {
  ...response(personMembers, []),
  description: 'A person: the same id or the same address is the same person.',
})
const contentHash = string('SHA-256 of the validated content in hexadecimal, to which approvals apply.')
const key = string('The configuration key or feature flag.')

const approval = named(
  'PromotionApproval',
  response({ ...personMembers, at: instant('Time of the approval.'), contentHash }, ['at', 'contentHash']),
)
const conflict = named(
  'PromotionConflict',
  response(
    {
      kind: enumOf(configurationKinds, 'Kind of the key.'),
      key,
      expectedRevision: integer(
        'Revision of the key when the promotion was validated or executed; 0: it never existed.',
      ),
      actualRevision: integer('Revision of the key now.'),
      promotionId: uuid('Id of the promotion that changed the key, if one did.'),
    },
    ['kind', 'key', 'expectedRevision', 'actualRevision'],
  ),
)
const finding = named(
  'PromotionFinding',
  response(
    {
      severity: enumOf(['error', 'warning'], '`error` fails the validation.'),
      key,
      detail: string('What is wrong, and what to do.'),
    },
    ['severity', 'detail'],
  ),
)

/** A promotion: the response of every operation on one, and an item of their list. */
export const promotionSchema = named(
  'Promotion',
  response(
    {
      id: uuid('Id of the promotion.'),
      ...createPromotionSchema.properties,
      state: enumOf(promotionStates, 'State of the promotion, by the current pipeline.'),
      createdAt: instant('Time of the creation.'),
      createdBy: described(person, 'Author of the promotion, who cannot approve it.'),
      contentHash,
      quorum: integer('Number of approvals that the promotion needs.'),
      approvals: arrayOf(approval, 'Approvals of the validated content.'),
      conflicts: arrayOf(conflict, 'Keys of the target that changed after the validation.'),
      findings: arrayOf(finding, 'Findings of the last validation.'),
      allowedActions: arrayOf(
        enumOf(Object.keys(promotionActions) as PromotionAction[], 'Name of an action.'),
        'Actions that the state allows.',
      ),
      scheduledAt: instant('Time of the scheduled execution.'),
      expiresAfter: string('ISO 8601 duration: maximum delay of the scheduled execution.'),
      executedAt: instant('Time of the execution.'),
      failure: string('Why the scheduled execution failed.'),
      recordedAt: instant('Time at which Shiplog recorded the promotion.'),
      position: positionOf('Log position of the last event of the promotion.'),
      version: integer('Number of events of the promotion. The `ETag` refers to it.'),
      deploymentId: uuid('Id of the deployment of its image in the target, once recorded. Only in responses to GET.'),
    },
    [
      'id',
      'sourceEnvironment',
      'targetEnvironment',
      'promotionType',
      'state',
      'createdAt',
      'approvals',
      'conflicts',
      'findings',
      'allowedActions',
      'recordedAt',
      'position',
      'version',
    ],
  ),
)
export type Promotion = FromSchema<typeof promotionSchema>

const draft: Promotion = {
  id: '0198c0de-0000-7000-8000-0000000000a1',
  sourceEnvironment: 'staging',
  targetEnvironment: 'production',
  promotionType: 'PATTERN',
  keyPatterns: ['query.*'],
  notes: 'Query timeouts, verified in staging',
  state: 'DRAFT',
  createdAt: '2026-02-12T10:00:00Z',
  createdBy: { userId: 'ann', userEmail: 'ann@acme.example' },
  approvals: [],
  conflicts: [],
  findings: [],
  allowedActions: ['validate', 'cancel'],
  recordedAt: '2026-02-12T10:00:00.012Z',
  position: '3:17',
  version: 1,
}
const validatedHash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

/** Examples of responses. */
export const promotionExamples = {
  draft,
  validated: {
    ...draft,
    state: 'VALIDATED',
    contentHash: validatedHash,
    quorum: 2,
    approvals: [{ userId: 'bob', at: '2026-02-12T10:10:00Z', contentHash: validatedHash }],
    allowedActions: ['validate', 'approve', 'reject', 'cancel'],
    position: '3:21',
    version: 3,
  } satisfies Promotion,
}

/** Where a promotion is in the log: the time of its first event, the position of its last event, and the number of its events. */
export interface PromotionMetadata {
  recordedAt: string
  position: string
  version: number
  /** Deployment of its image in the target, if it is known. */
  deploymentId?: string
}

/** A promotion as a response body. JSON.stringify omits undefined members. */
export function presentPromotion(
  facts: PromotionFacts,
  { recordedAt, position, version, deploymentId }: PromotionMetadata,
): Promotion {
  const { id, request, state, author, createdAt } = facts
  return {
    id,
    sourceEnvironment: request.sourceEnvironment,
    targetEnvironment: request.targetEnvironment,
    promotionType: request.promotionType,
    configIds: request.configIds,
    flagIds: request.flagIds,
    keyPatterns: request.keyPatterns,
    deleteRemoved: request.deleteRemoved,
    image: request.image,
    notes: request.notes,
    state,
    createdAt,
    createdBy: Object.keys(author).length > 0 ? author : undefined,
    contentHash: facts.contentHash,
    quorum: facts.quorum,
    approvals: facts.approvals,
    conflicts: facts.conflicts,
    findings: facts.findings,
    allowedActions: allowedActions(state),
    scheduledAt: facts.scheduledAt,
    expiresAfter: facts.expiresAfter,
    executedAt: facts.executed?.at,
    failure: facts.failure,
    recordedAt,
    position,
    version,
    deploymentId,
  }
}
