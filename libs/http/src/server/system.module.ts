import { type DynamicModule, Module } from '@nestjs/common'
import { Settings, Logger, Metrics } from '#libs/operations'
import { Draining } from './draining.js'
import { Readiness } from './readiness.js'
import { SystemController } from './system.controller.js'

/** The providers of every app, injectable everywhere: Settings, Logger, Metrics, Readiness, Draining. */
@Module({})
export class SystemModule {
  static with(settings: Settings, log: Logger, metrics: Metrics): DynamicModule {
    const providers = [
      { provide: Settings, useValue: settings },
      { provide: Logger, useValue: log },
      { provide: Metrics, useValue: metrics },
      Readiness,
      Draining,
    ]
    return {
      module: SystemModule,
      global: true,
      controllers: [SystemController],
      providers,
      exports: [Settings, Logger, Metrics, Readiness, Draining],
    }
  }
}
