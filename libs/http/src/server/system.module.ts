import { type DynamicModule, Module } from '@nestjs/common'
import { Configuration, Log, Metrics } from '#libs/operations'
import { Draining } from './draining.js'
import { Readiness } from './readiness.js'
import { SystemController } from './system.controller.js'

/** The providers of every app, injectable everywhere: Configuration, Log, Metrics, Readiness, Draining. */
@Module({})
export class SystemModule {
  static with(configuration: Configuration, log: Log, metrics: Metrics): DynamicModule {
    const providers = [
      { provide: Configuration, useValue: configuration },
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
      exports: [Configuration, Log, Metrics, Readiness, Draining],
    }
  }
}
