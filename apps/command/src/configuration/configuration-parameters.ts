import { configurationKey, environmentName } from '#libs/contracts'
import { BooleanParameter, NamePath } from '#libs/http'

export const environmentsPath = 'api/v1/config/environments/:environment'

/** Parameter: the environment of the path. */
export const EnvironmentPath = (): ParameterDecorator =>
  NamePath('environment', 'The environment; aliases of the pipeline resolve.', environmentName)

/** Parameter: the key of the path; `/` in it is `%2F`. */
export const KeyPath = (): ParameterDecorator => NamePath('key', 'The key; `/` in it is `%2F`.', configurationKey)

/** How a file is taken. */
export class FileQuery {
  @BooleanParameter({ default: false, description: 'Answers what the file would change, and does nothing.' })
  dryRun = false

  @BooleanParameter({ default: false, description: 'Nested maps are parts of keys, joined by dots.' })
  flatten = false
}
