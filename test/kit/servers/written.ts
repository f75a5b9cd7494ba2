import pg from 'pg'
import { LogEnds } from '../../independent/log/log-ends.js'
import { brokers } from './servers.js'

/** Sees all that is written anywhere: the ends of the log, and the number of rows of every table. */
export class Written {
  private constructor(
    private readonly client: pg.Client,
    private readonly log: LogEnds,
  ) {}

  static async watch({ topic, database }: { topic: string; database: { url: string } }): Promise<Written> {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    return new Written(client, await LogEnds.connect(brokers(), topic))
  }

  async look(): Promise<{ log: Record<number, number>; rows: Record<string, number> }> {
    const { rows: tables } = await this.client.query<{ name: string }>(`
      SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY name`)
    const counts = tables.map(({ name }) => `SELECT '${name}' AS name, count(*)::int AS count FROM ${name}`)
    const { rows } = await this.client.query<{ name: string; count: number }>(counts.join(' UNION ALL '))
    return { log: await this.log.look(), rows: Object.fromEntries(rows.map(({ name, count }) => [name, count])) }
  }

  async end(): Promise<void> {
    await this.log.close()
    await this.client.end()
  }
}
