import { randomUUID } from 'node:crypto'
import type { ForeignRecord } from '../../independent/log/foreign-record.js'
import { hashOfRecord } from '../../independent/log/log-check.js'
import type { RawRecord } from '../../independent/log/log-reader.js'

/** What somebody writes behind the last event of a partition, and whether the partition goes no further then. */
export interface ForeignCase {
  name: string
  halts: boolean
  record(last: RawRecord): ForeignRecord
}

/** All of them carry what an event of ours carries, but for what is wrong with them. */
export const foreignCases: ForeignCase[] = [
  { name: 'the same event again', halts: false, record: last => last },
  {
    name: 'another event with the same number',
    halts: false,
    record: last => ({ ...last, headers: { ...last.headers, ...stranger() } }),
  },
  { name: 'a gap', halts: true, record: last => behind(last, { seq: 5 }) },
  { name: 'an event that is no JSON', halts: true, record: last => behind(last, { value: '{"deploymentId":' }) },
  {
    name: 'an event that Postgres refuses',
    halts: true,
    record: last => behind(last, { value: JSON.stringify({ ...JSON.parse(last.value), notes: 'NUL: \0' }) }),
  },
  {
    name: 'an unknown version',
    halts: true,
    record: last => behind(last, { headers: { ce_type: 'io.shiplog.deployment.recorded.v9' } }),
  },
]

/** The next event of a partition as the ledger would number and chain it. */
function behind(
  last: RawRecord,
  { seq = 1, value = last.value, headers = {} }: { seq?: number; value?: string; headers?: Record<string, string> },
): ForeignRecord {
  const place = { ce_ledgerseq: String(Number(last.headers['ce_ledgerseq']) + seq), ce_prevhash: hashOfRecord(last) }
  return { key: last.key, value, headers: { ...last.headers, ...stranger(), ...place, ...headers } }
}

function stranger(): Record<string, string> {
  return {
    ce_id: randomUUID(),
    ce_causationid: randomUUID(),
    ce_subject: `deployment-acme/${randomUUID()}`,
    ce_streamversion: '1',
  }
}
