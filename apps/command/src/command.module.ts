import { Module } from '@nestjs/common'
import { EventLog } from '#libs/event-log'
import { KeyChecks } from '#libs/key-schemas'
import { Ledger } from '#libs/ledger'
import { Settings, Logger, Metrics } from '#libs/operations'
import { readSecretsKeys, Secrets } from '#libs/secrets'
import { ConfigurationController } from './configuration/configuration.controller.js'
import { ConfigurationCommands } from './configuration/configuration-commands.js'
import { ConfigurationFiles } from './configuration/file/configuration-files.js'
import { FlagController } from './configuration/flag.controller.js'
import { DeploymentController } from './deployment/deployment.controller.js'
import { RemovalController } from './deployment/removal.controller.js'
import { ImportController } from './import/import.controller.js'
import { IncidentController } from './incident/incident.controller.js'
import { PipelineController } from './pipeline/pipeline.controller.js'
import { FreezeCache } from './pipeline/freeze-cache.js'
import { PromotionCommands } from './promotion/promotion-commands.js'
import { PromotionController } from './promotion/promotion.controller.js'
import { PromotionExecutionController } from './promotion/promotion-execution.controller.js'
import { Scheduler } from './promotion/scheduler.js'
import { TenantChecks } from './pipeline/tenant-checks.js'
import { LedgerLifecycle } from './ledger-lifecycle.js'

/** The write API. */
@Module({
  controllers: [
    DeploymentController,
    RemovalController,
    ImportController,
    IncidentController,
    ConfigurationController,
    FlagController,
    PipelineController,
    PromotionController,
    PromotionExecutionController,
  ],
  providers: [
    {
      provide: EventLog,
      inject: [Settings, Logger],
      useFactory: ({ kafkaBrokers, topic }: Settings, log: Logger) =>
        new EventLog({ brokers: kafkaBrokers, topic, clientId: 'shiplog-command', logger: log.with({ part: 'log' }) }),
    },
    {
      provide: Ledger,
      inject: [Settings, Logger, Metrics, EventLog],
      useFactory: ({ databaseUrl, confirmTimeoutMs }: Settings, log: Logger, metrics: Metrics, eventLog: EventLog) =>
        Ledger.open({
          databaseUrl,
          log: eventLog,
          logger: log.with({ part: 'ledger' }),
          observer: metrics.ledgerObserver,
          confirmTimeoutMs,
        }),
    },
    {
      provide: Secrets,
      inject: [Settings],
      useFactory: (configuration: Settings) => readSecretsKeys(configuration),
    },
    { provide: KeyChecks, useFactory: () => new KeyChecks() },
    ConfigurationCommands,
    ConfigurationFiles,
    TenantChecks,
    FreezeCache,
    PromotionCommands,
    Scheduler,
    LedgerLifecycle,
  ],
})
export class CommandModule {}
