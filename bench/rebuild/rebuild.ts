import { PARTITIONS } from '#libs/event-log'
import type { Bench } from '../harness/report/bench.js'
import { realHistory } from '../harness/load/deployments.js'
import type { Comparison, Result } from '../harness/report/report.js'
import { measure, type Measured, type Subject } from '../harness/report/rounds.js'
import type { Servers } from '../harness/system/servers.js'
import { spreadOf } from '../harness/report/statistics.js'
import { FilledLog } from '../projector/filled-log.js'
import { ReadModelTables } from '../projector/read-model-tables.js'
import { sameSql } from '../projector/same-sql.js'
import { generateLog } from './generated-log.js'
import { logAlone } from './log-alone.js'
import { Rebuilder, type RecordedLog, type Rebuilt } from './rebuilder.js'

const LARGE = 1_000_000
/** From this number of events on, the first rebuild counts, since a second one would take as long and need as much disk space again. */
const ONCE = 2_000_000

/** Rebuilds all read models from the log beside the live ones, and compares both. */
export async function rebuild(bench: Bench): Promise<Result> {
  const { servers, quick } = bench
  const history = realHistory(quick ? 5000 : undefined)
  const filled = FilledLog.of(history.bodies, PARTITIONS)
  const real = { topic: servers.topicName('rebuild'), counts: filled.counts() }
  await withLog(servers, real.topic, log => filled.fill(log))
  const tables = await ReadModelTables.create(servers, 'rebuild_sql')
  const rebuilds = await rebuilding('shiplog-admin rebuild', servers, real)
  try {
    const [whole, sql, reading] = await measure(
      [
        rebuilds.subject,
        sameSql('the same SQL from memory', tables, FilledLog.of(history.bodies, 1).inMemory()),
        logAlone('the log alone', servers, real),
      ],
      bench,
    )
    const generated = await rebuildGenerated(bench)
    return {
      name: 'rebuild',
      measured: [whole!, sql!, reading!, ...generated.measured],
      comparisons: [...compare('the real data', whole!, sql!, reading!), ...generated.comparisons],
      notes: [
        `rebuild: ${history.source}, from ${PARTITIONS} partitions; \`shiplog-admin rebuild --anew\` in its own process, from its start to its ` +
          'end: it creates the tables, replays the log into them, and compares them with the live ones, which must be equal. The same SQL: the ' +
          'projection applied to decoded events, one partition, 1,000 per transaction. The log alone: read from ' +
          'start to end through `libs/event-log`, without decoding or storing anything.',
        partsOf('the real data', rebuilds.rounds.slice(1)),
        ...generated.notes,
      ],
    }
  } finally {
    await tables.close()
  }
}

/** A larger log, once: it takes minutes. */
async function rebuildGenerated(bench: Bench): Promise<Omit<Result, 'name'>> {
  const events = bench.events ?? (bench.large ? LARGE : 0)
  if (events === 0) return { measured: [], comparisons: [], notes: [] }
  const { servers, say } = bench
  const size = `${events.toLocaleString('en')} generated events`
  say(`  Filling a log with ${size}`)
  const topic = servers.topicName('rebuild')
  const counts = await withLog(servers, topic, log => generateLog(log, events))
  const rebuilds = await rebuilding(`shiplog-admin rebuild, ${size}`, servers, { topic, counts })
  const reading = logAlone(`the log alone, ${size}`, servers, { topic, counts })
  const warmUp = events < ONCE
  const [whole, alone] = await measure([rebuilds.subject, reading], { ...bench, rounds: 1, warmUp })
  return {
    measured: [whole!, alone!],
    comparisons: compare(size, whole!, undefined, alone!),
    notes: [
      `${partsOf(size, rebuilds.rounds.slice(-1))} One round counts, ` +
        (warmUp ? 'after a warm-up that fills the live read models.' : 'the first: the live read models are empty.'),
    ],
  }
}

/** The subject, and the times of its rounds' parts. */
async function rebuilding(
  name: string,
  servers: Servers,
  log: RecordedLog,
): Promise<{ subject: Subject; rounds: Rebuilt[] }> {
  const rebuilder = await Rebuilder.create(servers, log)
  const rounds: Rebuilt[] = []
  const round = async () => {
    const rebuilt = await rebuilder.rebuild()
    rounds.push(rebuilt)
    return rebuilt
  }
  return { subject: { name, round }, rounds }
}

async function withLog<T>(servers: Servers, topic: string, work: (log: ReturnType<Servers['log']>) => Promise<T>) {
  const log = servers.log(topic)
  try {
    return await work(log)
  } finally {
    await log.close()
  }
}

function compare(what: string, whole: Measured, sql: Measured | undefined, reading: Measured): Comparison[] {
  const against = (title: string, other: Measured): Comparison => {
    return { title: `rebuild of ${what} against ${title}`, figure: 'rate', subject: whole, against: other }
  }
  return [
    ...(sql ? [against('the same SQL driven without Kafka, one partition', sql)] : []),
    against('reading the log alone', reading),
  ]
}

function partsOf(what: string, counted: Rebuilt[]): string {
  const median = (part: 'seconds' | 'foldSeconds' | 'compareSeconds') =>
    `${spreadOf(counted.map(round => round[part])).median.toFixed(1)} s`
  const rate = spreadOf(counted.map(({ events, foldSeconds }) => events / foldSeconds)).median
  return (
    `rebuild of ${what}: ${median('seconds')}, of which the replay ${median('foldSeconds')} (${Math.round(rate).toLocaleString('en')} events/s) ` +
    `and the comparison ${median('compareSeconds')} (medians).`
  )
}
