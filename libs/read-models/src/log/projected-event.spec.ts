import { encodeEvent, ledgerSeqHeader, UndecodableEvent, type WireRecord } from '#libs/contracts'
import { readRecord } from '../index.js'

const id = '0198c0de-0000-7000-8000-000000000001'
const at = '2026-02-12T10:00:00Z'

function logged(changed: Record<string, string> = {}): WireRecord {
  const { key, value, headers } = encodeEvent(
    {
      metadata: {
        id,
        tenant: 'acme',
        streamId: `deployment-acme/${id}`,
        streamVersion: 1,
        time: at,
        recordedTime: at,
        causationId: id,
        commandHash: '0'.repeat(64),
        correlationId: id,
      },
      event: { type: 'DeploymentRolledBack', deploymentId: id, rolledBackAt: at },
    },
    'checkout',
  )
  const all = Object.entries({ ...headers, [ledgerSeqHeader]: '1', ...changed })
  return {
    partition: 0,
    key: Buffer.from(key),
    value: Buffer.from(value),
    headers: Object.fromEntries(all.map(([name, text]) => [name, Buffer.from(text)])),
  }
}

describe('readRecord', () => {
  test('returns the id, type and data of a record', () => {
    const { metadata, ceType, data } = readRecord(logged())
    expect([metadata.id, ceType]).toEqual([id, 'io.shiplog.deployment.rolledback.v1'])
    expect(JSON.parse(data)).toEqual({ deploymentId: id, rolledBackAt: at })
  })

  test.each([
    ['ce_id', '17', /ce_id is no UUID/],
    ['ce_time', 'noon', /ce_time is no instant/],
    ['ce_recordedtime', '2026-02-12', /ce_recordedtime is no instant/],
  ])('throws UndecodableEvent for a %s that Postgres would reject', (header, text, reason) => {
    const read = () => readRecord(logged({ [header]: text }))
    expect(read).toThrow(UndecodableEvent)
    expect(read).toThrow(reason)
  })
})
