import pg from 'pg'
import {
  hasMetSwap,
  isClientTimeout,
  READ_LIMIT_MS,
  ReadLimitExceeded,
  ReadModelsUnavailable,
  TOO_LONG,
  toReadError,
} from '../sql/read-errors.js'
import { migrate } from './migrate.js'
import { pauseFor } from './pause.js'
import { queryOn, toQueryConfig, type Query, type Statement } from '#libs/postgres'
import { LIVE_SCHEMA, searchPath } from '../sql/schema.js'

/** The logger of the read models. Each line has a stable `event` in its fields. */
export interface ReadModelsLogger {
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
}

export interface ReadModelsOptions {
  databaseUrl: string
  /** Names the connections in `pg_stat_activity`. */
  applicationName: string
  /** `read`: with the read-only role `shiplog_reader`. */
  access: 'read' | 'project'
  logger: ReadModelsLogger
  /** Schema of the tables (`read_v1`). */
  schema?: string
  /** Maximum number of connections (10). */
  poolSize?: number
  /** Limit of a statement and of a snapshot in milliseconds: 14 s for reads, 58 s for projections. */
  limitMs?: number
}

export const READER_ROLE = 'shiplog_reader'

const CONNECT_TIMEOUT_MS = 5000
const LIMIT_MS = { read: READ_LIMIT_MS, project: 58_000 }
// A frozen server does not apply its own timeout, so the client has one too. The server's is shorter, since a statement that only the
// client has given up on would continue to use memory and a core.
const CLIENT_AFTER_MS = 1000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

/** Session settings of reads. */
export const READ_SESSION = [
  `role=${READER_ROLE}`,
  'default_transaction_read_only=on',
  'jit=off',
  // planner: lookups order by all columns of one index (see index-lookups.ts). With incremental sorts another index that starts with the
  // tenant would also qualify, and all rows of the tenant would be read.
  'enable_incremental_sort=off',
  // planner: a merge join would merge rows by the application alone and compare them pairwise, where a hash join uses the whole key.
  'enable_mergejoin=off',
]

const sessionOf = {
  read: READ_SESSION,
  project: [
    // planner: every step of a projection is a lookup in one index, in its order (see index-lookups.ts), regardless of statistics.
    ...['seqscan', 'hashjoin', 'mergejoin', 'memoize', 'sort', 'incremental_sort'].map(kind => `enable_${kind}=off`),
    'jit=off',
    // planner: the statements are named, and these plans fit any values: they are planned once per connection.
    'plan_cache_mode=force_generic_plan',
    // Transactions lost in a crash of the server are projected again from the log, so commits need not wait.
    'synchronous_commit=off',
  ],
}

/**
 * The read models' database: migrates it, and keeps the connections. It is there before the server is, and while the
 * server is away.
 */
export class ReadModels {
  private readonly pool: pg.Pool
  private readonly limitMs: number
  private readonly closing = new AbortController()
  private opened?: Promise<void>
  private migrated = false

  constructor(private readonly options: ReadModelsOptions) {
    const { databaseUrl, applicationName, access, schema = LIVE_SCHEMA, poolSize = 10 } = options
    this.limitMs = options.limitMs ?? LIMIT_MS[access]
    this.pool = new pg.Pool({
      connectionString: databaseUrl,
      application_name: applicationName,
      max: poolSize,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: this.limitMs + CLIENT_AFTER_MS,
      keepAlive: true,
      options: [
        searchPath(schema),
        ...[`statement_timeout=${this.limitMs}`, ...sessionOf[access]].map(setting => `-c ${setting}`),
      ].join(' '),
    })
    // A broken idle connection is replaced by the next request; without a listener its error would end the process.
    this.pool.on('error', error =>
      options.logger.warn('Postgres connection failed', { event: 'read_models.connection_failed', error }),
    )
  }

  /** Resolves when the tables have the current version; retries until then, or until it is closed. */
  open(): Promise<void> {
    this.opened ??= this.migrateWhenPossible()
    return this.opened
  }

  /** Runs one statement. Throws ReadModelsUnavailable if Postgres or the tables are not available, ReadLimitExceeded if it takes too long. */
  readonly query: Query = async <Row>(statement: Statement): Promise<Row[]> => {
    if (!this.migrated) throw new ReadModelsUnavailable()
    const ask = async () => (await this.pool.query(toQueryConfig(statement))).rows as Row[]
    try {
      return await ask().catch(error => {
        if (hasMetSwap(error)) return ask()
        throw error
      })
    } catch (error) {
      throw this.explained(error, statement)
    }
  }

  /**
   * Runs statements in one transaction, which is rolled back if `work` throws. Throws ReadModelsUnavailable if the server becomes
   * unavailable; the transaction may have been committed then.
   */
  async transaction<T>(work: (query: Query) => Promise<T>, begin = 'BEGIN'): Promise<T> {
    if (!this.migrated) throw new ReadModelsUnavailable()
    const connection = await this.pool.connect().catch(error => {
      throw new ReadModelsUnavailable(error)
    })
    // Without a listener, a connection that breaks between two statements would end the process; the next statement fails.
    const onError = () => undefined
    connection.on('error', onError)
    let answers = true
    try {
      await connection.query(begin)
      const result = await work(queryOn(connection))
      await connection.query('COMMIT')
      return result
    } catch (error) {
      // After a statement that the client has given up on, ROLLBACK would wait just as long.
      if (isClientTimeout(error)) answers = false
      else await connection.query('ROLLBACK').catch(() => (answers = false))
      throw answers || error instanceof ReadModelsUnavailable ? error : new ReadModelsUnavailable(error)
    } finally {
      connection.off('error', onError)
      connection.release(!answers)
    }
  }

  /** Runs several statements in one snapshot. Throws ReadModelsUnavailable; ReadLimitExceeded if one of them, or all together, take too long. */
  async snapshot<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.limitMs
    const ask = (query: Query) =>
      work(async <Row>(statement: Statement) => {
        try {
          if (performance.now() > deadline) throw new ReadLimitExceeded(TOO_LONG)
          return await query<Row>(statement)
        } catch (error) {
          throw this.explained(error, statement)
        }
      })
    const attempt = () => this.transaction(ask, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    return attempt().catch(error => {
      if (hasMetSwap(error)) return attempt()
      throw error
    })
  }

  /** Closes the connections after current statements. */
  async close(): Promise<void> {
    this.closing.abort()
    await this.opened?.catch(() => undefined)
    await this.pool.end()
  }

  // Callers do not receive the cause, so it is logged with the statement.
  private explained(error: unknown, { name, text }: Statement): unknown {
    const told = toReadError(error)
    if (told instanceof ReadLimitExceeded || told instanceof ReadModelsUnavailable) {
      const [message, event] =
        told instanceof ReadLimitExceeded
          ? (['Query cancelled', 'read_models.query_cancelled'] as const)
          : (['Query failed', 'read_models.query_failed'] as const)
      this.options.logger.warn(message, { event, statement: name ?? text.trim().slice(0, 80), error })
    }
    return told
  }

  private async migrateWhenPossible(): Promise<void> {
    const { databaseUrl, access, schema, logger } = this.options
    for (let pause = FIRST_PAUSE_MS; !this.closing.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await migrate(databaseUrl, access, schema)
        this.migrated = true
        return
      } catch (error) {
        logger.warn('Read models could not be migrated yet', {
          event: 'read_models.not_migrated',
          error,
          retryInMs: pause,
        })
        await pauseFor(pause, this.closing.signal)
      }
    }
  }
}
