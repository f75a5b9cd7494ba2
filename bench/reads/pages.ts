import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { AppProcess } from '../harness/app/app-process.js'
import type { Bench } from '../harness/report/bench.js'
import { spawnNode, type Child } from '../harness/system/child.js'
import { project } from '../harness/system/project.js'
import type { Subject } from '../harness/report/rounds.js'
import type { Servers } from '../harness/system/servers.js'
import { PageReaders } from './page-readers.js'
import { SeededHistory } from './seeded-history.js'

const { tenant, application } = SeededHistory
const PAGE = 50

/** A server of history pages, and its readers. */
export interface PageServer {
  subject: Subject
  stop(): Promise<void>
}

/** The query app in its own process. */
export async function queryApp(bench: Bench, history: SeededHistory, readers: number): Promise<PageServer> {
  const { servers } = bench
  const topic = servers.topicName('reads')
  const app = await AppProcess.start(servers, 'query', { databaseUrl: history.databaseUrl, topic })
  const url = `${app.url}/api/v1/platform/deployments/history?application=${application}`
  return pageServer(`query app, ${inWords(history.rows)} rows`, url, app.pid, readers, bench, () => app.stop())
}

/** Fastify and `pg` alone, in their own process. */
export async function bareServer(
  bench: Bench,
  history: SeededHistory,
  route: 'json' | 'rows',
  readers: number,
): Promise<PageServer> {
  const script = join(project, 'dist', 'bench', 'reads', 'bare-server.js')
  const child = spawnNode(script, [history.databaseUrl, tenant, application])
  child.process.stderr!.pipe(process.stderr)
  const url = `${await firstLine(child)}/${route}`
  const name = route === 'json' ? 'bare Fastify + pg, the same query' : 'bare Fastify + pg, rows as objects'
  return pageServer(name, url, child.pid, readers, bench, () => child.stop())
}

/** Creates the database from which pages are read. */
export function seededHistory(servers: Servers, rows: number, say: Bench['say']): Promise<SeededHistory> {
  say(`  Generating ${inWords(rows)} rows`)
  return SeededHistory.create(servers, rows)
}

async function pageServer(
  name: string,
  url: string,
  pid: number,
  readers: number,
  { quick }: Bench,
  stop: () => Promise<void>,
): Promise<PageServer> {
  const pages = await PageReaders.connect(url, readers, tenant)
  const round = () => pages.read(quick ? 1 : 3, PAGE)
  return {
    subject: { name, pid, round },
    async stop() {
      pages.close()
      await stop()
    },
  }
}

async function firstLine(child: Child): Promise<string> {
  const lines = createInterface(child.process.stdout!)
  const line = new Promise<string>(resolve => lines.once('line', resolve))
  const end = child.ended.then(how => {
    throw new Error(`the bare server ${how}`)
  })
  return Promise.race([line, end])
}

function inWords(rows: number): string {
  return rows >= 1_000_000 ? `${rows / 1_000_000} M` : rows.toLocaleString('en')
}
