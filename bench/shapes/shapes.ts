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
import { ascending, hardShapes, type Shape } from '../../test/shapes/hard-shapes.js'
import { eventsOfCommands } from '../../test/shapes/shape-log.js'

const EVENTS = 10_000
const QUICK_EVENTS = 1000
const GROWTH = 4
const GROUP = 1000

/** The bounds that hold for each shape; times are those of `GROWTH` times as many events. */
const MOST = { timesAsLongForGrowth: 5, timesAsLongAsAscending: 3, ofOneInstant: 2, megabytes: 700 }

interface Run extends Sample {
  /** Peak of resident memory of `standalone`, in MB; absent where the operating system does not tell. */
  megabytes?: number
}

/** Projects histories in shapes that are hard for projections, at N and 4N events: the cost of an event must not grow. */
export async function shapes(bench: Bench): Promise<Result> {
  const { servers, quick, events = quick ? QUICK_EVENTS : EVENTS, say } = bench
  const rows: string[][] = []
  let plain: Run | undefined
  for (const shape of hardShapes) {
    const few = await runShape(servers, shape, events)
    const many = await runShape(servers, shape, events * GROWTH)
    if (shape === ascending) plain = many
    rows.push(row(shape, few, many, plain!))
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
      `shapes: ${events} and ${events * GROWTH} events of one tenant, in a topic that was filled before; \`standalone\` as a process of its ` +
        'own with an empty database for each, once. The first fifth of the events is warm-up. "Times as long": time for ' +
        `${GROWTH} times as many events; "against ascending": time of the larger one against that of the first shape; CPU ms of the process and of ` +
        'Postgres per 1,000 events; resident: the peak of the process. ' +
        `Bounds: ${MOST.timesAsLongForGrowth}, ${MOST.timesAsLongAsAscending} (of one instant ${MOST.ofOneInstant}), ${MOST.megabytes} MB.`,
    ],
  }
}

function row(shape: Shape, few: Run, many: Run, plain: Run): string[] {
  const perEvent = (run: Run) => run.seconds / run.events
  const growth = (perEvent(many) / perEvent(few)) * GROWTH
  const against = perEvent(many) / perEvent(plain)
  const mostAgainst = shape.name === 'one instant' ? MOST.ofOneInstant : MOST.timesAsLongAsAscending
  const held = growth <= MOST.timesAsLongForGrowth && against <= mostAgainst && (many.megabytes ?? 0) <= MOST.megabytes
  const rate = (run: Run) => Math.round(run.events / run.seconds).toLocaleString('en')
  return [
    shape.name,
    rate(few),
    rate(many),
    growth.toFixed(1),
    against.toFixed(2),
    many.nodeSeconds === undefined ? '–' : ((many.nodeSeconds / many.events) * 1e6).toFixed(0),
    many.megabytes === undefined ? '–' : `${many.megabytes} MB`,
    held ? 'met' : '**missed**',
  ]
}

/** Projects so many events of a shape. @throws Error where `standalone` ends before it has */
async function runShape(servers: Servers, shape: Shape, events: number): Promise<Run> {
  const told = eventsOfCommands(shape.commands(Math.ceil(events / shape.eventsEach)))
  const topic = servers.topicName('shapes')
  const log = servers.log(topic)
  await fill(log, told)
  await log.close()
  const tables = await ReadModelTables.create(servers, 'shapes')
  try {
    await servers.checkpoint()
    let pid: number | undefined
    const cpu = () => (pid === undefined ? undefined : (cpuSeconds(pid) ?? 0) + (servers.cpu().postgres ?? 0))
    const watch = await tables.watch(new Progress(told.length, cpu))
    const app = await AppProcess.start(servers, 'standalone', { databaseUrl: tables.databaseUrl, topic })
    pid = app.pid
    const sample = await Promise.race([watch.finished, app.death()])
    await watch.end()
    if (typeof sample === 'string') throw new Error(sample)
    const megabytes = peakMegabytes(app.pid)
    await app.stop()
    return { ...sample, ...(megabytes !== undefined && { megabytes }) }
  } finally {
    await tables.close()
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
