import type pg from 'pg'
import { setTimeout as pause } from 'node:timers/promises'
import { deployments } from '../catalog/catalog.js'
import { isMigrated } from '../database/migrate.js'
import { readPositions, type ProjectedPosition } from '../log/positions.js'
import { queryOn, type Query } from '#libs/postgres'
import { ReadModels, type ReadModelsLogger } from '../database/read-models.js'
import { type NEXT_SCHEMA, type VERIFY_SCHEMA } from '../sql/schema.js'
import { codeFingerprint } from './code-fingerprint.js'
import { compareTables, type TableComparison } from './compare.js'
import { MODELS, modelTables, type Model } from '../catalog/models.js'
import { connect, fingerprintOf, isLockTimeout, lockOrRefuse, prepareNextPositions } from './session.js'
import { SwapRefused, swapTables } from './swap.js'

export interface RebuildOptions {
  databaseUrl: string
  /** Schema of the next version. */
  schema: typeof NEXT_SCHEMA | typeof VERIFY_SCHEMA
  /** Discards an incomplete version. */
  anew: boolean
  logger: ReadModelsLogger
  /** The connection that holds the rebuild lock was lost: nothing more may be written. */
  onLost(error: Error): void
}

export type Positions = ReadonlyMap<number, ProjectedPosition>

/** Applies the log to the next version up to these positions. */
export type Reach = (positions: Positions) => Promise<void>

/** The live read models do not exist or have another version, so they cannot be compared. */
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
 * The next version of the read models, built beside the live one in its own schema and with its own positions, so that an interrupted
 * rebuild resumes. The caller applies the log; this class creates, compares and swaps the tables.
 */
export class Rebuild {
  private constructor(
    private readonly client: pg.Client,
    private readonly options: RebuildOptions,
    /** The read models of the next version, for projecting. */
    readonly next: ReadModels,
    /** Whether it resumes an earlier run. */
    readonly resumed: boolean,
  ) {}

  /** Creates the next version's tables, or finds those of an interrupted run of the same code. Throws RebuildInProgress and VersionMismatch. */
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
      await prepareNextPositions(queryOn(client), schema)
      return new Rebuild(client, options, next, resumed)
    } catch (error) {
      await next.close()
      await client.end().catch(() => undefined)
      throw error
    }
  }

  /** Positions of the live read models. */
  livePositions(): Promise<Map<number, ProjectedPosition>> {
    return readPositions(this.query, deployments.name)
  }

  /** Positions of the next version. */
  nextPositions(): Promise<Map<number, ProjectedPosition>> {
    return readPositions(this.next.query, deployments.name)
  }

  /** Compares models at one position: projecting into the live version pauses until the next one has reached it and one snapshot has both. */
  async compare(models: readonly Model[], reach: Reach): Promise<TableComparison[]> {
    await this.analyze()
    const snapshot = await connect(this.options.databaseUrl, () => undefined)
    try {
      await this.held(async positions => {
        await reach(positions)
        await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
        // The first statement takes the snapshot.
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
   * Replaces live models by those of the next version in one transaction. The replaced ones are kept in `read_v1_old`; the rest of the next
   * version is dropped. Throws SwapRefused without changes.
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

  /** Discards the next version. */
  async discard(): Promise<void> {
    await this.client.query(`DROP SCHEMA IF EXISTS ${this.options.schema} CASCADE`)
  }

  /** Releases the rebuild lock; the next version is kept. */
  async end(): Promise<void> {
    await this.next.close()
    await this.client.end().catch(() => undefined)
  }

  private get query(): Query {
    return queryOn(this.client)
  }

  /** Runs work in a transaction that pauses all projectors, since each of their transactions starts by advancing positions. Reads continue. */
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

  // Before they are queried and the live version pauses for them.
  private async analyze(): Promise<void> {
    const { schema } = this.options
    const tables = modelTables(MODELS).map(({ table }) => `${schema}.${table}`)
    await this.client.query(`ANALYZE ${tables.join(', ')}`)
  }
}

/** Returns whether there is an earlier run to resume. */
async function prepareSchema(client: pg.Client, { schema, anew }: RebuildOptions): Promise<boolean> {
  const fingerprint = codeFingerprint()
  if ((await fingerprintOf(queryOn(client), schema)) === fingerprint && !anew) return true
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
  await client.query(`CREATE SCHEMA ${schema}`)
  await client.query(`COMMENT ON SCHEMA ${schema} IS '${fingerprint}'`)
  return false
}
