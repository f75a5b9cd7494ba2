import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { FaultKind } from '../fault-kind.js'
import { between, pick } from '../pick.js'
import type { World } from '../world.js'

const TOO_MANY_CONNECTIONS = '53300'
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
