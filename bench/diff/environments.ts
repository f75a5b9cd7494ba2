import pg from 'pg'
import { LIVE_SCHEMA, searchPath } from '#libs/read-models'
import { openReadModels } from '../harness/system/read-models.js'
import { expectRows } from '../harness/app/rows.js'
import type { Servers } from '../harness/system/servers.js'

const tenant = 'bench'

/** Two environments of one tenant, as the projection writes them; of a hundred keys, four have different values and each side has one exclusively. */
export class Environments {
  readonly diff = { tenant, source: 'staging', target: 'production' }

  private constructor(
    readonly databaseUrl: string,
    /** A connection with the settings of queries. */
    readonly sql: pg.Client,
    private readonly keys: number,
  ) {}

  /** @param keys of each environment */
  static async create(servers: Servers, keys: number): Promise<Environments> {
    const databaseUrl = await servers.createDatabase('diff')
    const readModels = await openReadModels(databaseUrl)
    await readModels.query({ text: FILL, values: [tenant, keys] })
    await readModels.query({ text: 'ANALYZE read_v1.configuration_current', values: [] })
    await readModels.close()
    const options = `${searchPath(LIVE_SCHEMA)} -c role=shiplog_reader -c default_transaction_read_only=on -c jit=off`
    const sql = new pg.Client({ connectionString: databaseUrl, options })
    await sql.connect()
    return new Environments(databaseUrl, sql, keys)
  }

  /** @throws Error unless a response is the difference of these environments */
  check(json: string): void {
    const { added, modified, removed, unchanged } = JSON.parse(json) as Record<string, unknown[]> & {
      unchanged: number
    }
    const found = { added: added!.length, modified: modified!.length, removed: removed!.length, unchanged }
    const alone = this.keys / 100
    expectRows('the diff', found, {
      added: alone,
      modified: alone * 4,
      removed: alone,
      unchanged: this.keys - alone * 5,
    })
  }

  async close(): Promise<void> {
    await this.sql.end()
  }
}

// Keys have realistic lengths. Of each hundred, the first one has another key in each environment, the next four have another value.
const FILL = `
  INSERT INTO read_v1.configuration_current
    (tenant, environment, kind, key, revision, id, hash, value, secret, description, changed_at, changed_by)
  SELECT $1, environment, 'configuration', key, 1, gen_random_uuid(), encode(sha256(value::bytea), 'hex'), to_json(value), false,
    NULL, now(), 'bench'
  FROM unnest(ARRAY['staging', 'production']) AS environment, generate_series(0, $2::int - 1) AS n,
    LATERAL (SELECT
      'service-' || n % 97 || '.deployment.containers.settings.' || n || CASE WHEN n % 100 = 0 THEN environment ELSE '' END AS key,
      repeat('value ' || n, 4) || CASE WHEN n % 100 BETWEEN 1 AND 4 THEN environment ELSE '' END AS value) AS made`
