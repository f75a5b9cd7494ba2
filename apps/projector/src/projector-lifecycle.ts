import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import { EventLog } from '#libs/event-log'
import { Readiness, type PartHealth } from '#libs/http'
import { LogConsumer } from '#libs/log-consumer'
import { ReadModels, type ProjectedEvent } from '#libs/read-models'
import { Lag } from './lag.js'

/** Reports the readiness of the projector, and shuts it down after the last batch. */
@Injectable()
export class ProjectorLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly eventLog: EventLog,
    private readonly readModels: ReadModels,
    private readonly consumer: LogConsumer<ProjectedEvent>,
    private readonly lag: Lag,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness.add('kafka', async () =>
      (await this.eventLog.reachable()) ? { ok: true } : { ok: false, detail: 'no broker answers' },
    )
    this.readiness.add('readModels', async () => {
      await this.readModels.query({ text: 'SELECT 1', values: [] })
      return { ok: true }
    })
    this.readiness.add('projector', () => this.health())
    this.lag.start()
  }

  async onApplicationShutdown(): Promise<void> {
    await this.lag.stop()
    await this.consumer.stop()
    await this.readModels.close()
    await this.eventLog.close()
  }

  private async health(): Promise<PartHealth> {
    await this.lag.measure()
    const lagEvents = this.lag.events
    if (!this.consumer.isReading) return { ok: false, detail: 'not reading the log yet', lagEvents }
    const halted = [...this.consumer.states].flatMap(([partition, { halt }]) =>
      halt ? [{ partition, seq: halt.position.seq, since: halt.since.toISOString(), reason: halt.reason }] : [],
    )
    if (halted.length === 0) return { ok: true, lagEvents }
    const detail = halted.map(({ partition, reason }) => `partition ${partition} is halted: ${reason}`).join('; ')
    return { ok: false, detail, halted, lagEvents }
  }
}
