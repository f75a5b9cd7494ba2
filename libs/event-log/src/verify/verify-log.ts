import { randomUUID } from 'node:crypto'
import { ChainVerifier, type ChainFault, type KnownEnd } from './chain-verifier.js'
import type { LogBatch } from '../kafka/log-types.js'
import type { LogReader, ReadOptions } from '../read/log-reader.js'

/** What is verified: an `EventLog`. */
interface ReadableLog {
  read(options: ReadOptions): Promise<LogReader>
}

/** A line of the response. */
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

/** Options of a verification. */
export interface VerifyOptions {
  /** The last events that the ledger has read back. */
  known: KnownEnd[]
  /** Offsets up to which it is read. */
  ends: ReadonlyMap<number, number>
  /** Cancels it. */
  signal: AbortSignal
  /** Called when reading the log has ended, even if lines are still pending. */
  onRead?(): void
}

type Progress = Extract<VerifyLine, { type: 'progress' }>

/**
 * Reads the whole log with its own reader and verifies its hash chains: yields a line per batch, then the verdict. Events that are
 * appended meanwhile may be included. It reads on if lines are not consumed, and keeps the last one per partition.
 */
export async function* verifyLog(eventLog: ReadableLog, options: VerifyOptions): AsyncGenerator<VerifyLine> {
  const { known, ends, signal, onRead } = options
  const started = performance.now()
  const verifier = new ChainVerifier(known)
  const news = new Map<number, Progress>()
  const left = new AbortController()
  let wake: () => void = () => undefined
  const state: { isOver: boolean; fault?: { detail: string } } = { isOver: false }
  const tell = ({ partition, nextOffset: offset }: LogBatch) => {
    const { seq } = verifier.tailOf(partition)
    news.set(partition, {
      type: 'progress',
      partition,
      seq,
      offset,
      endOffset: ends.get(partition) ?? 0,
      events: verifier.events,
    })
    wake()
  }
  const reading = readAll(eventLog, ends, AbortSignal.any([signal, left.signal]), batch => {
    verifier.verify(batch)
    tell(batch)
  })
    .catch(error => {
      state.fault = {
        detail: `The log could not be read to its end: ${error instanceof Error ? error.message : String(error)}`,
      }
    })
    .finally(() => {
      state.isOver = true
      wake()
      onRead?.()
    })
  try {
    while (!state.isOver || news.size > 0) {
      const [line] = news.values()
      if (line) {
        news.delete(line.partition)
        yield line
      } else await new Promise<void>(resolve => (wake = resolve))
    }
  } finally {
    left.abort(new Error('the caller stopped reading the response'))
    await reading
  }
  const { fault } = state
  if (!fault) verifier.finish()
  yield {
    type: 'verdict',
    verdict: fault ? 'incomplete' : verifier.faultCount > 0 ? 'broken' : 'valid',
    events: verifier.events,
    partitions: Object.fromEntries([...ends.keys()].toSorted((a, b) => a - b).map(p => [p, verifier.tailOf(p).seq])),
    seconds: Math.round(performance.now() - started) / 1000,
    faults: verifier.faults,
    faultCount: verifier.faultCount,
    ...fault,
  }
}

async function readAll(
  eventLog: ReadableLog,
  ends: ReadonlyMap<number, number>,
  signal: AbortSignal,
  onBatch: (batch: LogBatch) => void,
): Promise<void> {
  const crashed = new AbortController()
  const reader = await eventLog.read({
    group: `shiplog-verify-${randomUUID()}`,
    from: () => 0,
    onBatch: async batch => onBatch(batch),
    onCrash: error => crashed.abort(error),
  })
  try {
    await reader.caughtUp(ends, AbortSignal.any([signal, crashed.signal]))
  } finally {
    await reader.stop()
  }
}
