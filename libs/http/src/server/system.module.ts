import { type DynamicModule, Module } from '@nestjs/common'
import { Settings, Logger, Metrics } from '#libs/operations'
import { Draining } from './draining.js'
import { Readiness } from './readiness.js'
import { RouteAccess } from '../endpoint/route-access.js'
import { SystemController } from './system.controller.js'

export interface SystemParts {
  settings: Settings
  log: Logger
  metrics: Metrics
  access: RouteAccess
}

/** The providers of every app, injectable everywhere: Settings, Logger, Metrics, RouteAccess, Readiness, Draining. */
@Module({})
export class SystemModule {
  static with({ settings, log, metrics, access }: SystemParts): DynamicModule {
    const providers = [
      { provide: Settings, useValue: settings },
      { provide: Logger, useValue: log },
      { provide: Metrics, useValue: metrics },
      { provide: RouteAccess, useValue: access },
      Readiness,
      Draining,
    ]
    return {
      module: SystemModule,
      global: true,
      controllers: [SystemController],
      providers,
      exports: [Settings, Logger, Metrics, RouteAccess, Readiness, Draining],
    }
  }
}
