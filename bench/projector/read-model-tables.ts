import pg from 'pg'
import { deployments, preparePositions, type ReadModels } from '#libs/read-models'
import { PARTITIONS } from '#libs/event-log'
import { openReadModels } from '../harness/system/read-models.js'
import type { Sample } from '../harness/report/rounds.js'
import { expectRows } from '../harness/app/rows.js'
import type { Servers } from '../harness/system/servers.js'
import type { Progress } from './progress.js'

/** The channel on which the projector notifies commits: `<projection> <partition>:<seq>`. */
const PROGRESS_CHANNEL = 'shiplog_read_v1'

const TABLES = `
  SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') AS tables FROM pg_tables
  WHERE schemaname = 'read_v1' AND tablename <> 'migration'`

/** A database with the tables of the read models. */
export class ReadModelTables {
  private constructor(
    readonly databaseUrl: string,
    /** Connections with the projector's settings. */
    readonly readModels: ReadModels,
    private readonly sql: pg.Client,
  ) {}

  static async create(servers: Servers, name: string): Promise<ReadModelTables> {
    const databaseUrl = await servers.createDatabase(name)
    const readModels = await openReadModels(databaseUrl)
    const sql = new pg.Client({ connectionString: databaseUrl })
    await sql.connect()
    return new ReadModelTables(databaseUrl, readModels, sql)
  }

  /** Removes all projected rows. */
  async empty(): Promise<void> {
    const { rows } = await this.sql.query<{ tables: string }>(TABLES)
    await this.sql.query(`TRUNCATE ${rows[0]!.tables}`)
    await preparePositions(this.readModels.query, deployments.name, PARTITIONS)
  }

  /** Follows the commits of a projector, until `end` is called. */
  async watch(progress: Progress): Promise<{ finished: Promise<Sample>; end(): Promise<void> }> {
    const positions = new Map<string, number>()
    let hear: (notification: pg.Notification) => void = () => undefined
    const finished = new Promise<Sample>(resolve => {
      hear = ({ payload }) => {
        const [, partition, seq] = /^\S+ (\d+):(\d+)$/.exec(payload ?? '') ?? []
        if (partition === undefined) return
        progress.advance(Number(seq) - (positions.get(partition) ?? 0))
        positions.set(partition, Number(seq))
        if (progress.sample) resolve(progress.sample)
      }
    })
    this.sql.on('notification', hear)
    await this.sql.query(`LISTEN ${PROGRESS_CHANNEL}`)
    const end = async () => {
      await this.sql.query(`UNLISTEN ${PROGRESS_CHANNEL}`)
      this.sql.off('notification', hear)
    }
    return { finished, end }
  }

  /** @throws Error unless history and events have one row per deployment */
  async expectDeployments(count: number): Promise<void> {
    const { rows } = await this.sql.query<{ history: number; events: number }>(
      `SELECT (SELECT count(*) FROM read_v1.deployment_history)::int AS history,
              (SELECT count(*) FROM read_v1.deployment_event)::int AS events`,
    )
    expectRows('the projection', rows[0]!, { history: count, events: count })
  }

  async close(): Promise<void> {
    await this.sql.end()
    await this.readModels.close()
  }
}
