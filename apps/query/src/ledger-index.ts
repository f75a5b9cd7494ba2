import { Injectable } from '@nestjs/common'
import { InjectDataSource, TypeOrmModule } from '@nestjs/typeorm'
import { DataSource } from 'typeorm'
import type { Query } from '#libs/ledger'
import { Configuration } from '#libs/operations'
import { isFaultOfServer, READER_ROLE, ReadModelsUnavailable } from '#libs/read-models'

/** The ledger's index as the query app may see it: few connections, in a role that can change nothing. */
export const ledgerIndexModule = TypeOrmModule.forRootAsync({
  inject: [Configuration],
  useFactory: ({ databaseUrl }: Configuration) => ({
    type: 'postgres' as const,
    url: databaseUrl,
    applicationName: 'shiplog query of the ledger',
    poolSize: 2,
    connectTimeoutMS: 5000,
    extra: {
      options: `-c role=${READER_ROLE} -c default_transaction_read_only=on`,
      query_timeout: 15_000,
    },
    // The role comes with the read models' tables, and the process lives while Postgres is away: it connects when asked.
    manualInitialization: true,
  }),
})

/** Asks the ledger's index. */
@Injectable()
export class LedgerIndex {
  private opening?: Promise<DataSource>

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Throws ReadModelsUnavailable where Postgres does not answer. */
  readonly query: Query = async <Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> => {
    try {
      await this.open()
      return await this.dataSource.query<Row[]>(sql, parameters)
    } catch (error) {
      throw isFaultOfServer(error) ? new ReadModelsUnavailable(error) : error
    }
  }

  private async open(): Promise<void> {
    if (this.dataSource.isInitialized) return
    this.opening ??= this.dataSource.initialize().finally(() => (this.opening = undefined))
    await this.opening
  }
}
