import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import {
  choosePort,
  embeddedKafka,
  embeddedPostgres,
  type EmbeddedServer,
  makeScratchData,
  postgresUrl,
  removeData,
} from '#dev'
import type { AppName, AppSettings } from '../../kit/apps/app-process.js'
import { Replica } from './replica.js'
import { TcpProxy } from './tcp-proxy.js'

/** A server in a process of its own, and the proxy through which the apps reach it. */
export interface ProxiedServer {
  server: EmbeddedServer
  proxy: TcpProxy
  /** Port past the proxy. */
  direct: number
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it again on the same port and data. */
  start(): Promise<void>
}

export interface WorldOptions {
  /** Folder of the project whose apps are run, as they were built. */
  project: string
  /** More of the apps' environment. */
  environment?: Record<string, string>
  /** Folder to keep the apps' logs in. */
  logs?: string | undefined
}

/** Two commands, two projectors and a query over a Kafka and a Postgres of their own, each a process. */
export class World {
  readonly topic = 'shiplog.events.v1'
  /** Through the proxies, as the apps have them. */
  readonly brokers: string[]
  readonly databaseUrl: string
  /** Past them, for who must not be disturbed. */
  readonly directBrokers: string[]
  readonly adminUrl: string
  readonly commands: Replica[]
  readonly projectors: Replica[]
  readonly query: Replica
  readonly replicas: Replica[]
  readonly settings: AppSettings
  private readonly ends: (() => Promise<unknown>)[] = []

  private constructor(
    readonly project: string,
    /** Folder with the servers' data, removed in the end. */
    readonly data: string,
    readonly kafka: ProxiedServer,
    readonly postgres: ProxiedServer,
    environment: Record<string, string>,
    logs: string | undefined,
  ) {
    this.brokers = [`127.0.0.1:${kafka.proxy.port}`]
    this.databaseUrl = postgresUrl(postgres.proxy.port)
    this.directBrokers = [`127.0.0.1:${kafka.direct}`]
    this.adminUrl = postgresUrl(postgres.direct)
    const { brokers, databaseUrl, topic } = this
    this.settings = { brokers, databaseUrl, topic, project, environment }
    const launch = (name: string, app: AppName) => Replica.launch(name, app, this.settings, logs)
    this.commands = [launch('command-1', 'command'), launch('command-2', 'command')]
    this.projectors = [launch('projector-1', 'projector'), launch('projector-2', 'projector')]
    this.query = launch('query', 'query')
    this.replicas = [...this.commands, ...this.projectors, this.query]
    process.once('exit', this.killAll)
  }

  /** Starts everything and waits until it can serve. */
  static async start({ project, environment = {}, logs }: WorldOptions): Promise<World> {
    const data = makeScratchData()
    const kafka = await proxied(data, startKafka)
    const postgres = await proxied(data, startPostgres)
    const world = new World(project, data, kafka, postgres, environment, logs)
    try {
      await world.isReady()
      return world
    } catch (error) {
      await world.end()
      throw error
    }
  }

  /** The other replica that does the same. */
  other(replica: Replica): Replica {
    const pair = this.commands.includes(replica) ? this.commands : this.projectors
    return pair.find(one => one !== replica)!
  }

  /** Waits until every app can serve. */
  async isReady(within = 120_000): Promise<void> {
    const signal = AbortSignal.timeout(within)
    await Promise.all(this.replicas.map(replica => replica.isReady(signal)))
  }

  /** Makes an empty database beside the apps' and returns its URL, past the proxy. */
  async createDatabase(): Promise<string> {
    const name = `beside_${randomUUID().slice(0, 8)}`
    await this.admin(client => client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`))
    return postgresUrl(this.postgres.server.port, name)
  }

  /** Asks Postgres past the proxy. */
  async admin<T>(ask: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.adminUrl, connectionTimeoutMillis: 5000 })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await ask(client)
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  /** Ends something else with it. */
  atEnd(end: () => Promise<unknown>): void {
    this.ends.push(end)
  }

  /** Ends everything and removes its data. */
  async end(): Promise<void> {
    process.off('exit', this.killAll)
    await this.killAll()
    for (const end of this.ends) await end()
    await Promise.all([this.kafka.server.kill(), this.postgres.server.kill()])
    await Promise.all([this.kafka.proxy.close(), this.postgres.proxy.close()])
    removeData(this.data)
  }

  private readonly killAll = () => Promise.all(this.replicas.map(replica => replica.kill()))
}

type Starting = (data: string, port: number, proxy: TcpProxy) => Promise<{ server: EmbeddedServer; direct: number }>

async function proxied(data: string, starting: Starting): Promise<ProxiedServer> {
  const port = await choosePort([])
  const proxy = await TcpProxy.start(port)
  const { server, direct } = await starting(data, port, proxy)
  await server.start()
  return { server, proxy, direct, kill: () => server.kill(), start: () => server.start() }
}

/** Clients are told the proxy's port; the broker itself and the oracle talk on another one, which no fault disturbs. */
async function startKafka(data: string, port: number, proxy: TcpProxy): ReturnType<Starting> {
  const direct = await choosePort([], [port])
  const controllerPort = await choosePort([], [port, direct])
  const all = (client: number) => `PLAINTEXT://127.0.0.1:${client},DIRECT://127.0.0.1:${direct}`
  const server = await embeddedKafka({
    data: join(data, 'kafka'),
    port,
    controllerPort,
    properties: {
      listeners: `${all(port)},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': all(proxy.port),
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,DIRECT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'inter.broker.listener.name': 'DIRECT',
    },
  })
  return { server, direct }
}

async function startPostgres(data: string, port: number): ReturnType<Starting> {
  return { server: await embeddedPostgres({ data, port }), direct: port }
}
