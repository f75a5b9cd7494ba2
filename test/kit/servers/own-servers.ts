import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { makeScratchData, postgresUrl, removeData, startEmbeddedKafka, startEmbeddedPostgres } from '#dev'

/** A server that a test may kill, and start again on the same port and data. */
export interface OwnServer {
  /** SIGKILL. */
  kill(): Promise<void>
  start(): Promise<void>
}

/** A Kafka and a PostgreSQL that belong to one test file. */
export interface OwnServers {
  kafka: OwnServer
  postgres: OwnServer
  brokers: string[]
  databaseUrl: string
  end(): Promise<void>
}

/** Starts both; nobody starts them again when they are killed. */
export async function startOwnServers(): Promise<OwnServers> {
  const data = makeScratchData()
  const [kafkaPort, postgresPort] = await Promise.all([freePort(), freePort()])
  const [kafka, postgres] = await Promise.all([
    startEmbeddedKafka({ data: join(data, 'kafka'), port: kafkaPort }),
    startEmbeddedPostgres({ data, port: postgresPort }),
  ])
  return {
    kafka,
    postgres,
    brokers: [`127.0.0.1:${kafkaPort}`],
    databaseUrl: postgresUrl(postgresPort),
    async end() {
      await Promise.all([kafka.stop(), postgres.stop()])
      removeData(data)
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
