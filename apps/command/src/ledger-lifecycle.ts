import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import { EventLog } from '#libs/event-log'
import { Readiness } from '#libs/http'
import { KeyChecks } from '#libs/key-schemas'
import { Ledger } from '#libs/ledger'

/** Readiness checks of the write side, and its shutdown after the last request. */
@Injectable()
export class LedgerLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly eventLog: EventLog,
    private readonly ledger: Ledger,
    private readonly checks: KeyChecks,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness.add('postgres', async () => {
      const { postgres, detail } = await this.ledger.health()
      return postgres ? { ok: true } : { ok: false, detail: detail ?? 'Postgres does not respond' }
    })
    this.readiness.add('kafka', async () =>
      (await this.eventLog.reachable()) ? { ok: true } : { ok: false, detail: 'no Kafka broker responds' },
    )
    this.readiness.add('ledger', async () => {
      const { open, appender, appending, detail } = await this.ledger.health()
      if (!open) return { ok: false, appender, detail: detail ?? 'the index is catching up with the log' }
      // Commands are still decided, and get a 202.
      const stuck = appending === false && detail !== undefined
      return stuck ? { ok: false, appender, detail: `no events are appended: ${detail}` } : { ok: true, appender }
    })
  }

  async onApplicationShutdown(): Promise<void> {
    await this.ledger.close()
    await this.checks.close()
    await this.eventLog.close()
  }
}
