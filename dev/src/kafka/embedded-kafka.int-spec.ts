import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { embeddedKafka, startEmbeddedKafka } from './embedded-kafka.js'
import type { EmbeddedServer } from '../process/embedded-server.js'
import { choosePort } from '../process/ports.js'
import { removeData } from '../postgres/postgres-home.js'
import { isAlive } from '../process/process-table.js'
import { makeScratchData } from '../stack/scratch-data.js'

const limitMs = 30_000
let data: string
let kafka: EmbeddedServer

beforeAll(async () => {
  data = makeScratchData()
  kafka = await startEmbeddedKafka({ data, port: await choosePort([]), heapMiB: 256 })
}, limitMs)

afterAll(async () => {
  await kafka.stop()
  removeData(data)
})

test('embedded Kafka responds on loopback', async () => {
  expect(await apiVersionsError(kafka.port)).toBe(0)
})

test(
  'embedded Kafka restarts on the same port with the same storage after kill -9',
  async () => {
    const [before, storage] = [kafka.pid, metaProperties()]

    await kafka.kill()
    await kafka.start()

    expect(kafka.pid).not.toBe(before)
    expect(await apiVersionsError(kafka.port)).toBe(0)
    expect(metaProperties()).toBe(storage)
  },
  limitMs,
)

test(
  'embedded Kafka ends an orphaned process on the same data',
  async () => {
    const orphan = kafka.pid
    const next = await embeddedKafka({ data, port: kafka.port, heapMiB: 256 })

    await next.start()
    kafka = next

    expect(isAlive(orphan)).toBe(false)
    expect(await apiVersionsError(kafka.port)).toBe(0)
  },
  limitMs,
)

test('embedded Kafka includes its log in the error when it cannot start', async () => {
  const otherData = makeScratchData()
  const other = await embeddedKafka({ data: otherData, port: kafka.port, properties: { 'process.roles': 'captain' } })

  await expect(other.start()).rejects.toThrow(/captain/)
  removeData(otherData)
})

function metaProperties(): string {
  return readFileSync(join(data, 'logs', 'meta.properties'), 'utf8')
}

// A hand-written ApiVersions request, version 0: only libs/event-log imports kafkajs. The response: size, correlation id, error code.
async function apiVersionsError(port: number): Promise<number> {
  const request = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff])
  const response = await new Promise<Buffer>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.once('data', chunk => {
      socket.destroy()
      resolve(chunk)
    })
    socket.once('error', reject)
  })
  return response.readInt16BE(8)
}
