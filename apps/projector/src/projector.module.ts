import { Module, type DynamicModule } from '@nestjs/common'
import type { MicroserviceOptions } from '@nestjs/microservices'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { EventLog } from '#libs/event-log'
import { Configuration, Log, Metrics } from '#libs/operations'
import { deployments, ReadModels } from '#libs/read-models'
import { Lag } from './lag.js'
import { LogSource } from './log-source.js'
import { LogTransport } from './log-transport.js'
import { ProjectionSide } from './projection-side.js'
import { ProjectorMetrics } from './projector-metrics.js'
import { ProjectorController } from './projector.controller.js'
import { Projector } from './projector.js'

export interface ProjectorOptions {
  /** Consumer group; replicas share one, which is the default: `shiplog-projector-<topic>`. */
  group?: string
  /** Nothing is projected any more, for good; where left out, the process ends with 1. */
  onCrash?(error: Error): void
}

/** Folds the log into the read models. The app that imports it calls `connectProjector`. */
@Module({})
export class ProjectorModule {
  static register(options: ProjectorOptions = {}): DynamicModule {
    const LOG = Symbol('log of the projector')
    return {
      module: ProjectorModule,
      controllers: [ProjectorController],
      providers: [
        { provide: LOG, inject: [Log], useFactory: (log: Log) => log.with({ part: 'projector' }) },
        {
          provide: EventLog,
          inject: [Configuration, LOG],
          useFactory: ({ kafkaBrokers: brokers, topic }: Configuration, logger: Log) =>
            new EventLog({ brokers, topic, clientId: 'shiplog-projector', logger }),
        },
        {
          provide: ReadModels,
          inject: [Configuration, LOG],
          useFactory: ({ databaseUrl }: Configuration, logger: Log) =>
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
          inject: [ReadModels, ProjectorMetrics, LOG],
          useFactory: (readModels: ReadModels, metrics: ProjectorMetrics, log: Log) =>
            new Projector(readModels, deployments, metrics, log),
        },
        {
          provide: LogSource,
          inject: [EventLog, Projector, Configuration, LOG],
          useFactory: (eventLog: EventLog, projector: Projector, { topic }: Configuration, log: Log) =>
            new LogSource(eventLog, projector, {
              group: options.group ?? `shiplog-projector-${topic}`,
              log,
              onCrash: options.onCrash ?? (error => endProcess(log, error)),
            }),
        },
        {
          provide: Lag,
          inject: [ReadModels, Projector, LogSource, ProjectorMetrics, LOG],
          useFactory: (...parts: ConstructorParameters<typeof Lag>) => new Lag(...parts),
        },
        ProjectionSide,
      ],
    }
  }
}

/** Connects the log to the app's projector; to be called before the app starts its microservices. */
export function connectProjector(app: NestFastifyApplication): void {
  const strategy = new LogTransport(app.get(LogSource, { strict: false }))
  app.connectMicroservice<MicroserviceOptions>({ strategy })
}

// A process that lives and projects nothing would not be noticed; one that ends is started again.
function endProcess(log: Log, error: Error): void {
  log.fatal('the log cannot be read any more, the process ends', { error })
  process.exit(1)
}
