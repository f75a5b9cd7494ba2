import { Module, type DynamicModule } from '@nestjs/common'
import type { MicroserviceOptions } from '@nestjs/microservices'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { EventLog } from '#libs/event-log'
import { LogConsumer } from '#libs/log-consumer'
import { Settings, Logger, Metrics } from '#libs/operations'
import { deployments, isEventError, ReadModels, readRecord, type Projection } from '#libs/read-models'
import { Lag } from './lag.js'
import { LogTransport } from './log-transport.js'
import { ProjectorLifecycle } from './projector-lifecycle.js'
import { ProjectorMetrics } from './projector-metrics.js'
import { ProjectorController } from './projector.controller.js'
import { Projector } from './projector.js'

export interface ProjectorOptions {
  /** Consumer group; replicas share one, which is the default: `shiplog-projector-<topic>`. */
  group?: string
  /** What is projected; all read models where left out. */
  projection?: Projection
  /** Projecting has ended permanently; where left out, the process ends with 1. */
  onCrash?(error: Error): void
}

/** Applies the log to the read models. The app that imports it calls `connectProjector`. */
@Module({})
export class ProjectorModule {
  static register(options: ProjectorOptions = {}): DynamicModule {
    const LOG = Symbol('log of the projector')
    return {
      module: ProjectorModule,
      controllers: [ProjectorController],
      providers: [
        { provide: LOG, inject: [Logger], useFactory: (log: Logger) => log.with({ part: 'projector' }) },
        {
          provide: EventLog,
          inject: [Settings, LOG],
          useFactory: ({ kafkaBrokers: brokers, topic }: Settings, logger: Logger) =>
            new EventLog({ brokers, topic, clientId: 'shiplog-projector', logger }),
        },
        {
          provide: ReadModels,
          inject: [Settings, LOG],
          useFactory: ({ databaseUrl }: Settings, logger: Logger) =>
            new ReadModels({
              databaseUrl,
              applicationName: 'shiplog projector',
              access: 'project',
              logger,
              poolSize: 8,
            }),
        },
        {
          provide: ProjectorMetrics,
          inject: [Metrics],
          useFactory: (metrics: Metrics) => new ProjectorMetrics(metrics),
        },
        {
          provide: Projector,
          inject: [ReadModels, ProjectorMetrics],
          useFactory: (readModels: ReadModels, metrics: ProjectorMetrics) =>
            new Projector(readModels, options.projection ?? deployments, metrics),
        },
        {
          provide: LogConsumer,
          inject: [EventLog, Projector, ProjectorMetrics, Settings, LOG],
          useFactory: (
            log: EventLog,
            projector: Projector,
            metrics: ProjectorMetrics,
            { topic }: Settings,
            logger: Logger,
          ) =>
            new LogConsumer({
              log,
              group: options.group ?? `shiplog-projector-${topic}`,
              logger,
              async prepare() {
                await log.prepare()
                await projector.prepare()
              },
              positions: () => projector.positions(),
              decode: readRecord,
              apply: steps => projector.apply(steps),
              isEventError,
              onApplied: (steps, seconds) => projector.applied(steps, seconds),
              onHalt: (partition, halt) => projector.halted(partition, halt),
              onResume: partition => metrics.halted(partition, false),
              onRepeated: (partition, events) => metrics.skipped(partition, events),
              onCrash: options.onCrash ?? (error => endProcess(logger, error)),
            }),
        },
        {
          provide: Lag,
          inject: [Projector, ReadModels, LogConsumer, ProjectorMetrics, LOG],
          useFactory: (...parts: ConstructorParameters<typeof Lag>) => new Lag(...parts),
        },
        ProjectorLifecycle,
      ],
    }
  }
}

/** Connects the log to the app's projector; called before the app starts its microservices. */
export function connectProjector(app: NestFastifyApplication): void {
  const strategy = new LogTransport(app.get(LogConsumer, { strict: false }))
  app.connectMicroservice<MicroserviceOptions>({ strategy })
}

// A running process that projects nothing would not be noticed; one that ends is restarted.
function endProcess(log: Logger, error: Error): void {
  log.fatal('the log cannot be read any more; the process ends', { event: 'projector.crashed', error })
  process.exit(1)
}
