import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common'
import { formatInstant, hashJson } from '#libs/contracts'
import { promotion, scheduledIndex } from '#libs/domain'
import { failpoint } from '#libs/failpoint'
import { type NotifiedStream, Ledger } from '#libs/ledger'
import { Logger } from '#libs/operations'
import { promotionTarget } from './promotion-target.js'

/** Interval of a check without a notification, in case one was lost. It also keeps timers below Node's limit of 2^31 ms. */
const SLOW_LOOK_MS = 60_000
const RETRY_MS = 1000
/** Limit of the due promotions that one read returns. */
const MOST_AT_ONCE = 100
const ACTOR = 'scheduler'

/**
 * Executes scheduled promotions when they are due; at the start also those that were missed. Every replica does: their commands share
 * one id, so that one of them executes, and the others get the same result.
 */
@Injectable()
export class Scheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer?: NodeJS.Timeout
  private running?: Promise<void>
  private again = false
  private stopping = false
  private unsubscribe?: () => void
  /** Rejected executions that left the promotion unchanged: a retry would be rejected too. */
  private readonly refused = new Set<string>()

  constructor(
    private readonly ledger: Ledger,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.unsubscribe = this.ledger.subscribe(() => this.look())
    this.look()
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true
    this.unsubscribe?.()
    clearTimeout(this.timer)
    await this.running
  }

  /** Checks for due promotions, after a check in progress. */
  private look(): void {
    this.again = true
    this.running ??= this.run().finally(() => (this.running = undefined))
  }

  private async run(): Promise<void> {
    while (this.again && !this.stopping) {
      this.again = false
      clearTimeout(this.timer)
      const wait = await this.executeDue().catch((error: Error) => {
        this.log.debug('scheduler cannot read', { event: 'scheduler.unavailable', reason: error.message })
        return RETRY_MS
      })
      if (!this.stopping) this.timer = setTimeout(() => this.look(), wait)
    }
  }

  /** Executes due promotions in order. Returns the milliseconds until the next check. */
  private async executeDue(): Promise<number> {
    const scheduled = await this.ledger.notifiedStreams(scheduledIndex, MOST_AT_ONCE + this.refused.size)
    const open = scheduled.filter(entry => !this.refused.has(keyOf(entry)))
    for (const entry of open) {
      const wait = Date.parse(entry.rank) - Date.now()
      if (wait > 0) return Math.min(wait, SLOW_LOOK_MS)
      if (this.stopping) return SLOW_LOOK_MS
      await this.execute(entry)
    }
    return open.length < MOST_AT_ONCE ? SLOW_LOOK_MS : 0
  }

  private async execute(entry: NotifiedStream): Promise<void> {
    const { tenant, groupKey: promotionId, rank: due } = entry
    const command = {
      type: 'ExecutePromotion',
      promotionId,
      now: formatInstant(new Date()),
      by: { userId: ACTOR },
      scheduled: true,
    } as const
    failpoint('schedule-due')
    const outcome = await this.ledger.execute({
      decider: promotion,
      target: promotionTarget(tenant, command),
      context: { tenant, actor: ACTOR, correlationId: promotionId },
      bodyHash: hashJson({ promotionId, due }),
      idempotency: { scope: ACTOR, key: keyOf(entry) },
    })
    const state = 'answer' in outcome ? outcome.answer.state.state : undefined
    this.log.info('scheduled promotion due', {
      event: 'scheduler.promotion_due',
      tenant,
      promotionId,
      due,
      outcome: outcome.kind,
      state,
    })
    // A conflict changes the state and appends an event. A rejection that changes nothing would leave the promotion due permanently.
    if (outcome.kind === 'refused') this.refused.add(keyOf(entry))
  }
}

function keyOf({ groupKey, rank }: NotifiedStream): string {
  return `${groupKey} ${rank}`
}
