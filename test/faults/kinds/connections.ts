import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { FaultKind } from './fault-kind.js'
import { between, pick } from '../world/pick.js'
import type { World } from '../world/world.js'

const TOO_MANY_CONNECTIONS = '53300'
const WAITED_MS = 3000
const SESSIONS = `FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'shiplog%'`

/** Faults of the apps' sessions on Postgres. */
export const connectionKinds: FaultKind[] = [
  {
    name: 'backend-ended',
    lane: 'postgres',
    weight: 6,
    inject: (world, random) =>
      world.admin(async client => {
        const { rows } = await client.query<{ pid: number; name: string }>(
          `SELECT pid, application_name AS name ${SESSIONS} ORDER BY name, pid`,
        )
        const { pid, name } = pick(rows, random)
        await client.query('SELECT pg_terminate_backend($1)', [pid])
        return name
      }),
  },
  {
    name: 'backends-ended',
    lane: 'postgres',
    weight: 2,
    inject: world => world.admin(async client => `${await endSessions(client)} sessions`),
  },
  {
    name: 'confirmation-ended',
    lane: 'postgres',
    weight: 1,
    inject: world => world.admin(endConfirmation),
  },
  {
    name: 'connections-exhausted',
    lane: 'postgres',
    weight: 1,
    async inject(world, random) {
      const ms = between(1000, 3000, random)
      const hoard: pg.Client[] = []
      try {
        // The apps lose what they have, and compete for the last ones.
        await world.admin(endSessions)
        await takeAll(world, hoard)
        await pause(ms)
      } finally {
        await Promise.all(hoard.map(client => client.end().catch(() => undefined)))
      }
      return `${hoard.length} connections held for ${ms} ms`
    },
  },
]

async function endSessions(client: pg.Client): Promise<number> {
  const { rowCount } = await client.query(`SELECT pg_terminate_backend(pid) ${SESSIONS}`)
  return rowCount ?? 0
}

/** Ends a session of ours in the middle of taking into the index what was appended, which waits for a lock meanwhile. */
async function endConfirmation(client: pg.Client): Promise<string> {
  const deadline = performance.now() + WAITED_MS
  await client.query('BEGIN')
  try {
    await client.query('SELECT FROM ledger.partition_log FOR UPDATE')
    const endWaiting =
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))'
    for (;;) {
      const { rowCount } = await client.query(endWaiting)
      if (rowCount) return `${rowCount} sessions`
      if (performance.now() > deadline) throw new Error('nothing was confirmed')
      await pause(10)
    }
  } finally {
    await client.query('ROLLBACK')
  }
}

/** Opens connections until the server takes no more. */
async function takeAll({ adminUrl }: World, hoard: pg.Client[]): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
    } catch (error) {
      if ((error as pg.DatabaseError).code === TOO_MANY_CONNECTIONS) return
      throw error
    }
    hoard.push(client)
  }
}
