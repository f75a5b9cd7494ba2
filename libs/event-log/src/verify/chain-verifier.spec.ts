import { ChainVerifier, type KnownEnd } from './chain-verifier.js'
import { chain, emptyTail, type Tail } from '../append/hash-chain.js'
import type { LogBatch, LogRecord } from '../kafka/log-types.js'

/** The records of one partition, each chained to the previous one. */
function written(count: number): { records: LogRecord[]; tail: Tail } {
  const records: LogRecord[] = []
  let tail = emptyTail
  for (let n = 0; n < count; n++) {
    const chained = chain({ key: 'acme/checkout', value: `{"n":${n}}`, headers: { ce_id: String(n) } }, tail)
    tail = chained.tail
    const { key, value, headers } = chained.event
    records.push({
      partition: 0,
      offset: n,
      key: Buffer.from(key),
      value: Buffer.from(value),
      headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    })
  }
  return { records, tail }
}

function verified(records: LogRecord[], known: KnownEnd[] = []): ChainVerifier {
  const verifier = new ChainVerifier(known)
  const batch = (part: LogRecord[]): LogBatch => ({ partition: 0, records: part, nextOffset: 0, highWatermark: 0 })
  verifier.verify(batch(records.slice(0, 2)))
  verifier.verify(batch(records.slice(2)))
  verifier.finish()
  return verifier
}

test('ChainVerifier finds no fault in an unchanged log', () => {
  const { records, tail } = written(5)
  const verifier = verified(records, [{ partition: 0, ...tail }])
  expect([verifier.faults, verifier.events, verifier.tailOf(0)]).toEqual([[], 5, tail])
})

test.each<[string, (records: LogRecord[]) => LogRecord[], string[]]>([
  ['a changed value', ([a, b, ...rest]) => [a!, { ...b!, value: Buffer.from('{"n":9}') }, ...rest], ['3 names']],
  [
    'a changed header',
    ([a, b, ...rest]) => [a!, { ...b!, headers: { ...b!.headers, ce_actor: Buffer.from('me') } }, ...rest],
    ['3 names'],
  ],
  ['a missing event', ([a, _, ...rest]) => [a!, ...rest], ['3 comes after 1', '3 names']],
  ['a repeated event', ([a, b, ...rest]) => [a!, b!, b!, ...rest], ['2 comes after 2', '2 names']],
  [
    'two events in the wrong order',
    ([a, b, c]) => [b!, a!, c!],
    ['2 comes after 0', '2 names', '1 comes after 2', '1 names', '3 comes after 1', '3 names'],
  ],
])('ChainVerifier finds %s', (_name, tamper, expected) => {
  const { faults } = verified(tamper(written(3).records))
  expect(
    faults.map(
      ({ seq, detail }) =>
        `${seq} ${detail
          .split(' ')
          .slice(0, detail.startsWith('names') ? 1 : 3)
          .join(' ')}`,
    ),
  ).toEqual(expected)
})

test('ChainVerifier finds a replaced last event by the end that the ledger has read back', () => {
  const { records, tail } = written(3)
  records[2] = { ...records[2]!, value: Buffer.from('{"n":9}') }
  expect(verified(records, [{ partition: 0, ...tail }]).faults).toMatchObject(
    [{ seq: 3, detail: /has the hash/ }].map(() => ({ seq: 3 })),
  )
})

test('ChainVerifier finds a truncated log by the end that the ledger has read back', () => {
  const { records, tail } = written(3)
  expect(verified(records.slice(0, 2), [{ partition: 0, ...tail }]).faults).toEqual([
    { partition: 0, seq: 2, offset: -1, detail: 'the log ends here, but the ledger has read it back up to 3' },
  ])
})

test('ChainVerifier counts faults beyond those that it lists', () => {
  const { records } = written(300)
  const verifier = verified(records.filter((_, n) => n % 2 === 0))
  expect([verifier.faults.length, verifier.faultCount]).toEqual([100, 298])
})
