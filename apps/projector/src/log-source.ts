import { PARTITIONS, WrongTopic, type EventLog, type LogReader } from '#libs/event-log'
import type { Log } from '#libs/operations'
import { pauseFor } from '#libs/read-models'
import type { BatchSource, DispatchBatch } from './log-transport.js'
import type { Projector } from './projector.js'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

/** Reads the log from where the read models stand, once both Kafka and Postgres are there. */
export class LogSource implements BatchSource {
  private readonly stopping = new AbortController()
  private starting?: Promise<void>
  private current?: LogReader

  constructor(
    private readonly eventLog: EventLog,
    private readonly projector: Projector,
    private readonly options: {
      group: string
      log: Log
      /** Nothing is read any more, for good. */
      onCrash(error: Error): void
    },
  ) {}

  /** The reader, as soon as it has begun. */
  get reader(): LogReader | undefined {
    return this.current
  }

  start(dispatch: DispatchBatch): void {
    this.starting ??= this.startWhenPossible(dispatch)
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    this.projector.stop()
    await this.starting
    await this.current?.stop()
    this.current = undefined
  }

  private async startWhenPossible(dispatch: DispatchBatch): Promise<void> {
    const { group, log, onCrash } = this.options
    const { signal } = this.stopping
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.eventLog.prepare()
        await this.projector.open()
        if (signal.aborted) return
        this.current = await this.eventLog.read({
          group,
          from: partition => this.projector.states().get(partition)?.position.nextOffset,
          commit: true,
          readAhead: true,
          // All at once, so that small ones can go together.
          concurrency: PARTITIONS,
          onBatch: dispatch,
          onCrash,
        })
        log.info('reads the log', { group })
        return
      } catch (error) {
        if (error instanceof WrongTopic) return onCrash(error)
        log.warn('the log cannot be read yet', { error, retryInMs: pause })
        await pauseFor(pause, signal)
      }
    }
  }
}
