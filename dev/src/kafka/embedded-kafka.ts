import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { EmbeddedServer } from '../process/embedded-server.js'
import { hasErrorCode } from '../process/errors.js'
import { fetchKafkaJars, withoutInstalling } from './kafka-jars.js'
import { choosePort } from '../process/ports.js'
import { listProcesses } from '../process/process-table.js'
import { projectFolder } from '../process/project.js'
import { ServerProcess, terminateOrphan } from '../process/server-process.js'
import { until } from '../process/until.js'

/** Where and how the embedded broker runs. */
export interface KafkaOptions {
  /** Folder of this broker only; contains the log permanently. */
  data: string
  /** Port on 127.0.0.1 for clients. */
  port: number
  /** Port on 127.0.0.1 for the controller; a free one by default. */
  controllerPort?: number
  /** Java heap in MiB (512). */
  heapMiB?: number
  /** Common to all brokers of a cluster: 22 characters of base64url; random by default. */
  clusterId?: string
  /** Additional broker properties, or replacements of the defaults. */
  properties?: Record<string, string | number>
}

const startedLine = 'Kafka Server started'
const startLimitMs = 60_000

/**
 * Starts Apache Kafka as one KRaft process, broker and controller, on 127.0.0.1, and waits until it answers.
 * Ends an orphan on the same data first. The data survives a stop and a kill -9.
 * @throws Error if Java or Maven is missing or the port is taken, or with the last lines of the broker's log
 */
export async function startEmbeddedKafka(options: KafkaOptions): Promise<EmbeddedServer> {
  const kafka = await embeddedKafka(options)
  await kafka.start()
  return kafka
}

/** Prepares the same broker without starting it. */
export async function embeddedKafka(options: KafkaOptions): Promise<EmbeddedServer> {
  const { data, port, controllerPort, heapMiB = 512, clusterId = newClusterId(), properties = {} } = options
  mkdirSync(data, { recursive: true })
  const folder = realpathSync(data)
  const jars = await fetchKafkaJars(folder)
  const configuration = join(folder, 'server.properties')
  const controller = controllerPort ?? (await choosePort([], [port]))
  const logDirs = join(folder, 'logs')
  const java = (heap: string[], main: string, ...args: string[]) => ({
    command: javaCommand(),
    args: [...heap, '-cp', join(jars, '*'), `-Dlog4j2.configurationFile=${log4j}`, main, ...args],
    cwd: folder,
    logFile: join(folder, 'kafka.log'),
    env: process.env,
  })

  return new EmbeddedServer({
    name: 'Kafka',
    port,
    stopSignal: 'SIGTERM',
    stopGraceMs: 15_000,

    async prepare() {
      await stopKafkaOrphan(folder)
      writeFileSync(configuration, toProperties({ ...brokerProperties(port, controller, logDirs), ...properties }))
      if (!existsSync(logDirs)) await format(folder, { port, controller, clusterId, properties }, java)
    },

    launch: () => launchJava(java([`-Xms${Math.min(256, heapMiB)}m`, `-Xmx${heapMiB}m`], 'kafka.Kafka', configuration)),

    async answers(broker) {
      const started = () => !broker.running() || broker.log().includes(startedLine)
      await until(started, 'Kafka to start', { within: startLimitMs })
      if (!broker.running()) throw new Error(`Kafka ended while starting:\n${broker.logTail()}`)
    },
  })
}

/** Ends a broker that a killed parent left running on this data folder. True if there was one. */
export async function stopKafkaOrphan(data: string): Promise<boolean> {
  if (!existsSync(data)) return false
  const configuration = join(realpathSync(data), 'server.properties')
  // Only a broker on this folder has Java, Kafka's main class and this file's path in its arguments.
  const orphans = listProcesses().filter(({ argv }) => {
    const line = argv.join(' ')
    return basename(argv[0]).startsWith('java') && line.endsWith(` kafka.Kafka ${configuration}`)
  })
  for (const { pid } of orphans) await terminateOrphan(pid, 'SIGTERM', 15_000)
  return orphans.length > 0
}

const log4j = join(projectFolder, 'dev', 'kafka', 'log4j2.properties')

type Java = (heap: string[], main: string, ...args: string[]) => Parameters<typeof ServerProcess.launch>[0]

// Formats another folder and renames it, so that the folder `logs` is always complete and never overwritten.
async function format(
  folder: string,
  broker: { port: number; controller: number; clusterId: string; properties: Record<string, string | number> },
  java: Java,
): Promise<void> {
  const partial = join(folder, 'logs.formatting')
  rmSync(partial, { recursive: true, force: true })
  const configuration = join(folder, 'format.properties')
  const settings = { ...brokerProperties(broker.port, broker.controller, partial), ...broker.properties }
  writeFileSync(configuration, toProperties(settings))
  const tool = await launchJava(
    java(['-Xmx128m'], 'kafka.tools.StorageTool', 'format', '-t', broker.clusterId, '-c', configuration),
  )
  await tool.exited
  if (!existsSync(join(partial, 'meta.properties')))
    throw new Error(`Formatting Kafka's storage failed:\n${tool.logTail()}`)
  rmSync(configuration)
  renameSync(partial, join(folder, 'logs'))
}

async function launchJava(launch: Parameters<typeof ServerProcess.launch>[0]): Promise<ServerProcess> {
  try {
    return await ServerProcess.launch(launch)
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT', 'EACCES')) throw error
    throw new Error(
      `The embedded Kafka needs Java, which was not found: install Java 17 or later, ${withoutInstalling}.`,
      { cause: error },
    )
  }
}

function javaCommand(): string {
  return process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java'
}

// The storage tool would read a leading dash as an option.
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? newClusterId() : id
}

function brokerProperties(port: number, controller: number, logDirs: string): Record<string, string | number> {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': logDirs,
    'auto.create.topics.enable': 'false',
    'log.retention.ms': -1,
    'offsets.topic.num.partitions': 3,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 3,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // After a kill -9 the new broker waits for its old session to expire; with the default of 9 s that is 13.9 s.
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 400,
  }
}

// In a .properties file a backslash escapes.
function toProperties(properties: Record<string, string | number>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('')
}
