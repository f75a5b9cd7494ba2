import { startHttpApp } from '#libs/http'
import { Logger, readSettings, type ProcessHandle } from '#libs/operations'
import { connectProjector } from '../../projector/src/projector.module.js'
import { StandaloneModule } from './standalone.module.js'

export interface Standalone extends ProcessHandle {
  url: string
}

/**
 * Starts all apps in this process, on one port, with the servers that the environment names. Throws SettingsError for invalid
 * settings. If the projector fails permanently, the process exits with 1.
 */
export async function startStandalone(environment: NodeJS.ProcessEnv): Promise<Standalone> {
  const settings = readSettings(environment)
  const log = Logger.create({ app: 'standalone', level: settings.logLevel })
  const { url, close } = await startHttpApp({
    module: StandaloneModule.register(),
    prepare: connectProjector,
    settings,
    log,
  })
  return { url, log, drainTimeoutMs: settings.drainTimeoutMs, close }
}
