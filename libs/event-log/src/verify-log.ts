import { randomUUID } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { ChainWalk, type ChainFault, type KnownEnd } from './chain-walk.js'
import type { EventLog } from './event-log.js'

/** A line of the answer. */
export type VerifyLine =
  | { type: 'progress'; partition: number; seq: number; offset: number; endOffset: number; events: number }
  | {
      type: 'verdict'
      /** `incomplete`: the log could not be read to its end. */
      verdict: 'valid' | 'broken' | 'incomplete'
      events: number
      /** Last `ledgerseq` of each partition. */
      partitions: Record<string, number>
      seconds: number
      /** The first hundred. */
      faults: ChainFault[]
      faultCount: number
      detail?: string
    }

/**
 * Reads the whole log with a reader of its own and walks its hash chains: a line for each batch, then the verdict. What is
 * appended meanwhile may be walked over too.
 */
export async function* verifyLog(
  eventLog: EventLog,
  known: KnownEnd[],
  ends: ReadonlyMap<number, number>,
  signal: AbortSignal,
): AsyncGenerator<VerifyLine> {
  const started = performance.now()
  const walk = new ChainWalk(known)
  const lines = new PassThrough({ objectMode: true })
  const reader = await eventLog.read({
    group: `shiplog-verify-${randomUUID()}`,
    from: () => 0,
    onBatch: async batch => {
      walk.walk(batch)
      const { partition, nextOffset: offset } = batch
      const endOffset = ends.get(partition) ?? 0
      lines.write({
        type: 'progress',
        partition,
        seq: walk.tailOf(partition).seq,
        offset,
        endOffset,
        events: walk.events,
      })
    },
    onCrash: error => lines.destroy(error),
  })
  let detail: string | undefined
  try {
    reader.caughtUp(ends, signal).then(
      () => lines.end(),
      error => lines.destroy(error as Error),
    )
    yield* lines as AsyncIterable<VerifyLine>
    walk.finish()
  } catch (error) {
    detail = `The log could not be read to its end: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    await reader.stop()
  }
  yield {
    type: 'verdict',
    verdict: detail !== undefined ? 'incomplete' : walk.faultCount > 0 ? 'broken' : 'valid',
    events: walk.events,
    partitions: Object.fromEntries([...ends.keys()].toSorted((a, b) => a - b).map(p => [p, walk.tailOf(p).seq])),
    seconds: Math.round(performance.now() - started) / 1000,
    faults: walk.faults,
    faultCount: walk.faultCount,
    ...(detail !== undefined && { detail }),
  }
}
