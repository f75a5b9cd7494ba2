import { randomUUID } from 'node:crypto'
import { ChainVerifier, type ChainFault, type KnownEnd } from './chain-verifier.js'
import type { LogBatch } from '../kafka/log-types.js'
import type { LogReader, ReadOptions } from '../read/log-reader.js'

/** What is verified: an `EventLog`. */
interface ReadableLog {
  read(options: ReadOptions): Promise<LogReader>
}

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

/** What a log is verified by. */
export interface VerifyOptions {
  /** What the ledger has read back. */
  known: KnownEnd[]
  /** Offsets up to which it is read. */
  ends: ReadonlyMap<number, number>
  /** Ends it. */
  signal: AbortSignal
  /** Called once the log is not read any more, whether or not the lines are. */
  onRead?(): void
}

type Progress = Extract<VerifyLine, { type: 'progress' }>

/**
 * Reads the whole log with a reader of its own and walks its hash chains: a line for each batch, then the verdict. What is
 * appended meanwhile may be walked over too. It reads on while nobody takes the lines: of each partition the last one is kept.
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
    left.abort(new Error('nobody reads the answer'))
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
