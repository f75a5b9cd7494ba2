import { join } from 'node:path'
import { PARTITIONS } from '#libs/event-log'
import type { ProjectedEvent } from '#libs/read-models'
import type { Bench } from '../harness/report/bench.js'
import { spawnNode } from '../harness/system/child.js'
import { cpuSeconds } from '../harness/system/cpu.js'
import { realHistory, type History } from '../harness/load/deployments.js'
import { project } from '../harness/system/project.js'
import type { Result } from '../harness/report/report.js'
import { measure, type Measured, type Sample, type Subject } from '../harness/report/rounds.js'
import type { Servers } from '../harness/system/servers.js'
import { FilledLog } from './filled-log.js'
import { Progress } from './progress.js'
import { ReadModelTables } from './read-model-tables.js'
import { RowSaver } from './row-saver.js'
import { ownCpu, sameSql } from './same-sql.js'

type FilledLogs = [FilledLog, FilledLog, FilledLog]

/** Projects a filled log into the read models. */
export async function projector(bench: Bench): Promise<Result> {
  const { servers, quick } = bench
  const history = realHistory(quick ? 10_000 : undefined)
  const [one, two, all] = [1, 2, PARTITIONS].map(count => FilledLog.of(history.bodies, count)) as FilledLogs
  const tables = await ReadModelTables.create(servers, 'projector')
  const saver = await RowSaver.open(tables.databaseUrl)
  try {
    const events = one.inMemory()
    const saved = events.slice(0, quick ? 500 : 2000)
    const measured = await measure(
      [
        sameSql('the same SQL from memory', tables, events),
        await projectorProcess('projector, one partition', servers, tables, one),
        await projectorProcess('projector, two partitions', servers, tables, two),
        await projectorProcess('projector, a rebuild from all partitions', servers, tables, all),
        rowByRow('TypeORM `save` per row', tables, saver, saved),
      ],
      bench,
    )
    return { name: 'projector', measured, comparisons: compare(measured), notes: notesOn(history) }
  } finally {
    await saver.close()
    await tables.close()
  }
}

/** The app in a new process per round, until it has projected all of a filled topic. */
async function projectorProcess(
  name: string,
  servers: Servers,
  tables: ReadModelTables,
  filled: FilledLog,
): Promise<Subject> {
  const topic = servers.topicName('projector')
  const log = servers.log(topic)
  await filled.fill(log)
  await log.close()
  const round = async (): Promise<Sample> => {
    await tables.empty()
    const child = spawnNode(join(project, 'dist', 'apps', 'projector', 'src', 'main.js'), [], {
      PORT: '0',
      DATABASE_URL: tables.databaseUrl,
      KAFKA_BROKERS: servers.brokers,
      SHIPLOG_TOPIC: topic,
      NODE_ENV: 'production',
    })
    child.process.stdout!.resume()
    child.process.stderr!.pipe(process.stderr)
    const progress = new Progress(filled.size, () => cpuSeconds(child.pid))
    const watch = await tables.watch(progress)
    const sample = await Promise.race([watch.finished, child.ended])
    await watch.end()
    if (typeof sample === 'string') throw new Error(`the projector ${sample}`)
    await child.stop()
    await tables.expectDeployments(filled.size)
    return sample
  }
  return { name, round }
}

function rowByRow(name: string, tables: ReadModelTables, saver: RowSaver, events: ProjectedEvent[]): Subject {
  const round = async (): Promise<Sample> => {
    await tables.empty()
    const progress = new Progress(events.length, ownCpu)
    for (const event of events) {
      await saver.save(event)
      progress.advance(1)
    }
    await tables.expectDeployments(events.length)
    return progress.sample!
  }
  return { name, round }
}

function compare([sql, one, two, all, rows]: Measured[]): Result['comparisons'] {
  return [
    {
      title: 'projector against the same SQL driven without Kafka and Nest, one partition',
      figure: 'rate',
      subject: one!,
      against: sql!,
      target: { atLeast: 0.8 },
    },
    {
      title: 'projector against TypeORM `save` per row',
      figure: 'rate',
      subject: one!,
      against: rows!,
      target: { atLeast: 10 },
    },
    {
      title: 'projector, two partitions against one',
      figure: 'rate',
      subject: two!,
      against: one!,
      target: { atLeast: 1.4 },
    },
    {
      title: 'rebuild from all partitions against the same SQL driven without Kafka and Nest, one partition',
      figure: 'rate',
      subject: all!,
      against: sql!,
    },
  ]
}

function notesOn({ source }: History): string[] {
  return [
    `projector: ${source}, in a filled topic; empty tables and a new process in each round, with the first ` +
      'fifth of the events as warm-up. The same SQL: the projection applied to decoded events, 1,000 per ' +
      'transaction, on the same kind of connection. TypeORM: the rows of an event (history, event, current) saved one by one, ' +
      'without inferred rollbacks, `synchronous_commit` off as in the projector.',
  ]
}
