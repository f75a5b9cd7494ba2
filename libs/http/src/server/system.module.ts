import { type DynamicModule, Module } from '@nestjs/common'
import { Settings, Log, Metrics } from '#libs/operations'
import { Draining } from './draining.js'
import { Readiness } from './readiness.js'
import { SystemController } from './system.controller.js'

/** The providers of every app, injectable everywhere: Settings, Log, Metrics, Readiness, Draining. */
@Module({})
export class SystemModule {
  static with(settings: Settings, log: Log, metrics: Metrics): DynamicModule {
    const providers = [
      { provide: Settings, useValue: settings },
      { provide: Log, useValue: log },
      { provide: Metrics, useValue: metrics },
      Readiness,
      Draining,
    ]
    return {
      module: SystemModule,
      global: true,
      controllers: [SystemController],
      providers,
      exports: [Settings, Log, Metrics, Readiness, Draining],
    }
  }
}
