import { type OwnServers, startOwnServers, until } from '#test/kit'
import { EventLog } from '../index.js'

const said: string[] = []
const note = (message: string) => void said.push(message)
const logger = { debug: note, info: note, warn: note, error: note }
const times = (message: string) => said.filter(line => line === message).length

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

it('a reader that is stopped while kafkajs starts it again does not read on when the broker is back', async () => {
  // given: a reader whose broker is away for so long that kafkajs gave up, and starts it anew
  const reader = await log.read({ group: 'readers', onBatch: async () => {}, onCrash() {} })
  await servers.kafka.kill()
  await until(() => times('Starting') === 2, 'kafkajs to start the reader again', { within: 60_000 })

  // when: it is stopped, and the broker comes back
  await reader.stop()
  const stopped = said.length
  const since = (start: string) => said.slice(stopped).filter(line => line.startsWith(start))
  await servers.kafka.start()

  // then: what was under way joins the group or gives up, but either way stops, for good
  const either = () => since('Consumer has joined').length + since('Crash').length > 0
  await until(either, 'the start under way to end', { within: 30_000 })
  await until(() => since('Stopped').length > 0, 'the reader to stop')
  const answers = () =>
    log.endOffsets().then(
      () => true,
      () => false,
    )
  await until(answers, 'the broker to lead its partitions', { within: 30_000 })
  expect(since('Restarting')).toEqual([])
}, 120_000)
