import { Server, type CustomTransportStrategy } from '@nestjs/microservices'
import { lastValueFrom } from 'rxjs'
import type { LogBatch } from '#libs/event-log'
import type { LogConsumer } from '#libs/log-consumer'
import type { ProjectedEvent } from '#libs/read-models'

/** Pattern of the only message of this transport: the records of one partition in a fetch. */
export const LOG_BATCH = 'log.batch'

/**
 * Nest's transport for the log. Nest's own Kafka transport delivers message by message and commits those that failed; this one delivers
 * whole batches, and waits for each.
 */
export class LogTransport extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true

  constructor(private readonly consumer: LogConsumer<ProjectedEvent>) {
    super()
  }

  listen(callback: () => void): void {
    this.consumer.start(batch => this.dispatch(batch))
    callback()
  }

  close(): Promise<void> {
    return this.consumer.stop()
  }

  on(event: string): never {
    throw new Error(`the log transport has no event ${event}`)
  }

  unwrap<T>(): T {
    return this.consumer as T
  }

  private async dispatch(batch: LogBatch): Promise<void> {
    const handler = this.getHandlerByPattern(LOG_BATCH)
    if (!handler) throw new Error(`no handler of ${LOG_BATCH}`)
    const answer = await handler(batch, undefined)
    await lastValueFrom(this.transformToObservable(answer), { defaultValue: undefined })
  }
}
