import { randomUUID } from 'node:crypto'
import { decodeEvent, encodeEvent, ledgerSeqHeader, previousHashHeader, streamIdOf } from '#libs/contracts'
import { readChunk } from './chunk.js'

const facts = { application: 'shop', environment: 'production', imageTag: 'v1', status: 'DEPLOYED' as const }

/** A record of the log whose value has `count` commits, of some 570 bytes each. */
function record(seq: number, count: number) {
  const deploymentId = randomUUID()
  const recordedTime = '2026-11-21T12:00:00Z'
  const commits = Array.from({ length: count }, (_, n) => {
    return { sha: `${n}`.padStart(256, '0'), committedAt: recordedTime, author: 'a'.repeat(256) }
  })
  const { key, value, headers } = encodeEvent(
    {
      event: { type: 'DeploymentRecorded', deploymentId, ...facts, deployedAt: recordedTime, commits },
      metadata: {
        id: randomUUID(),
        tenant: 'acme',
        streamId: streamIdOf('deployment', 'acme', deploymentId),
        streamVersion: 1,
        time: recordedTime,
        recordedTime,
        causationId: randomUUID(),
        commandHash: '0'.repeat(64),
        correlationId: randomUUID(),
      },
    },
    facts.application,
  )
  const all = { ...headers, [ledgerSeqHeader]: `${seq}`, [previousHashHeader]: '0'.repeat(64) }
  return {
    partition: 0,
    offset: seq - 1,
    key: Buffer.from(key),
    value: Buffer.from(value),
    headers: Object.fromEntries(Object.entries(all).map(([name, text]) => [name, Buffer.from(text)])),
  }
}

describe('readChunk', () => {
  test('ends a chunk after the maximum number of events', () => {
    const records = Array.from({ length: 5 }, (_, n) => record(n + 1, 0))
    expect(readChunk(records, 0, 0, { decode: decodeEvent, most: 3 })).toMatchObject({ next: 3 })
    expect(readChunk(records, 3, 3, { decode: decodeEvent, most: 3 }).events).toHaveLength(2)
  })

  test('ends a chunk after 1 MiB, whatever the number of events', () => {
    const records = Array.from({ length: 3 }, (_, n) => record(n + 1, 1000))
    const { events, next } = readChunk(records, 0, 0, { decode: decodeEvent, most: Infinity })
    expect(events.length).toBe(next)
    const bytes = records.slice(0, next).reduce((sum, { value }) => sum + value.length, 0)
    expect(bytes).toBeGreaterThanOrEqual(1024 * 1024)
    expect(bytes).toBeLessThan(2 * 1024 * 1024)
    expect(readChunk(records, next, next, { decode: decodeEvent, most: Infinity }).next).toBe(3)
  })
})
