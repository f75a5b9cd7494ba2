import { randomUUID } from 'node:crypto'
import type { IHeaders } from 'kafkajs'
import { writeForeignRecord } from '#test/independent/log/foreign-record'
import { brokers, freshTopicName } from '#test/kit'
import { chain, emptyTail, EventLog, verifyLog, type LogRecord, type VerifyLine } from '../index.js'

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const never = new AbortController().signal
const key = 'acme/shop'

/** Headers of the first event of a partition, as the ledger would chain it. */
const ledgerHeaders = chain({ key, value: '{}', headers: { ce_id: randomUUID(), ce_tenant: 'acme' } }, emptyTail).event
  .headers
const numbers = Array.from({ length: 200_000 }, (_, n) => String(n))

/** The records, each written to its own partition, and their flaws. */
const cases: [name: string, headers: IHeaders, flaw: string | undefined][] = [
  ['an event of the ledger', ledgerHeaders, undefined],
  ['a repeated tenant', { ...ledgerHeaders, ce_tenant: ['acme', 'other'] }, 'header ce_tenant is there more than once'],
  [
    'a repeated ledgerseq',
    { ...ledgerHeaders, ce_ledgerseq: ['1', '2'] },
    'header ce_ledgerseq is there more than once',
  ],
  ['an unknown header that is repeated', { ...ledgerHeaders, x: ['1', '2', '3'] }, 'header x is there more than once'],
  ['the tenant in another case', { ...ledgerHeaders, CE_TENANT: 'other' }, 'header ce_tenant occurs more than once'],
  ['a name of Object.prototype', { ...ledgerHeaders, toString: 'x', constructor: 'y' }, undefined],
  ['an own __proto__', { ...ledgerHeaders, ['__proto__']: 'x' }, undefined],
  [
    'bytes that are not UTF-8',
    { ...ledgerHeaders, ce_actor: Buffer.from([0xff]) },
    'header ce_actor is not valid UTF-8',
  ],
  [
    'more headers than any event has',
    { ...ledgerHeaders, ...Object.fromEntries(numbers.map(n => [`h${n}`, n])) },
    'there are 200004 headers',
  ],
  [
    'another tenant than the key',
    { ...ledgerHeaders, ce_tenant: 'other' },
    'the key does not belong to the tenant other',
  ],
  ['one header 200,000 times', { ...ledgerHeaders, h: numbers }, 'there are 200004 headers'],
]

let log: EventLog

beforeAll(async () => {
  log = new EventLog({ brokers: brokers(), topic: freshTopicName('headers'), clientId: 'test', logger })
  await log.prepare()
  for (const [partition, [, headers]] of cases.entries()) {
    await writeForeignRecord(brokers(), log.topic, partition, { key, value: '{}', headers })
  }
})
afterAll(() => log.close())

it('a reader delivers every record, and reports those that the ledger did not write', async () => {
  const read = new Map<number, LogRecord>()
  const reader = await log.read({
    group: randomUUID(),
    onBatch: async ({ partition, records }) => void read.set(partition, records[0]!),
    onCrash: error => {
      throw error
    },
  })
  await reader.caughtUp(await log.endOffsets(), never)
  await reader.stop()

  for (const [partition, [name, , flaw]] of cases.entries()) {
    const record = read.get(partition)
    expect([name, record?.flaw]).toEqual([name, flaw === undefined ? undefined : expect.stringContaining(flaw)])
    expect(record?.headers['ce_prevhash']?.toString()).toBe('0'.repeat(64))
  }
})

it('verifyLog reports each record that the ledger did not write', async () => {
  const lines: VerifyLine[] = []
  for await (const line of verifyLog(log, { known: [], ends: await log.endOffsets(), signal: never })) lines.push(line)
  const verdict = lines.at(-1) as Extract<VerifyLine, { type: 'verdict' }>
  const expected = cases.flatMap(([, , flaw], partition) =>
    flaw === undefined ? [] : [{ partition, seq: 1, offset: 0, detail: expect.stringContaining(flaw) }],
  )
  expect([verdict.verdict, verdict.events]).toEqual(['broken', cases.length])
  expect(verdict.faults.toSorted((a, b) => a.partition - b.partition)).toEqual(expected)
})
