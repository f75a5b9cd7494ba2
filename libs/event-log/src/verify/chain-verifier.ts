import { countOf, ledgerSeqHeader, previousHashHeader, printable } from '#libs/contracts'
import { emptyTail, hashRecord, type Tail } from '../append/hash-chain.js'
import type { LogBatch, LogRecord } from '../kafka/log-types.js'

/** A fault of a hash chain. */
export interface ChainFault {
  partition: number
  seq: number
  offset: number
  detail: string
}

/** The last event of a partition that the ledger has read back. */
export interface KnownEnd {
  partition: number
  seq: number
  hash: string
}

const MOST_FAULTS = 100

/**
 * Verifies the hash chain of each partition: numbers are consecutive, each event carries the hash of the previous one, and the
 * last event that the ledger has read back is unchanged. A record with a form that the ledger does not write is a fault, too.
 */
export class ChainVerifier {
  readonly faults: ChainFault[] = []
  /** Number of all faults; `faults` lists the first hundred. */
  faultCount = 0
  events = 0
  private readonly tails = new Map<number, Tail>()
  private readonly known: Map<number, KnownEnd>

  constructor(known: KnownEnd[]) {
    this.known = new Map(known.map(end => [end.partition, end]))
  }

  /** The last verified event of a partition. */
  tailOf(partition: number): Tail {
    return this.tails.get(partition) ?? emptyTail
  }

  verify({ partition, records }: LogBatch): void {
    for (const record of records) this.step(partition, record)
  }

  /** Call it at the end: checks that all events are in the log that the ledger has read back. */
  finish(): void {
    for (const { partition, seq } of this.known.values()) {
      const end = this.tailOf(partition).seq
      if (end >= seq) continue
      this.blame({
        partition,
        seq: end,
        offset: -1,
        detail: `the log ends here, but the ledger has read it back up to ${seq}`,
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
    if (previous !== lastHash) blame(`names ${printable(String(previous))} as the previous hash, which is ${lastHash}`)
    const known = this.known.get(partition)
    if (known?.seq === seq && known.hash !== hash)
      blame(`has the hash ${hash}, but the ledger has read back ${known.hash}`)
    this.events += 1
    // Continues from the actual record, so that each fault is reported once.
    this.tails.set(partition, { seq, hash })
  }

  private blame(fault: ChainFault): void {
    this.faultCount += 1
    if (this.faults.length < MOST_FAULTS) this.faults.push(fault)
  }
}
