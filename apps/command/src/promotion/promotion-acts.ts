import { Injectable } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashJson, type Person, type PromotionCommand, type WantedRevision } from '#libs/contracts'
import { promotion } from '#libs/domain'
import { type Caller, HttpProblem } from '#libs/http'
import { type CommandRequest, Ledger } from '#libs/ledger'
import { idempotencyOf, receivedFrom } from '../command-answer.js'
import { TenantChecks } from '../pipeline/tenant-checks.js'
import { answerPromotion } from './promotion-answer.js'
import { promotionTarget } from './promotion-target.js'
import { validationTarget } from './promotion-validation.js'

/** Who acts on a promotion, and where the request came from. */
export interface Act {
  request: FastifyRequest
  reply: FastifyReply
  caller: Caller
  person: Person
  key: string | undefined
}

/** The same of an action on one that is there, in the version that is asked for. */
export interface Action extends Act {
  ifMatch: WantedRevision | undefined
}

type LaterCommand = Exclude<PromotionCommand, { type: 'CreatePromotion' | 'ValidatePromotion' }>
/** What a body says of a command. */
export type Said<T extends LaterCommand['type']> = Omit<
  Extract<LaterCommand, { type: T }>,
  'type' | 'promotionId' | 'now' | 'by' | 'ifMatch'
>

/** Decides what is done with promotions, and answers it. */
@Injectable()
export class PromotionActs {
  constructor(
    private readonly ledger: Ledger,
    private readonly checks: TenantChecks,
  ) {}

  async validate({ ifMatch, ...act }: Action, promotionId: string, sent: object): Promise<object | undefined> {
    const { now } = receivedFrom(act.caller)
    const wanted = ifMatch !== undefined && { ifMatch }
    const command = { type: 'ValidatePromotion', promotionId, now, by: act.person, ...wanted } as const
    return this.execute(act, promotionId, validationTarget(act.caller.tenant, command, this.checks), sent)
  }

  /** @param sent the body as it was sent, where what it says was read into another form */
  async act<T extends LaterCommand['type']>(
    { ifMatch, ...act }: Action,
    promotionId: string,
    type: T,
    said: Said<T>,
    sent: object = said,
  ): Promise<object | undefined> {
    const { now } = receivedFrom(act.caller)
    const wanted = ifMatch !== undefined && { ifMatch }
    const command = { ...said, ...wanted, type, promotionId, now, by: act.person } as unknown as LaterCommand
    return this.execute(act, promotionId, promotionTarget(act.caller.tenant, command), sent)
  }

  async execute(
    { request, reply, caller, key }: Act,
    promotionId: string,
    target: CommandRequest<never, PromotionCommand, never>['target'],
    sent: object,
    creates = false,
  ): Promise<object | undefined> {
    const outcome = await this.ledger.execute({
      decider: promotion,
      target,
      // Everything that belongs to a promotion is found by its id.
      context: { ...caller, correlationId: promotionId },
      bodyHash: hashJson(sent),
      ...idempotencyOf({ request, caller, key }),
    })
    return answerPromotion(reply, caller, outcome, { creates })
  }
}

/** Throws a 400 where nobody says who acts. @param what of what it must be known, as a sentence begins */
export function requirePerson({ userId, userEmail }: Person, what: string): void {
  if (userId !== undefined || userEmail !== undefined) return
  throw new HttpProblem(400, `${what}: send X-User-ID or X-User-Email.`, {
    errors: [{ header: 'X-User-ID', detail: 'is missing' }],
  })
}
