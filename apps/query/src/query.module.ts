import { Module } from '@nestjs/common'
import { EventLog } from '#libs/event-log'
import { Settings, Logger } from '#libs/operations'
import { deployments, PositionWatch, ReadModels } from '#libs/read-models'
import { CommandController } from './log/command.controller.js'
import { ConfigurationController } from './configuration/configuration.controller.js'
import { FlagController } from './configuration/flag.controller.js'
import { KeyReads } from './configuration/key-reads.js'
import { DeploymentController } from './deployment/deployment.controller.js'
import { EnvironmentChangesController } from './drift/environment-changes.controller.js'
import { DriftController } from './drift/drift.controller.js'
import { ImageRegistry } from './deployment/image-registry.js'
import { IncidentController } from './incident/incident.controller.js'
import { LedgerIndex, ledgerIndexModule } from './reads/ledger-index.js'
import { LogController } from './log/log.controller.js'
import { PathController } from './deployment/path.controller.js'
import { MetricsController } from './metrics/metrics.controller.js'
import { PromotionController } from './promotion/promotion.controller.js'
import { PipelineController } from './pipeline/pipeline.controller.js'
import { ReadGateway } from './reads/read-gateway.js'

const LOG = Symbol('log of the query app')

/** The query app: serves reads from the read models. */
@Module({
  imports: [ledgerIndexModule],
  controllers: [
    DriftController,
    EnvironmentChangesController,
    MetricsController,
    DeploymentController,
    IncidentController,
    PathController,
    LogController,
    CommandController,
    ConfigurationController,
    FlagController,
    PromotionController,
    PipelineController,
  ],
  providers: [
    { provide: LOG, inject: [Logger], useFactory: (log: Logger) => log.with({ part: 'query' }) },
    {
      provide: EventLog,
      inject: [Settings, LOG],
      useFactory: ({ kafkaBrokers: brokers, topic }: Settings, logger: Logger) =>
        new EventLog({ brokers, topic, clientId: 'shiplog-query', logger }),
    },
    {
      provide: ReadModels,
      inject: [Settings, LOG],
      useFactory: ({ databaseUrl }: Settings, logger: Logger) =>
        new ReadModels({ databaseUrl, applicationName: 'shiplog query', access: 'read', logger }),
    },
    {
      provide: PositionWatch,
      inject: [Settings, ReadModels, LOG],
      useFactory: ({ databaseUrl }: Settings, readModels: ReadModels, logger: Logger) =>
        new PositionWatch({ databaseUrl, readModels, projection: deployments.name, logger }),
    },
    {
      provide: ImageRegistry,
      inject: [Settings],
      useFactory: ({ registryUrl: url }: Settings) => new ImageRegistry({ url }),
    },
    ReadGateway,
    KeyReads,
    LedgerIndex,
  ],
})
export class QueryModule {}
