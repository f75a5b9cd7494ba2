import { createHash } from 'node:crypto'
import { type RawRecord, readLog } from './log-reader.js'

/** What a log has come to in the end. */
export interface LogSummary {
  events: number
  /** The last `ledgerseq` of each partition that has one. */
  ends: Record<number, number>
  /** Everything that is wrong; empty where the log is what it promises to be. */
  findings: string[]
}

interface PartitionEnd {
  seq: number
  hash: string
}

/**
 * Checks what a subscriber may rely on: in each partition `ledgerseq` counts from 1 without gaps and the hash chain holds; no
 * event is there twice; the versions of a stream count from 1, all in one partition.
 */
class LogCheck {
  private readonly partitions = new Map<number, PartitionEnd>()
  private readonly ids = new Set<string>()
  private readonly streams = new Map<string, { partition: number; version: number }>()
  private readonly findings: string[] = []

  take(record: RawRecord): void {
    const { partition, offset, headers } = record
    const blame = (what: string) => this.findings.push(`partition ${partition}, offset ${offset}: ${what}`)
    const before = this.partitions.get(partition) ?? { seq: 0, hash: '0'.repeat(64) }
    const seq = Number(headers['ce_ledgerseq'])
    if (seq !== before.seq + 1) blame(`ledgerseq ${headers['ce_ledgerseq']} follows ${before.seq}`)
    if (headers['ce_prevhash'] !== before.hash) blame('prevhash is not the hash of the event before it')
    this.partitions.set(partition, { seq, hash: hashOfRecord(record) })

    const id = headers['ce_id'] ?? ''
    if (this.ids.has(id)) blame(`event ${id} is there a second time`)
    this.ids.add(id)

    const streamId = headers['ce_subject'] ?? ''
    const stream = this.streams.get(streamId) ?? { partition, version: 0 }
    const version = Number(headers['ce_streamversion'])
    if (version !== stream.version + 1) blame(`${streamId} goes from version ${stream.version} to ${version}`)
    if (partition !== stream.partition) blame(`${streamId} began in partition ${stream.partition}`)
    this.streams.set(streamId, { partition, version })
  }

  summary(): LogSummary {
    return {
      events: this.ids.size,
      ends: Object.fromEntries([...this.partitions].map(([partition, { seq }]) => [partition, seq])),
      findings: this.findings,
    }
  }
}

/** Reads a whole topic and checks it as it comes, for logs that do not fit into memory. */
export async function checkLog(brokers: string[], topic: string): Promise<LogSummary> {
  const check = new LogCheck()
  await readLog(brokers, topic, record => check.take(record))
  return check.summary()
}

/** Checks records that are all there. */
export function checkRecords(records: RawRecord[]): LogSummary {
  const check = new LogCheck()
  for (const record of records) check.take(record)
  return check.summary()
}

/**
 * The hash of an event by the architecture page: SHA-256 over key, value, then each header by name as name and value, each
 * preceded by its length as 4 bytes, big-endian.
 */
export function hashOfRecord({ key, value, headers }: RawRecord): string {
  const sha = createHash('sha256')
  const add = (text: string) => {
    const bytes = Buffer.from(text, 'utf8')
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    sha.update(length).update(bytes)
  }
  add(key)
  add(value)
  for (const name of Object.keys(headers).toSorted()) {
    add(name)
    add(headers[name] ?? '')
  }
  return sha.digest('hex')
}
