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

const writeRunningEndpoints = () => {
  const endpoints = { url: 'http://127.0.0.1:8888', kafka: '127.0.0.1:19092', postgres, topic: 'mine.v1' }
  writeFileSync(join(data, 'endpoints.json'), JSON.stringify(endpoints))
}

test('findServers returns the servers of the environment', () => {
  writeRunningEndpoints()
  const environment = { SHIPLOG_DATA: data, DATABASE_URL: 'postgres://a/b', KAFKA_BROKERS: 'k1:1,k2:2' }
  expect(findServers(environment)).toMatchObject({
    databaseUrl: 'postgres://a/b',
    kafkaBrokers: ['k1:1', 'k2:2'],
    topic: 'shiplog.events.v1',
  })
})

test('findServers returns the servers of the running Shiplog if the environment has none', () => {
  writeRunningEndpoints()
  expect(findServers({ SHIPLOG_DATA: data })).toMatchObject({
    databaseUrl: postgres,
    kafkaBrokers: ['127.0.0.1:19092'],
    topic: 'mine.v1',
  })
})

test('findServers does not combine the environment with the running Shiplog', () => {
  writeRunningEndpoints()
  expect(() => findServers({ SHIPLOG_DATA: data, DATABASE_URL: 'postgres://a/b' })).toThrow('KAFKA_BROKERS is not set')
})

test('findServers throws with a remedy if there are no servers', () => {
  expect(() => findServers({ SHIPLOG_DATA: data })).toThrow(
    'start it with npm start, or set DATABASE_URL and KAFKA_BROKERS',
  )
})
