import { Injectable } from '@nestjs/common'
import { InjectDataSource, TypeOrmModule } from '@nestjs/typeorm'
import { DataSource } from 'typeorm'
import { Settings, Logger } from '#libs/operations'
import type { Query, Statement } from '#libs/postgres'
import { READ_LIMIT_MS, READER_ROLE, toReadError } from '#libs/read-models'

/** Connection of the query app to the ledger's index: few connections, in a read-only role. */
export const ledgerIndexModule = TypeOrmModule.forRootAsync({
  inject: [Settings],
  useFactory: ({ databaseUrl }: Settings) => ({
    type: 'postgres' as const,
    url: databaseUrl,
    applicationName: 'shiplog query of the ledger',
    poolSize: 2,
    connectTimeoutMS: 5000,
    extra: {
      options: `-c role=${READER_ROLE} -c default_transaction_read_only=on -c statement_timeout=${READ_LIMIT_MS}`,
      query_timeout: READ_LIMIT_MS + 1000,
    },
    // Connects on first use: the role is created with the read models' tables, and the process starts without Postgres.
    manualInitialization: true,
  }),
})

/** Reads from the ledger's index. */
@Injectable()
export class LedgerIndex {
  private opening?: Promise<DataSource>

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly log: Logger,
  ) {}

  /** Throws ReadModelsUnavailable if Postgres does not respond, ReadLimitExceeded if the statement takes too long. */
  readonly query: Query = async <Row>({ name, text, values }: Statement): Promise<Row[]> => {
    try {
      await this.open()
      return await this.dataSource.query<Row[]>(text, values)
    } catch (error) {
      this.log.warn('a read of the ledger index failed', { event: 'query.ledger_read_failed', statement: name, error })
      throw toReadError(error)
    }
  }

  private async open(): Promise<void> {
    if (this.dataSource.isInitialized) return
    this.opening ??= this.dataSource.initialize().finally(() => (this.opening = undefined))
    await this.opening
  }
}
