import 'reflect-metadata'
import { type DynamicModule, Module, type Type } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { OpenAPIObject } from '@nestjs/swagger'
import { type Authenticator, type Can, can as grantAll, headerAuthenticator } from '#libs/auth'
import { type Settings, Logger, Metrics, NestLogger, readSettings, runProcess } from '#libs/operations'
import { makeFastifyAdapter } from './fastify-adapter.js'
import { apiDocument, serveApiDescription } from '../openapi/document.js'
import { ProblemFilter } from './problem-filter.js'
import { RouteAccess } from '../endpoint/route-access.js'
import { RouteTable } from './route-table.js'
import { NoUnknownQuery } from '../parameters/strict-query.js'
import { SystemModule, type SystemParts } from './system.module.js'

export interface HttpAppOptions {
  /** The app's module. It may inject Settings, Logger, Metrics, Readiness and Draining. */
  module: Type | DynamicModule
  settings: Settings
  log: Logger
  metrics?: Metrics
  /** Finds out who sends a request; default: believes its headers. */
  authenticator?: Authenticator
  /** Whether a principal has a permission; default: every principal has every one. */
  can?: Can
  /** Runs before the app is initialised, for calls such as `app.connectMicroservice(...)`. */
  prepare?(app: NestFastifyApplication): void | Promise<void>
}

/** A started app. */
export interface HttpAppHandle {
  url: string
  app: NestFastifyApplication
  /** Stops accepting requests, finishes those in progress and closes all connections. */
  close(): Promise<void>
}

@Module({})
class RootModule {}

function rootOf(module: HttpAppOptions['module'], parts: SystemParts): DynamicModule {
  return { module: RootModule, imports: [SystemModule.with(parts), module] }
}

/** Makes an app with the conventions of the API (problems, ids, docs, health, metrics); it does not listen yet. */
export async function createHttpApp(options: HttpAppOptions): Promise<NestFastifyApplication> {
  const { module, settings, log, metrics = new Metrics(), prepare } = options
  const { authenticator = headerAuthenticator, can = grantAll } = options
  const routes = new RouteTable()
  const filter = new ProblemFilter(log, routes)
  const access = new RouteAccess(can)
  const root = rootOf(module, { settings, log, metrics, access })
  const adapter = makeFastifyAdapter({ filter, routes, log, metrics, settings, authenticator })
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bodyParser: false,
    logger: new NestLogger(log),
    // The caller reports a failed start.
    abortOnError: false,
  })
  app.useGlobalFilters(filter)
  app.useGlobalGuards(access, new NoUnknownQuery())
  serveApiDescription(app)
  await prepare?.(app)
  return app
}

/** The OpenAPI document of an app, without starting any part of it. @param module as for `createHttpApp` */
export async function describeHttpApp({ module, settings, log }: HttpAppOptions): Promise<OpenAPIObject> {
  const root = rootOf(module, { settings, log, metrics: new Metrics(), access: new RouteAccess(grantAll) })
  const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  })
  return apiDocument(app)
}

/** Makes an app, starts its microservices and listens. If that fails, it closes what it has opened, and throws. */
export async function startHttpApp(options: HttpAppOptions): Promise<HttpAppHandle> {
  const app = await createHttpApp(options)
  const { settings, log } = options
  try {
    await app.init()
    await app.startAllMicroservices()
    const { port, host } = settings
    // For `localhost` Fastify would open a second server, for the other address, without the limits.
    await app.listen(port, host === 'localhost' ? '127.0.0.1' : host)
  } catch (error) {
    await app.close()
    throw error
  }
  const url = await app.getUrl()
  log.info('listening', { event: 'http.listening', url })
  return { url, app, close: () => app.close() }
}

/** The body of an app's `main.ts`: reads the environment, runs the app as a process, drains it on SIGTERM. */
export function runHttpApp(name: string, options: Pick<HttpAppOptions, 'module' | 'prepare'>): Promise<void> {
  return runProcess(async () => {
    const settings = readSettings(process.env)
    const log = Logger.create({ app: name, level: settings.logLevel })
    const { close } = await startHttpApp({ ...options, settings, log })
    return { log, drainTimeoutMs: settings.drainTimeoutMs, close }
  })
}
