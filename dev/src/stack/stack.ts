import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { embeddedKafka, stopKafkaOrphan } from '../kafka/embedded-kafka.js'
import { embeddedPostgres, postgresUrl, stopPostgresOrphan } from '../postgres/embedded-postgres.js'
import type { EmbeddedServer } from '../process/embedded-server.js'
import { removeEndpoints, updatePids } from './endpoints.js'
import { claimData } from './ownership.js'
import { choosePort } from '../process/ports.js'
import { clusterOf } from '../postgres/postgres-home.js'
import { supervise } from '../process/supervise.js'

/** Which servers to start, and where. */
export interface StackOptions {
  /** Folder for the servers' data; created if absent. */
  data: string
  /** Preferred port (19092); 0 for any. If it is taken: the previous port, else a free one. */
  kafkaPort?: number
  /** Preferred port (15432); 0 for any, as with Kafka. */
  postgresPort?: number
  /** Existing brokers, comma-separated: no Kafka is started. */
  kafkaBrokers?: string
  /** An existing database: no PostgreSQL is started. */
  databaseUrl?: string
  /** Settings of the PostgreSQL that is started, see PostgresOptions. */
  postgresSettings?: Record<string, string | number>
  /** Receives a line whenever a server started, ended or failed. */
  onProgress(line: string): void
  /** Cancels a start in progress, which rejects once everything is stopped. */
  signal?: AbortSignal
}

/** Running Kafka and PostgreSQL. The pids are absent for existing servers, and change with a restart. */
export interface Stack {
  kafka: { readonly brokers: string; readonly pid?: number }
  postgres: { readonly url: string; readonly pid?: number }
  /** Stops the started servers gracefully. */
  stop(): Promise<void>
}

interface Ports {
  kafka?: number
  controller?: number
  postgres?: number
}

/**
 * Starts Kafka and PostgreSQL concurrently and supervises them: one that dies is restarted on its port and data.
 * If this process exits without `stop`, both are killed.
 * @throws DataInUse if another process uses the same data; Error if a server does not start (the other one is stopped then)
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { kafkaBrokers, databaseUrl, onProgress } = options
  mkdirSync(options.data, { recursive: true })
  const data = realpathSync(options.data)
  const release = claimData(data)
  const servers: Running[] = []
  const forget = () => {
    removeEndpoints(data)
    release()
  }
  process.once('exit', forget)
  const abort = () => void stop()
  options.signal?.addEventListener('abort', abort)
  try {
    removeEndpoints(data)
    // Orphans occupy their ports, so they are stopped before ports are chosen.
    const orphans = await Promise.all([stopKafkaOrphan(join(data, 'kafka')), stopPostgresOrphan(clusterOf(data))])
    if (orphans.includes(true)) onProgress('Stopped servers left over from a killed start')
    const ports = await choosePorts(data, options)
    const [kafka, postgres] = await allOrThrow([
      kafkaBrokers ? undefined : run(embeddedKafka(kafkaOptions(data, ports)), pid => updatePids(data, { kafka: pid })),
      databaseUrl
        ? undefined
        : run(embeddedPostgres(postgresOptions(data, ports, options)), pid => updatePids(data, { postgres: pid })),
    ])
    return {
      kafka: {
        brokers: kafkaBrokers ?? `127.0.0.1:${ports.kafka}`,
        get pid() {
          return kafka?.pid
        },
      },
      postgres: {
        url: databaseUrl ?? postgresUrl(ports.postgres!),
        get pid() {
          return postgres?.pid
        },
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', abort)
  }

  async function run(making: Promise<EmbeddedServer>, onRestart: (pid: number) => void): Promise<EmbeddedServer> {
    const since = Date.now()
    const server = await making
    options.signal?.throwIfAborted()
    const running: Running = { stop: () => server.stop() }
    servers.push(running)
    await server.start()
    onProgress(`${server.name} on 127.0.0.1:${server.port} (process ${server.pid}), ${seconds(since)}`)
    running.stop = supervise(server, { onProgress, onRestart })
    return server
  }

  async function stop(): Promise<void> {
    await Promise.all(servers.map(running => running.stop()))
    process.removeListener('exit', forget)
    forget()
  }
}

interface Running {
  stop: () => Promise<void>
}

// Both attempts must have settled before the started server is stopped.
async function allOrThrow<T>(starting: (Promise<T> | undefined)[]): Promise<(T | undefined)[]> {
  const settled = await Promise.allSettled(starting)
  return settled.map(result => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

function kafkaOptions(data: string, ports: Ports) {
  return { data: join(data, 'kafka'), port: ports.kafka!, controllerPort: ports.controller! }
}

function postgresOptions(data: string, ports: Ports, { postgresSettings: settings = {} }: StackOptions) {
  return { data, port: ports.postgres!, settings }
}

// Ports are remembered, so that configured clients find the servers after a restart.
async function choosePorts(data: string, { kafkaPort = 19092, postgresPort = 15432 }: StackOptions): Promise<Ports> {
  const file = join(data, 'ports.json')
  const remembered = readPorts(file)
  const kafka = await choosePort([kafkaPort, remembered.kafka])
  const postgres = await choosePort([postgresPort, remembered.postgres], [kafka])
  const controller = await choosePort([remembered.controller], [kafka, postgres])
  const ports = { kafka, controller, postgres }
  writeFileSync(file, `${JSON.stringify(ports)}\n`)
  return ports
}

function readPorts(file: string): Ports {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Ports
  } catch {
    return {}
  }
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`
}
