import { Injectable } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashJson, type Person, type PromotionCommand, type WantedRevision, type CommandContext } from '#libs/contracts'
import { promotion } from '#libs/domain'
import { HttpProblem } from '#libs/http'
import { type CommandRequest, Ledger } from '#libs/ledger'
import { idempotencyOf, receivedFrom } from '../commands/command-response.js'
import { TenantChecks } from '../pipeline/tenant-checks.js'
import { promotionResponse } from './promotion-response.js'
import { promotionTarget } from './promotion-target.js'
import { validationTarget } from './promotion-validation.js'

/** A request to change a promotion, and the person who sent it. */
export interface PromotionWrite {
  request: FastifyRequest
  reply: FastifyReply
  caller: CommandContext
  person: Person
  key: string | undefined
}

/** The same for an existing promotion, with the version that it must have. */
export interface ConditionalWrite extends PromotionWrite {
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

  async validate(
    { ifMatch, ...write }: ConditionalWrite,
    promotionId: string,
    sent: object,
  ): Promise<object | undefined> {
    const { now } = receivedFrom(write.caller)
    const wanted = ifMatch !== undefined && { ifMatch }
    const command = { type: 'ValidatePromotion', promotionId, now, by: write.person, ...wanted } as const
    return this.execute(write, promotionId, validationTarget(write.caller.tenant, command, this.checks), sent)
  }

  /** @param sent the body as sent, if `body` differs from it */
  async perform<T extends LaterCommand['type']>(
    { ifMatch, ...write }: ConditionalWrite,
    promotionId: string,
    type: T,
    body: BodyOf<T>,
    sent: object = body,
  ): Promise<object | undefined> {
    const { now } = receivedFrom(write.caller)
    const wanted = ifMatch !== undefined && { ifMatch }
    const command = { ...body, ...wanted, type, promotionId, now, by: write.person } as unknown as LaterCommand
    return this.execute(write, promotionId, promotionTarget(write.caller.tenant, command), sent)
  }

  async execute(
    { request, reply, caller, key }: PromotionWrite,
    promotionId: string,
    target: CommandRequest<never, PromotionCommand, never>['target'],
    sent: object,
    creates = false,
  ): Promise<object | undefined> {
    const outcome = await this.ledger.execute({
      decider: promotion,
      target,
      // The promotion id correlates all events of a promotion.
      context: { ...caller, correlationId: promotionId },
      bodyHash: hashJson(sent),
      ...idempotencyOf({ request, caller, key }),
    })
    return promotionResponse(reply, caller, outcome, { creates })
  }
}

/** Throws a 400 if the request names no person. @param what the start of the sentence: why one is needed */
export function requirePerson({ userId, userEmail }: Person, what: string): void {
  if (userId !== undefined || userEmail !== undefined) return
  throw new HttpProblem(400, `${what}: send X-User-ID or X-User-Email.`, {
    errors: [{ header: 'X-User-ID', detail: 'is missing' }],
  })
}
