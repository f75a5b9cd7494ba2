import { countOf, ledgerSeqHeader, previousHashHeader, shown } from '#libs/contracts'
import { emptyTail, hashRecord, type Tail } from '../append/hash-chain.js'
import type { LogBatch, LogRecord } from '../kafka/log-types.js'

/** Something that is not as the chain must be. */
export interface ChainFault {
  partition: number
  seq: number
  offset: number
  detail: string
}

/** What the ledger has read back of a partition. */
export interface KnownEnd {
  partition: number
  seq: number
  hash: string
}

const MOST_FAULTS = 100

/**
 * Walks the hash chain of each partition: numbers follow each other, each event names the hash of the one before it, and the
 * event that the ledger has read back last is the one that stands there. A record that the ledger did not write, by its form, is a fault too.
 */
export class ChainVerifier {
  readonly faults: ChainFault[] = []
  /** Faults, also those beyond the first hundred, which are listed. */
  faultCount = 0
  events = 0
  private readonly tails = new Map<number, Tail>()
  private readonly known: Map<number, KnownEnd>

  constructor(known: KnownEnd[]) {
    this.known = new Map(known.map(end => [end.partition, end]))
  }

  /** The last event that was walked over in a partition. */
  tailOf(partition: number): Tail {
    return this.tails.get(partition) ?? emptyTail
  }

  verify({ partition, records }: LogBatch): void {
    for (const record of records) this.step(partition, record)
  }

  /** To be called at the end: whether everything is there that the ledger has read back. */
  finish(): void {
    for (const { partition, seq } of this.known.values()) {
      const end = this.tailOf(partition).seq
      if (end >= seq) continue
      this.blame({
        partition,
        seq: end,
        offset: -1,
        detail: `the log ends here, the ledger has read ${seq} back from it`,
      })
    }
  }

  private step(partition: number, record: LogRecord): void {
    const { seq: last, hash: lastHash } = this.tailOf(partition)
    const seq = countOf(record.headers[ledgerSeqHeader]?.toString() ?? '') ?? Number.NaN
    const previous = record.headers[previousHashHeader]?.toString()
    const hash = hashRecord(record)
    const blame = (detail: string) => this.blame({ partition, seq, offset: record.offset, detail })
    if (record.flaw !== undefined) blame(`was not written by the ledger: ${record.flaw}`)
    if (seq !== last + 1) blame(`comes after ${last}`)
    if (previous !== lastHash) blame(`names ${shown(String(previous))} as the hash before it, which is ${lastHash}`)
    const known = this.known.get(partition)
    if (known?.seq === seq && known.hash !== hash) blame(`has the hash ${hash}, the ledger has read ${known.hash} back`)
    this.events += 1
    // From what stands there, so that one fault is told once.
    this.tails.set(partition, { seq, hash })
  }

  private blame(fault: ChainFault): void {
    this.faultCount += 1
    if (this.faults.length < MOST_FAULTS) this.faults.push(fault)
  }
}
