import { join } from 'node:path'
import pg from 'pg'
import { spawnNode } from '../harness/system/child.js'
import { cpuSeconds } from '../harness/system/cpu.js'
import { project } from '../harness/system/project.js'
import { openReadModels } from '../harness/system/read-models.js'
import type { Sample } from '../harness/report/rounds.js'
import { expectRows } from '../harness/app/rows.js'
import type { Servers } from '../harness/system/servers.js'

/** A log of deployments, one event each. */
export interface RecordedLog {
  topic: string
  /** Events of each partition. */
  counts: ReadonlyMap<number, number>
}

/** The time of a rebuild and of its parts. */
export interface Rebuilt extends Sample {
  foldSeconds: number
  compareSeconds: number
}

/** Runs `shiplog-admin rebuild` on the read models of a log repeatedly, each time in its own process. */
export class Rebuilder {
  private swapped = false

  private constructor(
    private readonly servers: Servers,
    private readonly databaseUrl: string,
    private readonly log: RecordedLog,
  ) {}

  /** Creates empty read models with positions at the end of the log; the first rebuild fills them. */
  static async create(servers: Servers, log: RecordedLog): Promise<Rebuilder> {
    const databaseUrl = await servers.createDatabase('rebuild')
    const readModels = await openReadModels(databaseUrl)
    const [partitions, seqs] = [[...log.counts.keys()], [...log.counts.values()]]
    await readModels.query({ text: MOVE, values: [partitions, seqs] })
    await readModels.close()
    return new Rebuilder(servers, databaseUrl, log)
  }

  /** Rebuilds everything from the start of the log, and compares. @throws Error if it fails, or differs from the previous one */
  async rebuild(): Promise<Rebuilt> {
    const started = performance.now()
    const { output, nodeSeconds } = await this.run('rebuild', '--anew', ...(this.swapped ? [] : ['--swap-anyway']))
    const seconds = (performance.now() - started) / 1000
    const events = [...this.log.counts.values()].reduce((sum, count) => sum + count, 0)
    if (!this.swapped) await this.run('rebuild', '--drop-old')
    await this.expectDeployments(this.swapped ? 'read_v1_next' : 'read_v1', events)
    this.swapped = true
    return {
      events,
      seconds,
      nodeSeconds,
      foldSeconds: secondsIn(output, /events replayed in ([\d.]+) s/g),
      compareSeconds: secondsIn(output, /Compared at event .* in ([\d.]+) s/g),
    }
  }

  private async run(...args: string[]): Promise<{ output: string; nodeSeconds?: number }> {
    const child = spawnNode(join(project, 'dist', 'apps', 'admin', 'src', 'main.js'), args, {
      DATABASE_URL: this.databaseUrl,
      KAFKA_BROKERS: this.servers.brokers,
      SHIPLOG_TOPIC: this.log.topic,
    })
    let output = ''
    let nodeSeconds: number | undefined
    for (const stream of [child.process.stdout!, child.process.stderr!]) {
      stream.on('data', chunk => {
        output += String(chunk)
        nodeSeconds = cpuSeconds(child.pid) ?? nodeSeconds
      })
    }
    const end = await child.ended
    if (end !== 'ended with code 0') throw new Error(`shiplog ${args.join(' ')} ${end}:\n${output.slice(-4000)}`)
    return { output, nodeSeconds }
  }

  private async expectDeployments(schema: string, count: number): Promise<void> {
    const sql = new pg.Client({ connectionString: this.databaseUrl })
    await sql.connect()
    const { rows } = await sql.query<{ history: number; events: number }>(
      `SELECT (SELECT count(*) FROM ${schema}.deployment_history)::int AS history,
              (SELECT count(*) FROM ${schema}.deployment_event)::int AS events`,
    )
    await sql.end()
    expectRows('the rebuild', rows[0]!, { history: count, events: count })
  }
}

function secondsIn(output: string, line: RegExp): number {
  return [...output.matchAll(line)].reduce((sum, [, seconds]) => sum + Number(seconds), 0)
}

const MOVE = `
  UPDATE read_v1.projection_position p SET seq = reached.seq
  FROM unnest($1::smallint[], $2::bigint[]) AS reached(partition, seq) WHERE p.partition = reached.partition`
