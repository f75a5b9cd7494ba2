import type pg from 'pg'
import type { RawRecord } from '../../independent/log/log-reader.js'
import { type Finding, other } from './finding.js'

/** Compares the write side's index with the log: streams and their versions, ends of partitions, nothing left to append. */
export async function checkIndex(
  client: pg.Client,
  log: readonly RawRecord[],
  ends: Record<number, number>,
): Promise<Finding[]> {
  const ask = async <Row>(sql: string) => (await client.query<Row & pg.QueryResultRow>(sql)).rows
  const pending = await ask<{ stream_id: string }>('SELECT stream_id FROM ledger.outbox')
  const found = pending.map(({ stream_id }) => other(`an event of ${stream_id} was never appended`))

  const versions = new Map<string, number>()
  for (const { headers } of log) versions.set(headers['ce_subject'] ?? '', Number(headers['ce_streamversion']))
  const streams = await ask<{ stream_id: string; version: number }>('SELECT stream_id, version FROM ledger.stream')
  for (const { stream_id, version } of streams) {
    if (versions.get(stream_id) !== version) {
      found.push(other(`the index has ${stream_id} at version ${version}, the log at ${versions.get(stream_id)}`))
    }
    versions.delete(stream_id)
  }
  for (const streamId of versions.keys()) found.push(other(`the index does not have ${streamId}`))

  const tails = await ask<{ partition: number; seq: string }>('SELECT partition, seq FROM ledger.partition_log')
  const known = new Map(tails.map(({ partition, seq }) => [partition, Number(seq)]))
  for (const partition of new Set([...known.keys(), ...Object.keys(ends).map(Number)])) {
    const [seq, end] = [known.get(partition) ?? 0, ends[partition] ?? 0]
    if (seq !== end) found.push(other(`the index ends partition ${partition} at ${seq}, the log at ${end}`))
  }
  const [open] = await ask<{ count: number }>(
    `SELECT count(*)::int AS count FROM ledger.command WHERE confirmed < events`,
  )
  if (open!.count > 0) found.push(other(`${open!.count} commands of the index are not confirmed`))
  return found
}
