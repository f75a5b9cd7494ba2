import { CloudEvent } from 'cloudevents'
import fc from 'fast-check'
import {
  decodeEvent,
  encodeEvent,
  readEventData,
  UndecodableEvent,
  type DecidedEvent,
  type DeploymentRecorded,
  type Upcaster,
  type WireRecord,
} from '#libs/contracts'

const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter(value => !/\p{Cc}/u.test(value))
const instant = fc
  .date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true })
  .map(date => date.toISOString().replace('.000Z', 'Z'))
const recorded: fc.Arbitrary<DeploymentRecorded> = fc.record(
  {
    type: fc.constant('DeploymentRecorded' as const),
    deploymentId: fc.uuid(),
    application: text,
    environment: text,
    imageTag: text,
    status: fc.constantFrom('PENDING', 'DEPLOYED', 'FAILED', 'ROLLED_BACK'),
    deployedAt: instant,
    completedAt: instant,
    notes: text,
    unplanned: fc.boolean(),
    labels: fc.dictionary(text, text),
    commits: fc.array(fc.record({ sha: text, committedAt: instant })),
  },
  { requiredKeys: ['type', 'deploymentId', 'application', 'environment', 'imageTag', 'status', 'deployedAt'] },
)
const decided: fc.Arbitrary<DecidedEvent> = fc.record({
  event: recorded,
  metadata: fc.record(
    {
      id: fc.uuid(),
      tenant: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
      streamId: text,
      streamVersion: fc.integer({ min: 1 }),
      time: instant,
      recordedTime: instant,
      causationId: fc.uuid(),
      commandHash: fc.stringMatching(/^[0-9a-f]{64}$/),
      correlationId: text,
      actor: text,
      traceparent: text,
    },
    {
      requiredKeys: [
        'id',
        'tenant',
        'streamId',
        'streamVersion',
        'time',
        'recordedTime',
        'causationId',
        'commandHash',
        'correlationId',
      ],
    },
  ),
})

function encodedRecord(event: DecidedEvent): WireRecord {
  const { key, value, headers } = encodeEvent(event, 'platform')
  const chained: Record<string, string> = { ...headers, ce_ledgerseq: '7', ce_prevhash: '0'.repeat(64) }
  return {
    partition: 3,
    key: Buffer.from(key),
    value: Buffer.from(value),
    headers: Object.fromEntries(Object.entries(chained).map(([name, header]) => [name, Buffer.from(header)])),
  }
}

describe('the CloudEvents binding', () => {
  it('decodes every encoded event to the same event', () => {
    fc.assert(
      fc.property(decided, event => {
        expect(decodeEvent(encodedRecord(event))).toEqual({ ...event, partition: 3, seq: 7 })
      }),
    )
  })

  it('encodes CloudEvents 1.0 that the CloudEvents SDK accepts', () => {
    fc.assert(
      fc.property(decided, event => {
        const attributes = Object.fromEntries(
          Object.entries(encodeEvent(event, 'platform').headers).map(([name, value]) => [
            name.replace(/^ce_/, ''),
            value,
          ]),
        )
        const { 'content-type': datacontenttype, ...rest } = attributes
        expect(new CloudEvent({ ...rest, datacontenttype } as never).validate()).toBe(true)
      }),
    )
  })
})

describe('decodeEvent', () => {
  const good = () =>
    encodedRecord({
      event: {
        type: 'DeploymentRolledBack',
        deploymentId: '0198c0de-0000-7000-8000-000000000001',
        rolledBackAt: '2026-02-12T10:00:00Z',
      },
      metadata: {
        id: '0198c0de-0000-7000-8000-000000000002',
        tenant: 'acme',
        streamId: 'deployment-acme/1',
        streamVersion: 1,
        time: '2026-02-12T10:00:00Z',
        recordedTime: '2026-02-12T10:00:00Z',
        causationId: '0198c0de-0000-7000-8000-000000000003',
        commandHash: '',
        correlationId: 'r',
      },
    })

  it.each<[string, (record: WireRecord) => void, RegExp]>([
    [
      'an unknown type',
      r => (r.headers['ce_type'] = Buffer.from('io.shiplog.tea.v1')),
      /unknown event type io.shiplog.tea.v1/,
    ],
    [
      'an unknown version of a type',
      r => (r.headers['ce_type'] = Buffer.from('io.shiplog.deployment.rolledback.v9')),
      /unknown event type/,
    ],
    ['a value that is not JSON', r => (r.value = Buffer.from('{')), /not JSON/],
    ['a value that is not an object', r => (r.value = Buffer.from('[]')), /not a JSON object/],
    [
      'data that does not match the schema',
      r => (r.value = Buffer.from('{"deploymentId":"x"}')),
      /\/rolledBackAt is required/,
    ],
    ['a missing tenant', r => delete r.headers['ce_tenant'], /ce_tenant is missing/],
    [
      'a `ledgerseq` that is not a number',
      r => (r.headers['ce_ledgerseq'] = Buffer.from('first')),
      /ce_ledgerseq is not an integer/,
    ],
  ])('throws UndecodableEvent for %s', (_, spoil, message) => {
    const record = good()
    spoil(record)
    expect(() => decodeEvent(record)).toThrow(UndecodableEvent)
    expect(() => decodeEvent(record)).toThrow(message)
  })
})

describe('upcasters', () => {
  it('convert old data to the current version step by step', () => {
    const steps: Upcaster[] = [
      {
        from: 'io.shiplog.deployment.undone.v1',
        to: 'io.shiplog.deployment.undone.v2',
        upcast: ({ at, ...data }) => ({ ...data, when: at }),
      },
      {
        from: 'io.shiplog.deployment.undone.v2',
        to: 'io.shiplog.deployment.rolledback.v1',
        upcast: ({ when, ...data }) => ({ ...data, rolledBackAt: when }),
      },
    ]
    const deploymentId = '0198c0de-0000-7000-8000-000000000001'
    expect(
      readEventData('io.shiplog.deployment.undone.v1', { deploymentId, at: '2026-02-12T10:00:00Z' }, steps),
    ).toEqual({
      type: 'DeploymentRolledBack',
      deploymentId,
      rolledBackAt: '2026-02-12T10:00:00Z',
    })
  })
})
