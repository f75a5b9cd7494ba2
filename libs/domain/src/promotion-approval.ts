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
import { isNewIdentity, type KnownPromotion } from './promotion-state.js'

/** So many people who name themselves by id and address may act on a promotion; more are nobody's review. */
const MOST_IDENTITIES = 256

/** Approvals that the pipeline asks for in a target. */
export function quorumOf({ targetEnvironment }: PromotionRequest, pipeline: Pipeline): number {
  const target = resolveEnvironment(pipeline, targetEnvironment)
  return pipeline.environments.find(({ name }) => name === target)?.approvals ?? 0
}

/**
 * How many people have approved the present content, by the pipeline as it is now: its author's approval counts only where that lets
 * authors approve. Whose author is unknown has been approved by nobody of whom it is known that it is another one.
 *
 * @param acting who acts now: an id and an address may tell that two who approved are one person
 */
export function countApprovals(promotion: KnownPromotion, pipeline: Pipeline, acting: Person = {}): number {
  const { author, approvals } = promotion
  const people = peopleOf(promotion, acting)
  if (pipeline.authorMayApprove) return people.count(approvals)
  if (isNobody(author)) return 0
  return people.count(approvals.filter(approval => !people.same(approval, author)))
}

/**
 * A promotion as it stands by the pipeline as it is now. One that is APPROVED is back at VALIDATED where the pipeline asks for more
 * people by now, and its approvals stay; at VALIDATION_FAILED where the pipeline does not let it go that way any more.
 *
 * @param acting who acts now
 */
export function standingOf(promotion: KnownPromotion, pipeline: Pipeline, acting?: Person): KnownPromotion {
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

/** Why a promotion that was approved, or scheduled, is refused by the pipeline as it is now. */
export function pipelineRefusal(promotion: KnownPromotion, pipeline: Pipeline, acting?: Person): string | undefined {
  const { request } = promotion
  const [finding] = pipelineFindings(request, pipeline)
  if (finding) return `the pipeline refuses it by now: ${finding.detail}`
  const quorum = quorumOf(request, pipeline)
  const count = countApprovals(promotion, pipeline, acting)
  return count >= quorum ? undefined : `the pipeline asks for ${quorum} approvals by now, and ${count} count`
}

/** Adds somebody's approval of the present content. */
export function approve(
  { promotionId, now, by, comment, contentHash: seen }: ApprovePromotion,
  promotion: KnownPromotion,
  pipeline: Pipeline,
): Decision<PromotionEvent> {
  const { request, author, approvals, contentHash = '' } = promotion
  if (seen !== undefined && seen.toLowerCase() !== contentHash) return otherContent(promotion, seen)
  if (isNobody(by)) return refuse('unprocessable', "an approval is a person's: say whose in X-User-ID or X-User-Email")
  const refused = notByThem(promotion, by, pipeline)
  if (refused) return refuse('unprocessable', refused, { dependsOnState: true })
  const approval = { ...by, at: now, contentHash }
  const quorum = quorumOf(request, pipeline)
  const quorumReached =
    countApprovals({ ...promotion, author, approvals: [...approvals, approval] }, pipeline) >= quorum
  const said = comment !== undefined && { comment }
  return [{ type: 'PromotionApproved', promotionId, at: now, by, contentHash, ...said, quorumReached, quorum }]
}

function notByThem(promotion: KnownPromotion, by: Person, pipeline: Pipeline): string | undefined {
  const { author, approvals } = promotion
  const people = peopleOf(promotion, by)
  if (!pipeline.authorMayApprove) {
    if (isNobody(author))
      return 'nobody knows who drafted this promotion, and its author cannot approve it: draft it again'
    if (people.same(by, author)) return 'the author of a promotion cannot approve it: somebody else must'
  }
  if (approvals.some(approval => people.same(by, approval)))
    return 'this person has approved it already: somebody else must'
  return undefined
}

function otherContent({ id, state, contentHash }: KnownPromotion, seen: string): Rejection {
  const detail = `promotion ${id} was validated with another content since: look at it again, then approve that`
  return refuse('conflict', detail, {
    errors: [{ pointer: '/contentHash', detail: `is ${seen}, but that of the content is ${contentHash}` }],
    details: { promotionId: id, promotionState: state, contentHash },
  })
}

/** Refuses one more who names itself by both, where there were so many that nobody could tell them apart any more. */
export function crowded({ identities = [] }: KnownPromotion, by: Person): Rejection | undefined {
  if (identities.length < MOST_IDENTITIES || !isNewIdentity(identities, by)) return undefined
  const detail = `more than ${MOST_IDENTITIES} people have acted on this promotion: cancel it, and draft it again`
  return refuse('unprocessable', detail, { dependsOnState: true })
}

function peopleOf({ author, approvals, identities = [] }: KnownPromotion, acting: Person): People {
  return new People([author, ...approvals, ...identities, acting])
}

function isNobody({ userId, userEmail }: Person): boolean {
  return userId === undefined && userEmail === undefined
}
