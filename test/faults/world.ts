import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { type EmbeddedServer, embeddedKafka, embeddedPostgres, makeScratchData, postgresUrl, removeData } from '#dev'
import type { AppSettings } from '../stack/app-process.js'
import { freePort } from '../stack/own-servers.js'
import { Replica } from './replica.js'
import { TcpProxy } from './tcp-proxy.js'

/** A server in a process of its own, and the proxy through which the apps reach it. */
export interface ProxiedServer {
  server: EmbeddedServer
  proxy: TcpProxy
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
}

/** Two commands, two projectors and a query over a Kafka and a Postgres of their own, each a process. */
export class World {
  readonly topic = 'shiplog.events.v1'
  readonly replicas: Replica[]

  private constructor(
    readonly project: string,
    /** Folder with the servers' data, removed in the end. */
    readonly data: string,
    readonly kafka: ProxiedServer,
    readonly postgres: ProxiedServer,
    /** Through the proxy, as the apps have them. */
    readonly brokers: string[],
    readonly databaseUrl: string,
    /** Past the proxy. */
    readonly directBrokers: string[],
    readonly adminUrl: string,
    readonly commands: Replica[],
    readonly projectors: Replica[],
    readonly query: Replica,
  ) {
    this.replicas = [...commands, ...projectors, query]
  }

  /** Starts everything and waits until it can serve. */
  static async start({ project, environment = {} }: WorldOptions): Promise<World> {
    const data = makeScratchData()
    const [kafkaPort, innerPort, postgresPort] = await Promise.all([freePort(), freePort(), freePort()])
    const proxies = await Promise.all([TcpProxy.start(kafkaPort), TcpProxy.start(postgresPort)])
    const [kafkaProxy, postgresProxy] = proxies
    const [kafka, postgres] = await Promise.all([
      embeddedKafka({ data: join(data, 'kafka'), port: kafkaPort, properties: {} }),
      embeddedPostgres({ data, port: postgresPort }),
    ])
    return this.startOn()
  }
}
