import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import pg from 'pg'
import { spawnNode, type Child } from '../harness/system/child.js'
import { madeUpDeployments, take } from '../harness/load/deployments.js'
import { project } from '../harness/system/project.js'
import type { Sample } from '../harness/report/rounds.js'
import { expectRows } from '../harness/app/rows.js'
import type { Servers } from '../harness/system/servers.js'

const folder = join(project, 'bench', 'peers')

/** emmett-postgresql's CommandHandler in its own process, on its own database. */
export class Peer {
  private recorded = 0

  private constructor(
    private readonly child: Child,
    private readonly answers: Interface,
    private readonly sql: pg.Client,
  ) {}

  /** Installs the peer if necessary, and starts it. @throws Error with npm's output, or its own */
  static async start(servers: Servers, say: (line: string) => void): Promise<Peer> {
    install(say)
    const databaseUrl = await servers.createDatabase('emmett')
    const child = spawnNode(join(folder, 'emmett.mjs'), [databaseUrl])
    child.process.stderr!.pipe(process.stderr)
    const sql = new pg.Client({ connectionString: databaseUrl })
    await sql.connect()
    const peer = new Peer(child, createInterface(child.process.stdout!), sql)
    await peer.ask({ deployments: [...take(madeUpDeployments(3), 2000)].map(({ body }) => body) })
    return peer
  }

  get pid(): number {
    return this.child.pid
  }

  /** Runs a number of callers, each of which handles one command after the other, each on a new stream. */
  async call(callers: number, seconds: number): Promise<Sample> {
    const sample = await this.ask<Sample>({ callers, seconds })
    this.recorded += sample.events
    return sample
  }

  /** Compares the rows that it wrote with the number that it reported. @throws Error if they differ */
  async check(): Promise<void> {
    const { rows } = await this.sql.query<{ messages: number; streams: number }>(
      'SELECT (SELECT count(*) FROM emt_messages)::int AS messages, (SELECT count(*) FROM emt_streams)::int AS streams',
    )
    expectRows('emmett', rows[0]!, { messages: this.recorded, streams: this.recorded })
  }

  async stop(): Promise<void> {
    await this.sql.end()
    await this.child.stop()
  }

  private ask<T>(question: object): Promise<T> {
    this.child.process.stdin!.write(`${JSON.stringify(question)}\n`)
    return Promise.race([
      new Promise<T>(resolve => this.answers.once('line', line => resolve(JSON.parse(line) as T))),
      this.child.ended.then(end => {
        throw new Error(`emmett ${end}`)
      }),
    ])
  }
}

/** The peer has its own lock file, since the project does not need its dependencies. */
function install(say: (line: string) => void): void {
  const lock = join(folder, 'package-lock.json')
  const installed = join(folder, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && versions(installed) === versions(lock)) return
  say('  Installing the peer with npm ci (first run only)')
  const npm = process.env['npm_execpath']
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const { status, stdout, stderr } = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`npm ci in bench/peers failed:\n${stdout}${stderr}`)
}

function versions(lock: string): string {
  const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as { packages: Record<string, { version?: string }> }
  return JSON.stringify(Object.entries(packages).flatMap(([path, { version }]) => (path ? [[path, version]] : [])))
}
