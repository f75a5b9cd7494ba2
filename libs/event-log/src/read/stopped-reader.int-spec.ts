import { type OwnServers, startOwnServers, until } from '#test/kit'
import { EventLog } from '../index.js'

const logged: string[] = []
const note = (message: string) => void logged.push(message)
const logger = { debug: note, info: note, warn: note, error: note }
const times = (message: string) => logged.filter(line => line === message).length

let servers: OwnServers
let log: EventLog

beforeAll(async () => {
  servers = await startOwnServers()
  log = new EventLog({ brokers: servers.brokers, topic: 'events', clientId: 'test', logger })
  await log.prepare()
}, 60_000)

afterAll(async () => {
  await log.close()
  await servers.end()
}, 30_000)

it('a reader that is stopped while kafkajs restarts it stays stopped when the broker starts again', async () => {
  // given: a reader whose broker is unavailable for so long that kafkajs gives up and restarts the reader
  const reader = await log.read({ group: 'readers', onBatch: async () => {}, onCrash() {} })
  await servers.kafka.kill()
  await until(() => times('Starting') === 2, 'kafkajs to restart the reader', { within: 60_000 })

  // when: the reader is stopped, and the broker starts again
  await reader.stop()
  const stopped = logged.length
  const since = (start: string) => logged.slice(stopped).filter(line => line.startsWith(start))
  await servers.kafka.start()

  // then: the pending start joins the group or fails, and in both cases stops permanently
  const either = () => since('Consumer has joined').length + since('Crash').length > 0
  await until(either, 'the pending start to end', { within: 30_000 })
  await until(() => since('Stopped').length > 0, 'the reader to stop')
  const responds = () =>
    log.endOffsets().then(
      () => true,
      () => false,
    )
  await until(responds, 'the broker to lead its partitions', { within: 30_000 })
  expect(since('Restarting')).toEqual([])
}, 120_000)
