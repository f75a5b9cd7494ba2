import pg from 'pg'
import { setTimeout as pause } from 'node:timers/promises'
import { deployments } from '../deployments.js'
import { migrate } from '../migrate.js'
import { readPositions, type ProjectedPosition } from '../positions.js'
import type { Query } from '../query.js'
import { ReadModels, type ReadModelsLogger } from '../read-models.js'
import { LIVE_SCHEMA, searchPath, type NEXT_SCHEMA, type OLD_SCHEMA, type VERIFY_SCHEMA } from '../schema.js'
import { codeFingerprint } from './code-fingerprint.js'
import { compareTables, type TableComparison } from './compare.js'
import { MODELS, modelTables, type Model } from './models.js'
import { SwapRefused, swapTables } from './swap.js'

export interface RebuildOptions {
  databaseUrl: string
  /** Where the next version is built. */
  schema: typeof NEXT_SCHEMA | typeof VERIFY_SCHEMA
  /** Throws away what was half built. */
  anew: boolean
  logger: ReadModelsLogger
  /** The connection that keeps others from rebuilding was lost: nothing more must be written. */
  onLost(error: Error): void
}

export type Positions = ReadonlyMap<number, ProjectedPosition>

/** Brings the next version to these positions. */
export type Reach = (positions: Positions) => Promise<void>

/** Another process rebuilds or verifies. */
export class RebuildUnderWay extends Error {
  override name = 'RebuildUnderWay'

  constructor() {
    super('another rebuild or verification of this database is under way')
  }
}

/** The server needs a moment to see that the process which held the lock is gone. */
const LOCK_PATIENCE_MS = 3000
const SWAP_ATTEMPTS = 25
const SWAP_PAUSE_MS = 200
const LOCK_NOT_AVAILABLE = '55P03'
const CONNECTIONS = 4

/**
 * The next version of the read models, built beside the live one in a schema of its own. It has its own positions, so what was
 * interrupted goes on where it was. Who folds the log into it is the caller; here it is made, compared, and put in the place of the live one.
 */
export class Rebuild {
  private constructor(
    private readonly client: pg.Client,
    private readonly options: RebuildOptions,
    /** The tables of the next version, to be projected into. */
    readonly next: ReadModels,
    /** Whether it goes on with what an earlier run has built. */
    readonly resumed: boolean,
  ) {}

  /** Makes the next version's tables, or finds those of an interrupted run of the same code. Throws RebuildUnderWay. */
  static async begin(options: RebuildOptions): Promise<Rebuild> {
    const { databaseUrl, schema, logger } = options
    await migrate(databaseUrl)
    const client = await connect(databaseUrl, options.onLost)
    const next = new ReadModels({
      databaseUrl,
      applicationName: 'shiplog rebuild',
      access: 'project',
      logger,
      schema,
      poolSize: CONNECTIONS,
    })
    try {
      await lockOrRefuse(client)
      const resumed = await prepareSchema(client, options)
      await next.open()
      // From the beginning of each partition that the live ones have a position in.
      await client.query(`
        INSERT INTO ${schema}.projection_position (projection, partition, seq, next_offset)
        SELECT projection, partition, 0, 0 FROM projection_position ON CONFLICT DO NOTHING`)
      return new Rebuild(client, options, next, resumed)
    } catch (error) {
      await next.close()
      await client.end().catch(() => undefined)
      throw error
    }
  }

  /** Where the live read models stand. */
  livePositions(): Promise<Map<number, ProjectedPosition>> {
    return readPositions(this.query, deployments.name)
  }

  /** Where the next ones stand. */
  nextPositions(): Promise<Map<number, ProjectedPosition>> {
    return readPositions(this.next.query, deployments.name)
  }

  /** Compares models at one position: the live ones stand still until the next ones are there too and one snapshot has both. */
  async compare(models: readonly Model[], reach: Reach): Promise<TableComparison[]> {
    await this.analyze()
    const snapshot = await connect(this.options.databaseUrl, () => undefined)
    try {
      await this.held(async positions => {
        await reach(positions)
        await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
        // A snapshot is taken by the first statement.
        await snapshot.query('SELECT 1')
      })
      const tables = await compareTables(queryOn(snapshot), this.options.schema, modelTables(models))
      await snapshot.query('COMMIT')
      return tables
    } finally {
      await snapshot.end()
    }
  }

