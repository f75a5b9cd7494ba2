import pg from 'pg'

const COLUMNS = `tenant, deployment_id, application, environment, environment_name, image_tag, status, succeeded, deployed_at, completed_at,
  finished_at, recorded_at, partition, recorded_seq, log_order, recorded_bytes`

/** The tenant that has most of all deployments. */
export const big = {
  tenant: 'big',
  application: 'app-7',
  imageTag: 'v7',
  asOf: '2025-03-01T00:00:00Z',
  knownAt: '2025-03-20T00:00:00Z',
}

/**
 * Fills the read models with one tenant that has thousands of deployments of a hundred applications, each corrected 40 days later, and thousands of
 * tenants that have ten: what is true of a tenant on average is true of none.
 */
export async function fillSkewedTenants(databaseUrl: string, deployments = 24_000, tenants = 3000): Promise<void> {
  const sql = new pg.Client({
    connectionString: databaseUrl,
    options: '-c search_path=read_v1 -c synchronous_commit=off',
  })
  await sql.connect()
  try {
    await sql.query(HISTORY, [deployments, tenants])
    for (const text of [SUPERSEDED, INTERVALS, CURRENT, 'VACUUM ANALYZE']) await sql.query(text)
  } finally {
    await sql.end()
  }
}

const HISTORY = `
  INSERT INTO deployment_history (${COLUMNS}, last_seq, version, known_from)
  SELECT tenant, md5(tenant || n)::uuid, application, environment, environment, 'v' || n, 'DEPLOYED', true, at, at + interval '1 minute',
    at + interval '1 minute', at + interval '2 minutes', 1, n, n, 1000, n, 2, at + interval '40 days'
  FROM (
    SELECT 'big' AS tenant, n, 'app-' || n % 100 AS application, (ARRAY['dev', 'staging', 'production'])[1 + n / 100 % 3] AS environment,
      '2025-01-01Z'::timestamptz + n * interval '5 minutes' AS at
    FROM generate_series(1, $1::integer) AS n
    UNION ALL
    SELECT 'small-' || n % $2::integer, n, 'app', 'production', '2025-01-01Z'::timestamptz + n * interval '5 minutes'
    FROM generate_series(1, $2::integer * 10) AS n
  ) AS made`

const SUPERSEDED = `
  INSERT INTO deployment_superseded (${COLUMNS}, last_seq, version, known_from, known_until)
  SELECT ${COLUMNS}, recorded_seq, 1, recorded_at, known_from FROM deployment_history`

const INTERVALS = `
  INSERT INTO deployment_interval (tenant, application, environment_name, from_at, deployment_id, image_tag, deployed_at, log_order, by_rollback, new_tag, removed)
  SELECT tenant, application, environment_name, finished_at, deployment_id, image_tag, deployed_at, log_order, false, true, false FROM deployment_history`

const CURRENT = `
  INSERT INTO deployment_current (tenant, application, environment_name, deployment_id)
  SELECT DISTINCT ON (tenant, application, environment_name) tenant, application, environment_name, deployment_id
  FROM deployment_history ORDER BY tenant, application, environment_name, deployed_at DESC`
