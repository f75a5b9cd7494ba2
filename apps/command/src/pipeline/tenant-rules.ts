import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { activeFreeze } from '#libs/contracts'
import { type PromotionRules, rulesIndex } from '#libs/domain'
import { Ledger } from '#libs/ledger'
import { Logger } from '#libs/operations'
import type { FreezeAt } from '../deployment-commands.js'

/** Behind announcements, in case that one was lost. */
const SLOW_LOOK_MS = 60_000
const MOST_TENANTS = 100_000

/** What is kept of a tenant's rules: its schemas can be large, and are asked for where they are checked. */
type KnownRules = Pick<PromotionRules, 'pipeline' | 'freezes'> & { version: number }

/**
 * The rules of all tenants that have some of their own, kept in memory: recording a deployment asks for its freeze, and must
 * not cost a query for it. docs/adr/0011 says how far behind they may be.
 */
@Injectable()
export class TenantRules implements OnModuleInit, OnModuleDestroy {
  private rules: ReadonlyMap<string, KnownRules> = new Map()
  private refreshing?: Promise<void>
  private again = false
  private timer?: NodeJS.Timeout
  private unsubscribe?: () => void

  constructor(
    private readonly ledger: Ledger,
    private readonly log: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    this.unsubscribe = this.ledger.subscribe(() => void this.refresh())
    this.timer = setInterval(() => void this.refresh(), SLOW_LOOK_MS)
    await this.refresh()
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer)
    this.unsubscribe?.()
    await this.refreshing
  }

  /** Resolves when everything that was decided before this call is known here, or Postgres cannot be asked. */
  refresh(): Promise<void> {
    this.again = true
    this.refreshing ??= this.run().finally(() => (this.refreshing = undefined))
    return this.refreshing
  }

  /** Name of the freeze that an instant lies in, in an environment by any of its names. */
  readonly freezeAt: FreezeAt = (tenant, environment, at) => {
    const rules = this.rules.get(tenant)
    if (!rules || rules.freezes.length === 0) return undefined
    return activeFreeze(rules, environment, at)?.name
  }

  private async run(): Promise<void> {
    while (this.again) {
      this.again = false
      try {
        const found = await this.ledger.announced(rulesIndex, MOST_TENANTS)
        const known = new Map(found.map(({ tenant, streamId }) => [streamId, this.rules.get(tenant)?.version ?? 0]))
        // Whoever changes its rules again and again has the others' not read again.
        const changed = await this.ledger.changedStates(known)
        this.rules = new Map(
          found.flatMap(({ tenant, streamId }): [string, KnownRules][] => {
            const rules = knownRules(changed.get(streamId)) ?? this.rules.get(tenant)
            return rules ? [[tenant, rules]] : []
          }),
        )
      } catch (error) {
        this.log.debug('the rules of tenants could not be read', { reason: (error as Error).message })
      }
    }
  }
}

function knownRules(row: { version: number; state: unknown } | undefined): KnownRules | undefined {
  if (!row) return undefined
  const { pipeline, freezes } = row.state as PromotionRules
  return { pipeline, freezes, version: row.version }
}