  /**
   * Puts models of the next version in the place of the live ones, in one transaction; those are kept in `read_v1_old`, and what is left of
   * the next version is dropped. Throws SwapRefused, having changed nothing.
   */
  async swap(models: readonly Model[], reach: Reach): Promise<void> {
    const { schema } = this.options
    const tables = modelTables(models).map(({ table }) => table)
    const whole = MODELS.every(model => models.includes(model))
    await this.analyze()
    for (let attempt = 1; ; attempt++) {
      await reach(await this.livePositions())
      try {
        return await this.held(async positions => {
          await reach(positions)
          await swapTables(this.query, schema, tables, whole)
          await this.client.query(`DROP SCHEMA ${schema} CASCADE`)
        })
      } catch (error) {
        if (!isLockTimeout(error)) throw error
        if (attempt === SWAP_ATTEMPTS) throw new SwapRefused('the tables are read all the time: try again later')
      }
      await pause(SWAP_PAUSE_MS)
    }
  }

  /** Throws the next version away. */
  async discard(): Promise<void> {
    await this.client.query(`DROP SCHEMA IF EXISTS ${this.options.schema} CASCADE`)
  }

  /** Lets others rebuild; what was built stays. */
  async end(): Promise<void> {
    await this.next.close()
    await this.client.end().catch(() => undefined)
  }

  private get query(): Query {
    return queryOn(this.client)
  }

  /**
   * Runs work in a transaction that no projector's gets past: each of them begins by advancing its positions. They wait, reads do not.
   */
  private async held<T>(work: (live: Positions) => Promise<T>): Promise<T> {
    await this.client.query('BEGIN')
    try {
      await this.client.query('LOCK TABLE projection_position IN SHARE ROW EXCLUSIVE MODE')
      const result = await work(await this.livePositions())
      await this.client.query('COMMIT')
      return result
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  // Before they are asked anything, and before the live ones stand still for it.
  private async analyze(): Promise<void> {
    const { schema } = this.options
    const tables = modelTables(MODELS).map(({ table }) => `${schema}.${table}`)
    await this.client.query(`ANALYZE ${tables.join(', ')}`)
  }
}

/** Drops what swaps have replaced, or what was built. Throws RebuildUnderWay. */
export async function dropVersion(databaseUrl: string, schema: typeof OLD_SCHEMA | typeof NEXT_SCHEMA): Promise<void> {
  const client = await connect(databaseUrl, () => undefined)
  try {
    await lockOrRefuse(client)
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
  } finally {
    await client.end()
  }
}

// Without a time-out: the hash of a large table takes as long as it takes.
async function connect(databaseUrl: string, onLost: (error: Error) => void): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'shiplog rebuild',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    options: `${searchPath(LIVE_SCHEMA)} -c jit=off`,
  })
  client.on('error', onLost)
  await client.connect()
  return client
}

async function lockOrRefuse(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_PATIENCE_MS}`)
  try {
    await client.query(`SELECT pg_advisory_lock(hashtext('shiplog rebuild'))`)
  } catch (error) {
    throw isLockTimeout(error) ? new RebuildUnderWay() : error
  }
  await client.query('RESET lock_timeout')
}

/** Says whether there is something to go on with. */
async function prepareSchema(client: pg.Client, { schema, anew }: RebuildOptions): Promise<boolean> {
  const fingerprint = codeFingerprint()
  const { rows } = await client.query<{ made_by: string | null }>(
    `SELECT obj_description(oid, 'pg_namespace') AS made_by FROM pg_namespace WHERE nspname = $1`,
    [schema],
  )
  if (rows[0]?.made_by === fingerprint && !anew) return true
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
  await client.query(`CREATE SCHEMA ${schema}`)
  await client.query(`COMMENT ON SCHEMA ${schema} IS '${fingerprint}'`)
  return false
}

function queryOn(client: pg.Client): Query {
  return async <Row>(statement: Parameters<Query>[0]) => (await client.query(statement)).rows as Row[]
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE
}
