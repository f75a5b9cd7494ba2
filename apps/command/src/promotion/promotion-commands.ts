import { Injectable } from '@nestjs/common'
import { personOf, type Principal } from '#libs/auth'
import type { PromotionCommand, WantedRevision } from '#libs/contracts'
import { promotion } from '#libs/domain'
import { HttpProblem, type WriteRequest } from '#libs/http'
import { type CommandRequest, Ledger } from '#libs/ledger'
import { executeCommand, receivedFrom } from '../commands/execute-command.js'
import { TenantChecks } from '../pipeline/tenant-checks.js'
import { promotionResponse } from './promotion-response.js'
import { promotionTarget } from './promotion-target.js'
import { validationTarget } from './promotion-validation.js'

/** A request to change an existing promotion, with the version that it must have. */
export interface ConditionalWrite extends WriteRequest {
  ifMatch: WantedRevision | undefined
}

type LaterCommand = Exclude<PromotionCommand, { type: 'CreatePromotion' | 'ValidatePromotion' }>
/** The members of a command that its body has. */
export type BodyOf<T extends LaterCommand['type']> = Omit<
  Extract<LaterCommand, { type: T }>,
  'type' | 'promotionId' | 'now' | 'by' | 'ifMatch'
>

/** Executes commands on promotions and sends their responses. */
@Injectable()
export class PromotionCommands {
  constructor(
    private readonly ledger: Ledger,
    private readonly checks: TenantChecks,
  ) {}

  async validate(write: ConditionalWrite, promotionId: string, sent: object): Promise<object | undefined> {
    const command = { type: 'ValidatePromotion', promotionId, ...actOf(write) } as const
    return this.execute(write, promotionId, validationTarget(write.principal.tenant, command, this.checks), sent)
  }

  /** @param sent the body as sent, if `body` differs from it */
  async perform<T extends LaterCommand['type']>(
    write: ConditionalWrite,
    promotionId: string,
    type: T,
    body: BodyOf<T>,
    sent: object = body,
  ): Promise<object | undefined> {
    const command = { ...body, ...actOf(write), type, promotionId } as unknown as LaterCommand
    return this.execute(write, promotionId, promotionTarget(write.principal.tenant, command), sent)
  }

  async execute(
    write: WriteRequest,
    promotionId: string,
    target: CommandRequest<never, PromotionCommand, never>['target'],
    sent: object,
    creates = false,
  ): Promise<object | undefined> {
    // The promotion id correlates all events of a promotion.
    const correlated = { ...write, context: { ...write.context, correlationId: promotionId } }
    const outcome = await executeCommand(this.ledger, correlated, { decider: promotion, target, sent })
    return promotionResponse(write, outcome, { creates })
  }
}

/** When and by whom a promotion is changed, and the version that it must have. */
function actOf({ ifMatch, ...write }: ConditionalWrite) {
  const { now } = receivedFrom(write)
  return { ...(ifMatch !== undefined && { ifMatch }), now, by: personOf(write.principal) }
}

/** Throws a 400 if the request names no person. @param what the start of the sentence: why one is needed */
export function requirePerson({ kind }: Principal, what: string): void {
  if (kind !== 'anonymous') return
  throw new HttpProblem(400, `${what}: send X-User-ID or X-User-Email.`, {
    errors: [{ header: 'X-User-ID', detail: 'is missing' }],
  })
}
