import { configurationKey, environmentName } from '#libs/contracts'
import { BooleanParameter, NamePath } from '#libs/http'

export const environmentsPath = 'api/v1/config/environments/:environment'

export const EnvironmentPath = (): ParameterDecorator =>
  NamePath('environment', 'Name of the environment, or an alias of the pipeline.', environmentName)

export const KeyPath = (): ParameterDecorator =>
  NamePath('key', 'Key, percent-encoded (`/` as `%2F`).', configurationKey)

/** Options of reading a file. */
export class FileQuery {
  @BooleanParameter({
    default: false,
    description: 'Return the changes that the file would make, without making them.',
  })
  dryRun = false

  @BooleanParameter({ default: false, description: 'Join the names of nested maps with dots to form keys.' })
  flatten = false
}
