import { execFile } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type pg from 'pg'
import { CommandLine } from '../../kit/apps/command-line.js'
import type { FaultKind } from './fault-kind.js'
import { between } from '../world/pick.js'
import type { Replica } from '../world/replica.js'
import type { World } from '../world/world.js'

const APPENDED_WITHIN_MS = 30_000

/** What stands in Postgres is older than the log, or gone: all of it is built again from the log. */
export const lostStateKinds: FaultKind[] = [
  {
    name: 'postgres-restored',
    lane: 'everything',
    weight: 1,
    async inject(world, random) {
      const cluster = await world.admin(dataDirectory)
      const copy = `${cluster}.copy`
      await world.postgres.server.stop()
      await promisify(execFile)('cp', ['-a', cluster, copy])
      await world.postgres.start()
      const ms = between(1000, 6000, random)
      await pause(ms)
      try {
        await whenAllIsAppended(world, () => crash(world))
        rmSync(cluster, { recursive: true })
        renameSync(copy, cluster)
      } finally {
        rmSync(copy, { recursive: true, force: true })
        await world.postgres.start()
      }
      return `to a copy of ${ms} ms and a start before`
    },
  },
  {
    name: 'index-dropped',
    lane: 'everything',
    weight: 1,
    async inject(world) {
      await whenAllIsAppended(world, client => drop(client, 'ledger', world.commands)).finally(() =>
        start(world.commands),
      )
      return 'schema ledger dropped, commands started again'
    },
  },
  {
    name: 'index-rebuilt',
    lane: 'everything',
    weight: 1,
    async inject(world, random) {
      const rebuild = CommandLine.start(['rebuild', 'index'], world.settings)
      if (random() < 0.5) {
        const ms = between(500, 3000, random)
        const ended = await Promise.race([pause(ms), rebuild.exited])
        if (!ended) {
          await rebuild.kill()
          return `shiplog-admin rebuild index, killed after ${ms} ms`
        }
      }
      const { code } = await rebuild.exited
      if (code !== 0) throw new Error(`shiplog-admin rebuild index ended with ${code}: ${rebuild.lines.join('; ')}`)
      return 'shiplog-admin rebuild index, beside the commands'
    },
  },
  {
    name: 'read-models-dropped',
    lane: 'everything',
    weight: 1,
    async inject(world) {
      const readers = [...world.projectors, world.query]
      await world.admin(client => drop(client, 'read_v1', readers)).finally(() => start(readers))
      return 'schema read_v1 dropped, projectors and query started again'
    },
  },
]

/**
 * Acts while nothing is decided, and everything that was is in the log. What was promised with 202 and is not in the log
 * yet stands in Postgres alone: who loses that has lost it, which is no fault of the ledger.
 */
async function whenAllIsAppended(world: World, act: (client: pg.Client) => Promise<void>): Promise<void> {
  await world.admin(async client => {
    await client.query(`BEGIN`)
    await client.query(`SET LOCAL lock_timeout = '20s'`)
    await client.query(`LOCK TABLE ledger.stream IN EXCLUSIVE MODE`)
    const deadline = performance.now() + APPENDED_WITHIN_MS
    for (;;) {
      const { rowCount } = await client.query('SELECT FROM ledger.outbox LIMIT 1')
      if (rowCount === 0) break
      if (performance.now() > deadline) throw new Error('there is always something that is not in the log')
      await pause(25)
    }
    await act(client)
    // The server may be gone on purpose.
    await client.query('COMMIT').catch(() => undefined)
  })
}

/** Ends the server with all its sessions at once: no lock is let go before, so nobody decides anything more. */
async function crash({ postgres }: World): Promise<void> {
  process.kill(postgres.server.pid, 'SIGQUIT')
  await postgres.server.exited()
}

async function drop(client: pg.Client, schema: string, users: Replica[]): Promise<void> {
  await Promise.all(users.map(replica => replica.kill()))
  // A dead client's session goes on as long as it waits for a lock.
  await client.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'shiplog%'`,
  )
  await client.query(`DROP SCHEMA ${schema} CASCADE`)
}

function start(replicas: Replica[]): void {
  for (const replica of replicas) replica.start()
}

async function dataDirectory(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
  return rows[0]!.data_directory
}
