import { startHttpApp } from '#libs/http'
import { Log, readConfiguration, type Running } from '#libs/operations'
import { connectProjector } from '../../projector/src/projector.module.js'
import { StandaloneModule } from './standalone.module.js'

export interface Standalone extends Running {
  url: string
}

/**
 * Starts everything in this process, on one port, against the servers that the environment names. Throws
 * ConfigurationError where the environment is wrong. If the projector crashes for good the process ends with 1.
 */
export async function startStandalone(environment: NodeJS.ProcessEnv): Promise<Standalone> {
  const configuration = readConfiguration(environment)
  const log = Log.create({ app: 'standalone', level: configuration.logLevel })
  const { url, close } = await startHttpApp({
    module: StandaloneModule.register(),
    prepare: connectProjector,
    configuration,
    log,
  })
  return { url, log, drainTimeoutMs: configuration.drainTimeoutMs, close }
}
