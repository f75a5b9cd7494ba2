import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import type { Positions } from '#libs/contracts'
import { EventLog, PARTITIONS } from '#libs/event-log'
import { headerProblem, parameterProblem, Readiness } from '#libs/http'
import { currentRequest } from '#libs/operations'
import type { Query } from '#libs/postgres'
import { InvalidCursor, PositionWatch, ReadModels, type QueryResult } from '#libs/read-models'

/** Opens and closes the read models, and runs every read. */
@Injectable()
export class ReadGateway implements OnModuleInit, OnApplicationShutdown {
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
    // Not awaited: without Postgres the process starts, and /readyz reports it as not ready.
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
   * Runs a read once the read models have reached `minimum`. Throws PositionNotReached after two seconds, and a 400 for an
   * invalid cursor.
   */
  async read<Body>(
    minimum: Positions | undefined,
    read: (query: Query) => Promise<QueryResult<Body>>,
  ): Promise<QueryResult<Body>> {
    return this.run(minimum, () => read(this.query))
  }

  /** As `read`, for a read of several statements: all of them see one snapshot. */
  async readSnapshot<Body>(
    minimum: Positions | undefined,
    read: (query: Query) => Promise<QueryResult<Body>>,
  ): Promise<QueryResult<Body>> {
    return this.run(minimum, () => this.readModels.snapshot(read))
  }

  private async run<Body>(
    minimum: Positions | undefined,
    read: () => Promise<QueryResult<Body>>,
  ): Promise<QueryResult<Body>> {
    const beyond = [...(minimum?.keys() ?? [])].find(partition => partition >= PARTITIONS)
    if (beyond !== undefined) {
      throw headerProblem(
        'Shiplog-Min-Position',
        `names partition ${beyond}, but the partitions of the log are 0 to ${PARTITIONS - 1}`,
      )
    }
    try {
      return await this.watch.read(minimum, read, currentRequest()?.tenant)
    } catch (error) {
      if (error instanceof InvalidCursor) throw parameterProblem([{ parameter: 'cursor', detail: error.message }])
      throw error
    }
  }
}
