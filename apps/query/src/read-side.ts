import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import type { Positions } from '#libs/contracts'
import { EventLog, PARTITIONS } from '#libs/event-log'
import { headerProblem, parameterProblem, Readiness } from '#libs/http'
import { currentRequest } from '#libs/operations'
import { InvalidCursor, PositionWatch, ReadModels, type Answer, type Query } from '#libs/read-models'

/** The life of the read models in this process, and the way every question goes. */
@Injectable()
export class ReadSide implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly readModels: ReadModels,
    private readonly watch: PositionWatch,
    private readonly eventLog: EventLog,
    private readonly readiness: Readiness,
  ) {}

  get query(): Query {
    return this.readModels.query
  }

  onModuleInit(): void {
    // Not awaited: the process lives, and says that it is not ready, until Postgres comes.
    void this.readModels.open()
    this.watch.start()
    this.readiness.add('readModels', async () => {
      await this.query({ text: 'SELECT 1', values: [] })
      return { ok: true }
    })
  }

  async onApplicationShutdown(): Promise<void> {
    await this.watch.close()
    await this.readModels.close()
    await this.eventLog.close()
  }

  /**
   * Asks a question when the read models have reached `minimum`. Throws PositionNotReached after two seconds, 400 for a
   * cursor that does not fit.
   */
  async ask<Body>(
    minimum: Positions | undefined,
    question: (query: Query) => Promise<Answer<Body>>,
  ): Promise<Answer<Body>> {
    return this.answered(minimum, () => question(this.query))
  }

  /** The same of a question that takes several statements: all of them see one state. */
  async askAtOnce<Body>(
    minimum: Positions | undefined,
    question: (query: Query) => Promise<Answer<Body>>,
  ): Promise<Answer<Body>> {
    return this.answered(minimum, () => this.readModels.snapshot(question))
  }

  private async answered<Body>(
    minimum: Positions | undefined,
    read: () => Promise<Answer<Body>>,
  ): Promise<Answer<Body>> {
    const beyond = [...(minimum?.keys() ?? [])].find(partition => partition >= PARTITIONS)
    if (beyond !== undefined) {
      throw headerProblem('Shiplog-Min-Position', `names partition ${beyond}, but the log has ${PARTITIONS}, from 0`)
    }
    try {
      return await this.watch.read(minimum, read, currentRequest()?.tenant)
    } catch (error) {
      if (error instanceof InvalidCursor) throw parameterProblem([{ parameter: 'cursor', detail: error.message }])
      throw error
    }
  }
}
