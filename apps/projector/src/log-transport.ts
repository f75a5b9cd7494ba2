import { BaseRpcContext, Server, type CustomTransportStrategy } from '@nestjs/microservices'
import { lastValueFrom } from 'rxjs'
import type { LogBatch, LogReader } from '#libs/event-log'

/** Pattern of the one message of this transport: what a fetch brought of one partition. */
export const LOG_BATCH = 'log.batch'

/** What surrounds a batch: the reader that brought it. */
export class LogContext extends BaseRpcContext<[LogReader]> {
  get reader(): LogReader {
    return this.args[0]
  }
}

export type DispatchBatch = (batch: LogBatch, reader: LogReader) => Promise<void>

/** Where batches come from: begins to hand them to `dispatch`, and ends that with `stop`. */
export interface BatchSource {
  /** Begins; returns at once, and goes on trying while Kafka or Postgres are away. */
  start(dispatch: DispatchBatch): void
  /** Ends; a batch under way is handled to its end. */
  stop(): Promise<void>
}

/**
 * Nest's transport for the log. Nest's own Kafka transport hands over message by message and commits what failed; this one
 * hands over whole batches, and waits for each.
 */
export class LogTransport extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true

  constructor(private readonly source: BatchSource) {
    super()
  }

  listen(callback: () => void): void {
    this.source.start((batch, reader) => this.dispatch(batch, reader))
    callback()
  }

  close(): Promise<void> {
    return this.source.stop()
  }

  on(event: string): never {
    throw new Error(`the log transport has no event ${event}`)
  }

  unwrap<T>(): T {
    return this.source as T
  }

  private async dispatch(batch: LogBatch, reader: LogReader): Promise<void> {
    const handler = this.getHandlerByPattern(LOG_BATCH)
    if (!handler) throw new Error(`no handler of ${LOG_BATCH}`)
    const answer = await handler(batch, new LogContext([reader]))
    await lastValueFrom(this.transformToObservable(answer), { defaultValue: undefined })
  }
}
