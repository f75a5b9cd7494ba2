import { readFileSync } from 'node:fs'
import type { EventLog, PlacedEvent } from '#libs/event-log'
import { AppProcess } from '../harness/app/app-process.js'
import type { Bench } from '../harness/report/bench.js'
import { cpuSeconds } from '../harness/system/cpu.js'
import { table, type Result } from '../harness/report/report.js'
import type { Sample } from '../harness/report/rounds.js'
import type { Servers } from '../harness/system/servers.js'
import { Progress } from '../projector/progress.js'
import { ReadModelTables } from '../projector/read-model-tables.js'
import { ascending, hardShapes, type Shape } from '#test/specs/shapes/hard-shapes'
import { eventsOfCommands } from '#test/specs/shapes/shape-log'

const EVENTS = 10_000
const QUICK_EVENTS = 1000
const GROWTH = 4
const GROUP = 1000

/** The limits of each shape; times are those of `GROWTH` times as many events. */
const MOST = { timesAsLongForGrowth: 5, timesAsLongAsAscending: 3, ofOneInstant: 2, megabytes: 700 }

/** Rounds of the smaller history, which takes seconds; their median counts. */
const ROUNDS = 3

/** The result of a shape. */
interface Measured {
  few: Sample
  many: Sample
  /** Peak resident memory of `standalone` with the larger history, in MB; absent if the operating system does not provide it. */
  megabytes: number | undefined
}

/** Projects histories in shapes that are hard for projections, at N and 4N events: the cost of an event must not grow. */
export async function shapes(bench: Bench): Promise<Result> {
  const { servers, quick, events = quick ? QUICK_EVENTS : EVENTS, shapes: parts = [''], say } = bench
  const rows: string[][] = []
  let plain: Measured | undefined
  for (const shape of hardShapes) {
    if (shape !== ascending && !parts.some(part => shape.name.includes(part))) continue
    const measured = await measureShape(servers, shape, events)
    if (shape === ascending) plain = measured
    rows.push(row(shape, measured, plain!))
    say(`  ${rows.at(-1)!.join(' | ')}`)
  }
  const head = [
    'shape',
    `events/s at ${events}`,
    `at ${events * GROWTH}`,
    'times as long',
    'against ascending',
    'CPU',
    'resident',
    '',
  ]
  return {
    name: 'shapes',
    comparisons: [],
    measured: [],
    tables: [table(head, rows)],
    notes: [
      `shapes: ${events} and ${events * GROWTH} events of one tenant, in a filled topic. A \`projector\` in its own process ` +
        `projects each into an empty database: the smaller one ${ROUNDS} times, with their median, the larger one once. The first fifth of ` +
        `the events is warm-up. "Times as long": time for ${GROWTH} times as many events; "against ascending": time of the larger one against ` +
        'that of the first shape; CPU: ms of the process and of Postgres per 1,000 events of the larger one; resident: peak of a `standalone` ' +
        `that projects the larger one while it replays it into its index. Bounds: ${MOST.timesAsLongForGrowth}, ${MOST.timesAsLongAsAscending} ` +
        `(of one instant ${MOST.ofOneInstant}), ${MOST.megabytes} MB.`,
    ],
  }
}

function row(shape: Shape, { few, many, megabytes }: Measured, plain: Measured): string[] {
  const perEvent = (run: Sample) => run.seconds / run.events
  const growth = (perEvent(many) / perEvent(few)) * GROWTH
  const against = perEvent(many) / perEvent(plain.many)
  const mostAgainst = shape.name === 'one instant' ? MOST.ofOneInstant : MOST.timesAsLongAsAscending
  const held = growth <= MOST.timesAsLongForGrowth && against <= mostAgainst && (megabytes ?? 0) <= MOST.megabytes
  const rate = (run: Sample) => Math.round(run.events / run.seconds).toLocaleString('en')
  return [
    shape.name,
    rate(few),
    rate(many),
    growth.toFixed(1),
    against.toFixed(2),
    many.nodeSeconds === undefined ? '–' : ((many.nodeSeconds / many.events) * 1e6).toFixed(0),
    megabytes === undefined ? '–' : `${megabytes} MB`,
    held ? 'met' : '**missed**',
  ]
}

async function measureShape(servers: Servers, shape: Shape, events: number): Promise<Measured> {
  const [few, many] = [
    await History.create(servers, shape, events),
    await History.create(servers, shape, events * GROWTH),
  ]
  const samples: Sample[] = []
  for (let round = 0; round < ROUNDS; round++) samples.push((await few.project('projector')).sample)
  const median = samples.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(ROUNDS / 2)]!
  return {
    few: median,
    many: (await many.project('projector')).sample,
    megabytes: (await many.project('standalone')).megabytes,
  }
}

/** The events of a shape, in their own topic. */
class History {
  private constructor(
    private readonly servers: Servers,
    private readonly topic: string,
    private readonly events: number,
  ) {}

  static async create(servers: Servers, shape: Shape, count: number): Promise<History> {
    const events = eventsOfCommands(shape.commands(Math.ceil(count / shape.eventsEach)))
    const topic = servers.topicName('shapes')
    const log = servers.log(topic)
    await fill(log, events)
    await log.close()
    return new History(servers, topic, events.length)
  }

  /** Projects them into an empty database. @throws Error if the app ends before it is done */
  async project(name: 'projector' | 'standalone'): Promise<{ sample: Sample; megabytes: number | undefined }> {
    const { servers, topic, events } = this
    const tables = await ReadModelTables.create(servers, 'shapes')
    try {
      await servers.checkpoint()
      let pid: number | undefined
      const cpu = () => pid && (cpuSeconds(pid) ?? 0) + (servers.cpu().postgres ?? 0)
      const watch = await tables.watch(new Progress(events, cpu))
      const app = await AppProcess.start(servers, name, {
        databaseUrl: tables.databaseUrl,
        topic,
        onSpawn: id => (pid = id),
      })
      const sample = await Promise.race([watch.finished, app.death()])
      await watch.end()
      if (typeof sample === 'string') throw new Error(sample)
      const megabytes = peakMegabytes(app.pid)
      await app.stop()
      return { sample, megabytes }
    } finally {
      await tables.close()
    }
  }
}

async function fill(log: EventLog, events: readonly PlacedEvent[]): Promise<void> {
  await log.prepare()
  const appender = await log.openAppender()
  try {
    for (let first = 0; first < events.length; first += GROUP) await appender.append(events.slice(first, first + GROUP))
  } finally {
    await appender.close()
  }
}

// VmHWM of proc_pid_status(5), in KiB.
function peakMegabytes(pid: number): number | undefined {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kib === undefined ? undefined : Math.round((Number(kib) * 1024) / 1e6)
  } catch {
    return undefined
  }
}
