import fastify from 'fastify'
import pg from 'pg'
import type { Query } from '#libs/postgres'
import { historyPage, LIVE_SCHEMA, searchPath } from '#libs/read-models'

type Statement = Parameters<Query>[0]

/**
 * The reference for a page of history: Fastify and `pg` alone. `/json` runs the query app's own statement, which
 * returns JSON; `/rows` reads the same rows as objects, which Fastify serialises. Arguments: database URL, tenant,
 * application. Prints its URL when it listens.
 */
const [databaseUrl, tenant, application] = process.argv.slice(2) as [string, string, string]
const session = ['role=shiplog_reader', 'default_transaction_read_only=on', 'jit=off'].map(setting => `-c ${setting}`)
const options = [searchPath(LIVE_SCHEMA), ...session]
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10, options: options.join(' ') })
const server = fastify()

const pageStatement = await statementOf()
server.get('/json', async (_, reply) => {
  const { rows } = await pool.query<{ json: string }>(pageStatement)
  void reply.type('application/json; charset=utf-8')
  return rows[0]!.json
})

const ROWS = `
  SELECT h.*, current.deployment_id IS NOT NULL AS active,
    extract(epoch FROM h.completed_at - h.deployed_at)::float8 AS duration_seconds
  FROM read_v1.deployment_history h
  LEFT JOIN read_v1.deployment_current current ON current.tenant = h.tenant AND current.application = h.application
    AND current.environment_name = h.environment_name AND current.deployment_id = h.deployment_id
  WHERE h.tenant = $1 AND h.application = $2
  ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT 50`

server.get('/rows', async () => {
  const { rows } = await pool.query<Row>({ name: 'rows', text: ROWS, values: [tenant, application] })
  return rows.map(toRecord)
})

process.stdout.write(`${await server.listen({ port: 0, host: '127.0.0.1' })}\n`)

/** The statement of a first page, taken from the read models themselves. */
async function statementOf(): Promise<Statement> {
  let taken: Statement | undefined
  const take = async <T>(statement: Statement) => {
    taken = statement
    return [{ json: '[]', last: null, positions: '' }] as T[]
  }
  await historyPage(take, { tenant, filters: { application }, limit: 50 })
  return taken!
}

interface Row extends Record<string, unknown> {
  deployed_at: Date
  completed_at: Date | null
  recorded_at: Date
  partition: number
  last_seq: string
}

function toRecord(row: Row): object {
  return {
    id: row['deployment_id'],
    application: row['application'],
    environment: row['environment'],
    imageTag: row['image_tag'],
    gitCommit: row['git_commit'] ?? undefined,
    gitBranch: row['git_branch'] ?? undefined,
    status: row['status'],
    active: row['active'],
    deployedAt: row.deployed_at,
    completedAt: row.completed_at ?? undefined,
    durationSeconds: row['duration_seconds'] ?? undefined,
    rollbackOf: row['rollback_of'] ?? row['inferred_rollback_of'] ?? undefined,
    actor: row['actor'] ?? undefined,
    recordedAt: row.recorded_at,
    position: `${row.partition}:${row.last_seq}`,
    version: row['version'],
  }
}
