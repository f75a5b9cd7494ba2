import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { activeFreeze } from '#libs/contracts'
import { type PipelineSettings, pipelineIndex } from '#libs/domain'
import { Ledger } from '#libs/ledger'
import { Logger } from '#libs/operations'

/** The name of the freeze that is active at an instant in an environment, given by its name or an alias. */
export type FreezeAt = (tenant: string, environment: string, at: string) => string | undefined

/** Interval of a refresh without a notification, in case one was lost. */
const SLOW_LOOK_MS = 60_000
const MOST_TENANTS = 100_000

/** The cached part of a tenant's pipeline settings. Its key schemas can be large, and are read only when they are needed. */
type CachedSettings = Pick<PipelineSettings, 'pipeline' | 'freezes'> & { version: number }

/**
 * A cache of the pipeline and the freezes of all tenants that changed them: recording a deployment needs its freeze, and must not cost
 * a query. docs/adr/0011 says how stale it may be.
 */
@Injectable()
export class FreezeCache implements OnModuleInit, OnModuleDestroy {
  private byTenant: ReadonlyMap<string, CachedSettings> = new Map()
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

  /** Resolves when the cache has everything that was decided before this call, or Postgres is unavailable. */
  refresh(): Promise<void> {
    this.again = true
    this.refreshing ??= this.run().finally(() => (this.refreshing = undefined))
    return this.refreshing
  }

  readonly freezeAt: FreezeAt = (tenant, environment, at) => {
    const settings = this.byTenant.get(tenant)
    if (!settings || settings.freezes.length === 0) return undefined
    return activeFreeze(settings, environment, at)?.name
  }

  private async run(): Promise<void> {
    while (this.again) {
      this.again = false
      try {
        const found = await this.ledger.notifiedStreams(pipelineIndex, MOST_TENANTS)
        const known = new Map(found.map(({ tenant, streamId }) => [streamId, this.byTenant.get(tenant)?.version ?? 0]))
        // Reads changed states only: a tenant that changes its settings often costs no reads of the others.
        const changed = await this.ledger.changedStates(known)
        this.byTenant = new Map(
          found.flatMap(({ tenant, streamId }): [string, CachedSettings][] => {
            const settings = cachedSettings(changed.get(streamId)) ?? this.byTenant.get(tenant)
            return settings ? [[tenant, settings]] : []
          }),
        )
      } catch (error) {
        this.log.debug('freezes not refreshed', { event: 'freezes.refresh_failed', reason: (error as Error).message })
      }
    }
  }
}

function cachedSettings(row: { version: number; state: unknown } | undefined): CachedSettings | undefined {
  if (!row) return undefined
  const { pipeline, freezes } = row.state as PipelineSettings
  return { pipeline, freezes, version: row.version }
}
