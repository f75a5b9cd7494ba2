import pg from 'pg'
import { openReadModels } from '../harness/system/read-models.js'
import type { Servers } from '../harness/system/servers.js'

/** A history made by SQL, the same for the same size: a hundred tenants, each with twenty applications in four environments. */
export class SeededHistory {
  static readonly tenant = 'tenant-7'
  static readonly application = 'application-7'

  private constructor(
    readonly databaseUrl: string,
    readonly rows: number,
  ) {}

  /** Makes a database with so many rows of history. */
  static async create(servers: Servers, rows: number): Promise<SeededHistory> {
    const databaseUrl = await servers.createDatabase('reads')
    await (await openReadModels(databaseUrl)).close()
    const sql = new pg.Client({ connectionString: databaseUrl })
    await sql.connect()
    try {
      // Indexes are made once, behind the rows: row by row it takes several times as long.
      const { rows: indexes } = await sql.query<{ name: string; definition: string }>(INDEXES)
      for (const { name } of indexes) await sql.query(`DROP INDEX read_v1.${sql.escapeIdentifier(name)}`)
      await sql.query(`SET synchronous_commit = off; SET maintenance_work_mem = '1GB'`)
      await sql.query(FILL, [rows])
      for (const { definition } of indexes) await sql.query(definition)
      await sql.query(FILL_CURRENT)
      await sql.query('VACUUM ANALYZE read_v1.deployment_history, read_v1.deployment_current')
    } finally {
      await sql.end()
    }
    return new SeededHistory(databaseUrl, rows)
  }
}

const INDEXES = `
  SELECT indexname AS name, indexdef AS definition FROM pg_indexes
  WHERE schemaname = 'read_v1' AND tablename = 'deployment_history' AND indexname <> 'deployment_history_pkey'`

// md5 of the number stands for chance: the same in every run.
const FILL = `
  INSERT INTO read_v1.deployment_history
    (tenant, deployment_id, application, environment, environment_name, image_tag, git_commit, git_branch, status, succeeded,
     deployed_at, completed_at, finished_at, actor, recorded_at, partition, recorded_seq, log_order, last_seq, version,
     recorded_bytes, known_from)
  SELECT 'tenant-' || n % 100, md5('id' || n)::uuid, 'application-' || n / 100 % 20, environment, environment,
    'v' || n, md5('commit' || n), 'main', status, status = 'DEPLOYED', start, finish, finish, 'engineer-' || n % 97,
    finish, n % 12, n, n, n, 1, 500, finish
  FROM (
    SELECT n, (ARRAY['development', 'test', 'staging', 'production'])[1 + n / 2000 % 4] AS environment,
      CASE WHEN hashint8(n) % 20 = 0 THEN 'FAILED' ELSE 'DEPLOYED' END AS status,
      '2020-01-01Z'::timestamptz + n * interval '15 seconds' AS start,
      '2020-01-01Z'::timestamptz + n * interval '15 seconds' + (30 + abs(hashint8(n) % 600)) * interval '1 second' AS finish
    FROM generate_series(1, $1::bigint) AS n
  ) AS made`

const FILL_CURRENT = `
  INSERT INTO read_v1.deployment_current
  SELECT DISTINCT ON (tenant, application, environment_name) tenant, application, environment_name, deployment_id
  FROM read_v1.deployment_history WHERE status = 'DEPLOYED'
  ORDER BY tenant, application, environment_name, deployed_at DESC, log_order DESC`
