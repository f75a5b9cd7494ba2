import {
  People,
  refuse,
  resolveEnvironment,
  type ApprovePromotion,
  type Decision,
  type Person,
  type Pipeline,
  type PromotionEvent,
  type PromotionRequest,
  type Rejection,
} from '#libs/contracts'
import { pipelineFindings } from './promotion-content.js'
import { isNewIdentity, type ExistingPromotion } from './promotion-state.js'

/** Limit of the people with both an id and an address who may act on one promotion. */
const MOST_IDENTITIES = 256

/** The number of approvals that the pipeline requires for the target. */
export function quorumOf({ targetEnvironment }: PromotionRequest, pipeline: Pipeline): number {
  const target = resolveEnvironment(pipeline, targetEnvironment)
  return pipeline.environments.find(({ name }) => name === target)?.approvals ?? 0
}

/**
 * The number of people who approved the present content. The author's approval counts only if the present pipeline allows it. Without a
 * known author no approval counts, as each could be the author's.
 *
 * @param acting the person of the request, whose id and address may show that two approvers are one person
 */
export function countApprovals(promotion: ExistingPromotion, pipeline: Pipeline, acting: Person = {}): number {
  const { author, approvals } = promotion
  const people = peopleOf(promotion, acting)
  if (pipeline.authorMayApprove) return people.count(approvals)
  if (isNobody(author)) return 0
  return people.count(approvals.filter(approval => !people.same(approval, author)))
}

/**
 * A promotion under the present pipeline. An APPROVED one becomes VALIDATED, with its approvals, if the pipeline now requires more people,
 * and VALIDATION_FAILED if the pipeline no longer allows its source and target.
 *
 * @param acting the person of the request
 */
export function standingOf(promotion: ExistingPromotion, pipeline: Pipeline, acting?: Person): ExistingPromotion {
  const { state, request } = promotion
  if (state !== 'APPROVED' && state !== 'VALIDATED') return promotion
  const quorum = quorumOf(request, pipeline)
  if (state === 'VALIDATED') return { ...promotion, quorum }
  const findings = pipelineFindings(request, pipeline)
  if (findings.length > 0) return { ...promotion, state: 'VALIDATION_FAILED', findings }
  return countApprovals(promotion, pipeline, acting) >= quorum
    ? { ...promotion, quorum }
    : { ...promotion, quorum, state: 'VALIDATED' }
}

/** Why the present pipeline rejects an approved or scheduled promotion; `undefined`: it does not. */
export function pipelineRefusal(promotion: ExistingPromotion, pipeline: Pipeline, acting?: Person): string | undefined {
  const { request } = promotion
  const [finding] = pipelineFindings(request, pipeline)
  if (finding) return `the pipeline no longer allows it: ${finding.detail}`
  const quorum = quorumOf(request, pipeline)
  const count = countApprovals(promotion, pipeline, acting)
  return count >= quorum ? undefined : `the pipeline now requires ${quorum} approvals, and it has ${count}`
}

export function approve(
  { promotionId, now, by, comment, contentHash: reviewed }: ApprovePromotion,
  promotion: ExistingPromotion,
  pipeline: Pipeline,
): Decision<PromotionEvent> {
  const { request, author, approvals, contentHash = '' } = promotion
  if (reviewed !== undefined && reviewed.toLowerCase() !== contentHash) return otherContent(promotion, reviewed)
  if (isNobody(by)) return refuse('unprocessable', 'an approval needs a person: send X-User-ID or X-User-Email')
  const refused = notByThem(promotion, by, pipeline)
  if (refused) return refuse('unprocessable', refused, { dependsOnState: true })
  const approval = { ...by, at: now, contentHash }
  const quorum = quorumOf(request, pipeline)
  const quorumReached =
    countApprovals({ ...promotion, author, approvals: [...approvals, approval] }, pipeline) >= quorum
  const commented = comment !== undefined && { comment }
  return [{ type: 'PromotionApproved', promotionId, at: now, by, contentHash, ...commented, quorumReached, quorum }]
}

function notByThem(promotion: ExistingPromotion, by: Person, pipeline: Pipeline): string | undefined {
  const { author, approvals } = promotion
  const people = peopleOf(promotion, by)
  if (!pipeline.authorMayApprove) {
    if (isNobody(author)) return 'the author of this promotion is unknown, so nobody can approve it: create it again'
    if (people.same(by, author)) return 'the author of a promotion cannot approve it: another person must'
  }
  if (approvals.some(approval => people.same(by, approval)))
    return 'this person has already approved the promotion: another person must'
  return undefined
}

function otherContent({ id, state, contentHash }: ExistingPromotion, reviewed: string): Rejection {
  const detail = `promotion ${id} was validated again with different content: review it, then approve it`
  return refuse('conflict', detail, {
    errors: [{ pointer: '/contentHash', detail: `is ${reviewed}, but the content has ${contentHash}` }],
    details: { promotionId: id, promotionState: state, contentHash },
  })
}

/** Rejects another person with both an id and an address, above the limit. */
export function tooManyPeople({ identities = [] }: ExistingPromotion, by: Person): Rejection | undefined {
  if (identities.length < MOST_IDENTITIES || !isNewIdentity(identities, by)) return undefined
  const detail = `${MOST_IDENTITIES} people have acted on this promotion, the limit: cancel it and create it again`
  return refuse('unprocessable', detail, { dependsOnState: true })
}

function peopleOf({ author, approvals, identities = [] }: ExistingPromotion, acting: Person): People {
  return new People([author, ...approvals, ...identities, acting])
}

function isNobody({ userId, userEmail }: Person): boolean {
  return userId === undefined && userEmail === undefined
}
