import { cloudEventFindings } from '../independent/log/cloud-events.js'
import { checkRecords } from '../independent/log/log-check.js'
import { collectLog, type RawRecord } from '../independent/log/log-reader.js'
import {
  AppProcess,
  brokers,
  createDatabase,
  deploymentsPath,
  freshTopicName,
  HttpClient,
  type TestDatabase,
} from '../kit/index.js'

// Every other proof stands on these readers: here they must find each fault that is put into a real log.

let database: TestDatabase
let app: AppProcess
let log: RawRecord[]

beforeAll(async () => {
  database = await createDatabase('readers')
  const topic = freshTopicName('readers')
  app = await AppProcess.ready('command', { brokers: brokers(), databaseUrl: database.url, topic })
  const http = new HttpClient(app.url).with({
    // Node writes headers as Latin-1.
    'X-User-ID': Buffer.from('jürgen').toString('latin1'),
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  })
  const { json } = await http.record({ environment: 'dev', imageTag: 'v1', notes: 'grüße 🚢' })
  await http.record({ environment: 'dev', imageTag: 'v2' })
  await http.post(`${deploymentsPath}/${json.id}/rollback`, {})
  await http.record({ environment: 'dev', imageTag: 'v3', application: 'another' })
  http.close()
  log = await collectLog(brokers(), topic)
}, 60_000)

afterAll(async () => {
  await app?.stop()
  await database?.drop()
})

const altered = (index: number, change: Partial<RawRecord>) => log.with(index, { ...log[index]!, ...change })
const withHeader = (index: number, name: string, value: string) =>
  altered(index, { headers: { ...log[index]!.headers, [name]: value } })
/** Where the second event of the partition with three of them stands in what was read. */
const second = () => log.findIndex(({ headers }) => headers['ce_ledgerseq'] === '2')
const next = () => log.findIndex(({ headers }) => headers['ce_ledgerseq'] === '3')

it('finds nothing wrong with a log as it was written', () => {
  const { events, ends, findings } = checkRecords(log)
  expect([events, Object.values(ends).toSorted(), findings]).toEqual([4, [1, 3], []])
  expect(cloudEventFindings(log)).toEqual([])
})

describe('finds in a log', () => {
  it.each<[string, () => RawRecord[], RegExp]>([
    ['an event that is missing', () => log.toSpliced(second(), 1), /ledgerseq 3 follows 1/],
    ['an event that is there twice', () => log.toSpliced(second(), 0, log[second()]!), /is there a second time/],
    ['two events in the wrong order', () => log.with(second(), log[next()]!).with(next(), log[second()]!), /follows/],
    ['another value', () => altered(second(), { value: log[second()]!.value.replace('v2', 'v9') }), /prevhash/],
    ['another key', () => altered(second(), { key: 'default/other' }), /prevhash/],
    ['another header', () => withHeader(second(), 'ce_actor', 'mallory'), /prevhash/],
    ['a header more', () => withHeader(second(), 'x-more', ''), /prevhash/],
    ['a hash that does not fit', () => withHeader(second(), 'ce_prevhash', 'f'.repeat(64)), /prevhash/],
    ['a gap in a stream', () => withHeader(second(), 'ce_streamversion', '2'), /from version 0 to 2/],
  ])('%s', (_, tamper, finding) => {
    expect(checkRecords(tamper()).findings.join('\n')).toMatch(finding)
  })
})

describe('finds that it is no CloudEvent', () => {
  it.each<[string, () => RawRecord[]]>([
    ['without an id', () => withHeader(0, 'ce_id', '')],
    ['of another version', () => withHeader(0, 'ce_specversion', '0.3')],
    ['without a type', () => withHeader(0, 'ce_type', '')],
    ['with a source that is no URI reference', () => withHeader(0, 'ce_source', 'not a uri')],
    ['with an extension whose name is none', () => withHeader(0, 'ce_Ledger-Seq', '1')],
    ['with a time that is none', () => withHeader(0, 'ce_time', 'yesterday')],
  ])('%s', (_, tamper) => {
    expect(cloudEventFindings(tamper())).toHaveLength(1)
  })
})
