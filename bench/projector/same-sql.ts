import { deployments, projectBatch, Statistics, type ProjectedEvent } from '#libs/read-models'
import type { Sample, Subject } from '../harness/report/rounds.js'
import { Progress } from './progress.js'
import type { ReadModelTables } from './read-model-tables.js'

const CHUNK = 1000

/** The projection's own function on the projector's own connections, transaction by transaction, of one partition. */
export function sameSql(name: string, tables: ReadModelTables, events: ProjectedEvent[]): Subject {
  const round = async (): Promise<Sample> => {
    await tables.empty()
    const progress = new Progress(events.length, ownCpu)
    const statistics = new Statistics()
    let from = { seq: 0, nextOffset: 0 }
    for (let first = 0; first < events.length; first += CHUNK) {
      const chunk = events.slice(first, first + CHUNK)
      const to = { seq: from.seq + chunk.length, nextOffset: from.nextOffset + chunk.length }
      const advanced = await projectBatch(tables.readModels, deployments, 0, { from, events: chunk, to })
      if (!advanced) throw new Error('another process projects into this database')
      await statistics.grown(tables.readModels.query, chunk.length)
      progress.advance(chunk.length)
      from = to
    }
    await tables.expectDeployments(events.length)
    return progress.sample!
  }
  return { name, round }
}

/** CPU seconds of this process so far. */
export function ownCpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
