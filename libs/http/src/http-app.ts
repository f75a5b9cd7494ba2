import 'reflect-metadata'
import { type DynamicModule, Module, type Type } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { type Configuration, Log, Metrics, NestLog, readConfiguration, runProcess } from '#libs/operations'
import { makeFastifyAdapter } from './fastify-adapter.js'
import { serveApiDescription } from './open-api.js'
import { ProblemFilter } from './problem-answer.js'
import { RouteTable } from './route-table.js'
import { NoUnknownQuery } from './strict-query.js'
import { SystemModule } from './system.module.js'

export interface HttpAppOptions {
  /** The app's module; Configuration, Log, Metrics, Readiness and Draining are injectable in it. */
  module: Type | DynamicModule
  configuration: Configuration
  log: Log
  metrics?: Metrics
  /** What else the app needs before it is initialised, such as `app.connectMicroservice(...)`. */
  prepare?(app: NestFastifyApplication): void | Promise<void>
}

/** What an app is to the process or the test that started it. */
export interface RunningHttpApp {
  url: string
  app: NestFastifyApplication
  /** Takes no new work, finishes what is under way, closes everything. */
  close(): Promise<void>
}

@Module({})
class RootModule {}

/** Makes an app with all conventions of ours (problems, ids, docs, health, metrics); it does not listen yet. */
export async function createHttpApp(options: HttpAppOptions): Promise<NestFastifyApplication> {
  const { module, configuration, log, metrics = new Metrics(), prepare } = options
  const routes = new RouteTable()
  const filter = new ProblemFilter(log, routes)
  const root = { module: RootModule, imports: [SystemModule.with(configuration, log, metrics), module] }
  const adapter = makeFastifyAdapter({ filter, routes, log, metrics, settings: configuration })
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bodyParser: false,
    logger: new NestLog(log),
    // A failed start is told by whoever started, in one sentence.
    abortOnError: false,
  })
  app.useGlobalFilters(filter)
  app.useGlobalGuards(new NoUnknownQuery())
  serveApiDescription(app)
  await prepare?.(app)
  return app
}

/** Makes an app, starts its microservices and listens. Where that fails, it closes what was opened. */
export async function startHttpApp(options: HttpAppOptions): Promise<RunningHttpApp> {
  const app = await createHttpApp(options)
  const { configuration, log } = options
  try {
    await app.init()
    await app.startAllMicroservices()
    const { port, host } = configuration
    // For `localhost` Fastify would open a second server for its other address, one without our limits.
    await app.listen(port, host === 'localhost' ? '127.0.0.1' : host)
  } catch (error) {
    await app.close()
    throw error
  }
  const url = await app.getUrl()
  log.info('listening', { url })
  return { url, app, close: () => app.close() }
}

/** The whole of an app's `main.ts`: reads the environment, runs the app as a process, drains it on SIGTERM. */
export function runHttpApp(name: string, options: Pick<HttpAppOptions, 'module' | 'prepare'>): Promise<void> {
  return runProcess(async () => {
    const configuration = readConfiguration(process.env)
    const log = Log.create({ app: name, level: configuration.logLevel })
    const { close } = await startHttpApp({ ...options, configuration, log })
    return { log, drainTimeoutMs: configuration.drainTimeoutMs, close }
  })
}
