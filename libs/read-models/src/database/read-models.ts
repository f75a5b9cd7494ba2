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
import { toQueryConfig, type Query, type Statement } from '../sql/query.js'
import { LIVE_SCHEMA, searchPath } from '../sql/schema.js'

/** Where the read models say what they do. */
export interface ReadModelsLogger {
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
}

export interface ReadModelsOptions {
  databaseUrl: string
  /** Names the connections in `pg_stat_activity`. */
  applicationName: string
  /** `read`: as the role `shiplog_reader`, which can change nothing. */
  access: 'read' | 'project'
  logger: ReadModelsLogger
  /** Where the tables stand (`read_v1`, which is asked). */
  schema?: string
  /** Connections at most (10). */
  poolSize?: number
  /** How long a statement may take, and what is read at once in all, in milliseconds: 14 s to read, 58 s to project. */
  limitMs?: number
}

export const READER_ROLE = 'shiplog_reader'

const CONNECT_TIMEOUT_MS = 5000
const LIMIT_MS = { read: READ_LIMIT_MS, project: 58_000 }
// A server that is frozen obeys no timeout of its own, so the client has one too. The server's is the first: a statement that only the
// client has given up on goes on, and holds memory and a core.
const CLIENT_AFTER_MS = 1000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

/** Settings of a connection that reads. */
export const READ_SESSION = [
  `role=${READER_ROLE}`,
  'default_transaction_read_only=on',
  'jit=off',
  // A step in an index is ordered by all of its columns (see probes.ts). Sorted on the way, another index that has the tenant first would do
  // as well, and all of the tenant would be read.
  'enable_incremental_sort=off',
  // Rows of one application that are merged with others by the application alone are compared in pairs, where a hash has all of the key.
  'enable_mergejoin=off',
]

const sessionOf = {
  read: READ_SESSION,
  project: [
    // Every step of a projection is a probe of one index, and its order (see probes.ts); whatever statistics say.
    ...['seqscan', 'hashjoin', 'mergejoin', 'memoize', 'sort', 'incremental_sort'].map(kind => `enable_${kind}=off`),
    'jit=off',
    // The statements are named and their plans are those above for any values: planned once a connection.
    'plan_cache_mode=force_generic_plan',
    // What a crash of the server takes back is projected again from the log: there is nothing to wait for at the commit.
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
    // An idle connection that breaks is replaced by the next request; unheard, it would end the process.
    this.pool.on('error', error =>
      options.logger.warn('Postgres connection failed', { event: 'read_models.connection_failed', error }),
    )
  }

  /** Resolves when the tables are there; tries until then, or until it is closed. */
  open(): Promise<void> {
    this.opened ??= this.migrateWhenPossible()
    return this.opened
  }

  /**
   * Runs one statement. Throws ReadModelsUnavailable where Postgres is away or its tables are not there yet, ReadLimitExceeded where it took
   * too long.
   */
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
   * Runs statements in one transaction; where `work` throws, it is rolled back. Throws ReadModelsUnavailable where the server has gone
   * away, and then it may have been committed.
   */
  async transaction<T>(work: (connection: pg.ClientBase) => Promise<T>, begin = 'BEGIN'): Promise<T> {
    if (!this.migrated) throw new ReadModelsUnavailable()
    const connection = await this.pool.connect().catch(error => {
      throw new ReadModelsUnavailable(error)
    })
    // Unheard, a connection that dies between two statements would end the process; the next statement tells.
    const onError = () => undefined
    connection.on('error', onError)
    let answers = true
    try {
      await connection.query(begin)
      const result = await work(connection)
      await connection.query('COMMIT')
      return result
    } catch (error) {
      // Behind a statement that the client has given up on, ROLLBACK would wait as long again.
      if (isClientTimeout(error)) answers = false
      else await connection.query('ROLLBACK').catch(() => (answers = false))
      throw answers || error instanceof ReadModelsUnavailable ? error : new ReadModelsUnavailable(error)
    } finally {
      connection.off('error', onError)
      connection.release(!answers)
    }
  }

  /**
   * Asks several statements that see one and the same state. Throws ReadModelsUnavailable; ReadLimitExceeded where one of them, or what they
   * take together, took too long.
   */
  async snapshot<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.limitMs
    const ask = (connection: pg.ClientBase) =>
      work(async <Row>(statement: Statement) => {
        try {
          if (performance.now() > deadline) throw new ReadLimitExceeded(TOO_LONG)
          return (await connection.query(toQueryConfig(statement))).rows as Row[]
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

  /** Closes the connections; statements under way end first. */
  async close(): Promise<void> {
    this.closing.abort()
    await this.opened?.catch(() => undefined)
    await this.pool.end()
  }

  // Callers are told no cause, so the log has to have it, and which statement it was.
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
    const { databaseUrl, schema, logger } = this.options
    for (let pause = FIRST_PAUSE_MS; !this.closing.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await migrate(databaseUrl, schema)
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
