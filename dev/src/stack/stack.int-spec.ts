import { connect } from 'node:net'
import { realpathSync } from 'node:fs'
import { readEndpoints, writeEndpoints } from './endpoints.js'
import { startStack, type Stack } from './stack.js'
import { removeData } from '../postgres/postgres-home.js'
import { isAlive } from '../process/process-table.js'
import { makeScratchData } from './scratch-data.js'
import { until } from '../process/until.js'

const limitMs = 60_000
const lines: string[] = []
const onProgress = (line: string) => void lines.push(line)
let data: string
let stack: Stack

beforeAll(async () => {
  data = makeScratchData()
  stack = await startStack({ data, kafkaPort: 0, postgresPort: 0, onProgress })
}, limitMs)

afterAll(async () => {
  await stack.stop()
  removeData(data)
})

test('startStack rejects a second stack on the same data, and names the URL', async () => {
  writeEndpoints(data, {
    url: 'http://127.0.0.1:8888',
    kafka: stack.kafka.brokers,
    postgres: stack.postgres.url,
    topic: 'shiplog.events.v1',
    pids: { app: process.pid, kafka: stack.kafka.pid, postgres: stack.postgres.pid },
  })

  await expect(startStack({ data, onProgress })).rejects.toThrow(
    `Shiplog is already running on ${realpathSync(data)}: http://127.0.0.1:8888 (process ${process.pid}).`,
  )

  expect(isAlive(stack.kafka.pid!)).toBe(true)
})

test(
  'a stack restarts killed servers on the same ports, and records their new pids',
  async () => {
    const before = { kafka: stack.kafka.pid!, postgres: stack.postgres.pid! }

    process.kill(before.kafka, 'SIGKILL')
    process.kill(before.postgres, 'SIGKILL')
    const both = () => lines.filter(line => line.includes(' restarted in ')).length === 2
    await until(both, 'both servers to restart', { within: 30_000 })

    const pids = readEndpoints(data)!.pids
    expect(pids).toEqual({ app: process.pid, kafka: stack.kafka.pid, postgres: stack.postgres.pid })
    expect(pids.kafka).not.toBe(before.kafka)
    expect(pids.postgres).not.toBe(before.postgres)
    for (const address of [stack.kafka.brokers, new URL(stack.postgres.url).host])
      expect(await connects(address)).toBe(true)
  },
  limitMs,
)

test(
  'a stack ends its servers when it stops, and uses the same ports the next time',
  async () => {
    const { brokers, pid: kafka } = stack.kafka
    const { url, pid: postgres } = stack.postgres

    await stack.stop()

    expect([kafka, postgres].map(pid => isAlive(pid!))).toEqual([false, false])
    expect(readEndpoints(data)).toBeUndefined()

    stack = await startStack({ data, kafkaPort: 0, postgresPort: 0, onProgress })
    expect([stack.kafka.brokers, stack.postgres.url]).toEqual([brokers, url])
  },
  limitMs,
)

test('startStack rejects when it is aborted, and releases the data', async () => {
  const other = makeScratchData()
  const abort = new AbortController()
  const options = { data: other, kafkaPort: 0, postgresPort: 0, onProgress, signal: abort.signal }
  const starting = startStack(options)
  abort.abort()

  await expect(starting).rejects.toThrow()
  removeData(other)
})

function connects(address: string): Promise<boolean> {
  const [host, port] = address.split(':')
  return new Promise(resolve => {
    const socket = connect(Number(port), host, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
