import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findServers } from './servers.js'

const postgres = 'postgres://shiplog@127.0.0.1:15432/shiplog'
let data: string

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'shiplog-servers-'))
})
afterEach(() => rmSync(data, { recursive: true }))

const running = () => {
  const endpoints = { url: 'http://127.0.0.1:8888', kafka: '127.0.0.1:19092', postgres, topic: 'mine.v1' }
  writeFileSync(join(data, 'endpoints.json'), JSON.stringify(endpoints))
}

test('come from the environment', () => {
  running()
  const environment = { SHIPLOG_DATA: data, DATABASE_URL: 'postgres://a/b', KAFKA_BROKERS: 'k1:1,k2:2' }
  expect(findServers(environment)).toMatchObject({
    databaseUrl: 'postgres://a/b',
    kafkaBrokers: ['k1:1', 'k2:2'],
    topic: 'shiplog.events.v1',
  })
})

test('are those of the Shiplog that is running', () => {
  running()
  expect(findServers({ SHIPLOG_DATA: data })).toMatchObject({
    databaseUrl: postgres,
    kafkaBrokers: ['127.0.0.1:19092'],
    topic: 'mine.v1',
  })
})

test('are not mixed from both', () => {
  running()
  expect(() => findServers({ SHIPLOG_DATA: data, DATABASE_URL: 'postgres://a/b' })).toThrow('KAFKA_BROKERS is not set')
})

test('where there are none, the error says what to do', () => {
  expect(() => findServers({ SHIPLOG_DATA: data })).toThrow(
    'start it with npm start, or set DATABASE_URL and KAFKA_BROKERS',
  )
})
