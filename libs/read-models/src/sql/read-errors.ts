/** Postgres is not available, or the tables are not ready: send the request again later. */
export class ReadModelsUnavailable extends Error {
  override name = 'ReadModelsUnavailable'
  readonly retryAfterSeconds = 1

  constructor(cause?: unknown) {
    super('The read models are not available at the moment.', { cause })
  }
}

/** Limit of a read in milliseconds; Postgres cancels a statement that takes longer. */
export const READ_LIMIT_MS = 14_000

export const TOO_LONG = 'The query took too long and was cancelled'

/** A read exceeded its limit and was cancelled. It will be cancelled again, unless the server was busy. */
export class ReadLimitExceeded extends Error {
  override name = 'ReadLimitExceeded'
  readonly retryAfterSeconds = 30

  /** @param what a main clause without its full stop */
  constructor(what: string, cause?: unknown) {
    super(
      `${what}. Narrow it (one \`application\` or \`environment\`, a shorter time, a smaller \`limit\`, where the operation accepts ` +
        'them), or send it again when the server is less busy.',
      { cause },
    )
  }
}

/** SQLSTATE of an error from the server; `undefined` for other errors. */
function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

// Classes of SQLSTATE. https://www.postgresql.org/docs/current/errcodes-appendix.html
// Cardinality violation, data exception, integrity violation, a limit of a row or an index.
const valueErrorClasses = new Set(['21', '22', '23', '54'])
// Connection exception, authorization, no such database or schema, resources, operator intervention, system error.
const serverErrorClasses = new Set(['08', '28', '3D', '3F', '53', '57', '58'])
const UNDEFINED_TABLE = '42P01'
const QUERY_CANCELED = '57014'

const DEADLOCK = '40P01'

/**
 * Whether a statement collided with a swap: both waited for each other's tables, or a replaced table was dropped while the statement was
 * planned, for which Postgres has no specific SQLSTATE. A retry finds the new tables.
 */
export function hasMetSwap(error: unknown): boolean {
  const state = sqlState(error)
  return (
    state === DEADLOCK || (state === 'XX000' && (error as Error).message.startsWith('could not open relation with OID'))
  )
}

/**
 * Whether an error of a projection is caused by the event, so that retrying cannot help. Others may be temporary: server unavailable, a
 * lock, a full disk, a table that a migration will create.
 */
export function isEventError(error: unknown): boolean {
  if (error instanceof ReadModelsUnavailable) return false
  const state = sqlState(error)
  return state === undefined || valueErrorClasses.has(state.slice(0, 2))
}

/** Whether the error of a statement is caused by the server, not by the statement. */
function isServerError(error: unknown): boolean {
  const state = sqlState(error)
  return state === undefined || state === UNDEFINED_TABLE || serverErrorClasses.has(state.slice(0, 2))
}

/** Whether the client timeout of `pg` expired: the server is frozen or disconnected, and may still run the statement. */
export function isClientTimeout(error: unknown): boolean {
  return error instanceof Error && (error.message === 'Query read timeout' || isClientTimeout(error.cause))
}

/** The error of a read for its caller: ReadLimitExceeded, ReadModelsUnavailable, or the error itself. */
export function toReadError(error: unknown): unknown {
  if (error instanceof ReadLimitExceeded || error instanceof ReadModelsUnavailable) return error
  if (sqlState(error) === QUERY_CANCELED) return new ReadLimitExceeded(TOO_LONG, error)
  return isServerError(error) ? new ReadModelsUnavailable(error) : error
}
