import type pg from 'pg'
import { setTimeout as pause } from 'node:timers/promises'
import { deployments } from '../catalog/catalog.js'
import { isMigrated } from '../database/migrate.js'
import { readPositions, type ProjectedPosition } from '../log/positions.js'
import type { Query } from '../sql/query.js'
import { ReadModels, type ReadModelsLogger } from '../database/read-models.js'
import { type NEXT_SCHEMA, type VERIFY_SCHEMA } from '../sql/schema.js'
import { codeFingerprint } from './code-fingerprint.js'
import { compareTables, type TableComparison } from './compare.js'
import { MODELS, modelTables, type Model } from '../catalog/models.js'
import { connect, isLockTimeout, lockOrRefuse, queryOn } from './session.js'
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

/** The live read models are not there, or those of another version: nothing can be compared with them. */
export class VersionMismatch extends Error {
  override name = 'NotOfThisVersion'

  constructor() {
    super(
      'the read models have the tables of another version: start the projector of this version first, which migrates them',
    )
  }
}

const SWAP_ATTEMPTS = 25
const SWAP_PAUSE_MS = 200
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

  /** Makes the next version's tables, or finds those of an interrupted run of the same code. Throws RebuildUnderWay and NotOfThisVersion. */
  static async begin(options: RebuildOptions): Promise<Rebuild> {
    const { databaseUrl, schema, logger } = options
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
      if (!(await isMigrated(queryOn(client)))) throw new VersionMismatch()
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
        if (attempt === SWAP_ATTEMPTS) throw new SwapRefused('queries keep the tables locked: try again later')
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
