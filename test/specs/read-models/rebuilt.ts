import { deployments, NEXT_SCHEMA, projectBatch, readRecord, Rebuild } from '#libs/read-models'
import type { GivenLog } from './given-log.js'

const quiet = { info: () => undefined, warn: () => undefined }

type Positions = Awaited<ReturnType<Rebuild['livePositions']>>

/** Begins a rebuild beside the read models of a log in memory, or goes on with it. */
export function beginRebuild(log: GivenLog, anew = false): Promise<Rebuild> {
  const onLost = () => undefined
  return Rebuild.begin({ databaseUrl: log.database.url, schema: NEXT_SCHEMA, anew, logger: quiet, onLost })
}

/** Folds a log in memory into the next version. */
export function folding(
  log: GivenLog,
  rebuild: Rebuild,
): (positions: ReadonlyMap<number, { seq: number }>) => Promise<void> {
  return async positions => {
    const next: Positions = await rebuild.nextPositions()
    for (const [partition, { seq }] of positions) {
      const from = next.get(partition)!
      if (from.seq === seq) continue
      const events = log.records(partition).slice(from.seq, seq).map(readRecord)
      const batch = { from, events, to: { seq, nextOffset: seq } }
      if (!(await projectBatch(rebuild.next, deployments, partition, batch))) throw new Error('superseded')
    }
  }
}
