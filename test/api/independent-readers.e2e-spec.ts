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

// All other tests rely on these readers: here they must find each fault that is put into a real log.

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
/** The index of the second event of the partition with three events. */
const second = () => log.findIndex(({ headers }) => headers['ce_ledgerseq'] === '2')
const next = () => log.findIndex(({ headers }) => headers['ce_ledgerseq'] === '3')

it('the readers find nothing in an unchanged log', () => {
  const { events, ends, findings } = checkRecords(log)
  expect([events, Object.values(ends).toSorted(), findings]).toEqual([4, [1, 3], []])
  expect(cloudEventFindings(log)).toEqual([])
})

describe('checkRecords finds', () => {
  it.each<[string, () => RawRecord[], RegExp]>([
    ['a missing event', () => log.toSpliced(second(), 1), /ledgerseq 3 follows 1/],
    ['a duplicate event', () => log.toSpliced(second(), 0, log[second()]!), /is there a second time/],
    ['two events in the wrong order', () => log.with(second(), log[next()]!).with(next(), log[second()]!), /follows/],
    ['a changed value', () => altered(second(), { value: log[second()]!.value.replace('v2', 'v9') }), /prevhash/],
    ['a changed key', () => altered(second(), { key: 'default/other' }), /prevhash/],
    ['a changed header', () => withHeader(second(), 'ce_actor', 'mallory'), /prevhash/],
    ['an additional header', () => withHeader(second(), 'x-more', ''), /prevhash/],
    ['a wrong hash', () => withHeader(second(), 'ce_prevhash', 'f'.repeat(64)), /prevhash/],
    ['a gap in a stream', () => withHeader(second(), 'ce_streamversion', '2'), /from version 0 to 2/],
  ])('%s', (_, tamper, finding) => {
    expect(checkRecords(tamper()).findings.join('\n')).toMatch(finding)
  })
})

describe('cloudEventFindings reports an event', () => {
  it.each<[string, () => RawRecord[]]>([
    ['without an id', () => withHeader(0, 'ce_id', '')],
    ['of another version', () => withHeader(0, 'ce_specversion', '0.3')],
    ['without a type', () => withHeader(0, 'ce_type', '')],
    ['with a source that is not a URI reference', () => withHeader(0, 'ce_source', 'not a uri')],
    ['with an invalid name of an extension', () => withHeader(0, 'ce_Ledger-Seq', '1')],
    ['with an invalid time', () => withHeader(0, 'ce_time', 'yesterday')],
  ])('%s', (_, tamper) => {
    expect(cloudEventFindings(tamper())).toHaveLength(1)
  })
})
