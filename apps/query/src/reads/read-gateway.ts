import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import { EventLog, PARTITIONS } from '#libs/event-log'
import { headerProblem, HttpProblem, parameterProblem, Readiness, type ReadRequest } from '#libs/http'
import type { Query } from '#libs/postgres'
import { AmbiguousCommit, InvalidCursor, PositionWatch, ReadModels, type QueryResult } from '#libs/read-models'

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
   * Runs a read once the read models have reached the positions of its request. Throws PositionNotReached after two seconds, a 400 for an
   * invalid cursor, and a 409 for an ambiguous commit.
   */
  async read<Body>(
    request: ReadRequest,
    read: (query: Query) => Promise<QueryResult<Body>>,
  ): Promise<QueryResult<Body>> {
    return this.run(request, () => read(this.query))
  }

  /** As `read`, for a read of several statements: all of them see one snapshot. */
  async readSnapshot<Body>(
    request: ReadRequest,
    read: (query: Query) => Promise<QueryResult<Body>>,
  ): Promise<QueryResult<Body>> {
    return this.run(request, () => this.readModels.snapshot(read))
  }

  private async run<Body>(
    { minPosition, principal }: ReadRequest,
    read: () => Promise<QueryResult<Body>>,
  ): Promise<QueryResult<Body>> {
    const beyond = [...(minPosition?.keys() ?? [])].find(partition => partition >= PARTITIONS)
    if (beyond !== undefined) {
      throw headerProblem(
        'Shiplog-Min-Position',
        `names partition ${beyond}, but the partitions of the log are 0 to ${PARTITIONS - 1}`,
      )
    }
    try {
      return await this.watch.read(minPosition, read, principal.tenant)
    } catch (error) {
      if (error instanceof InvalidCursor) throw parameterProblem([{ parameter: 'cursor', detail: error.message }])
      if (error instanceof AmbiguousCommit) {
        const { commits } = error
        throw new HttpProblem(409, `The hash ${error.message}: ${commits.join(', ')}. Send more digits.`, {
          members: { commits },
        })
      }
      throw error
    }
  }
}
