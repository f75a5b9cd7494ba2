import {
  configurationChangeExamples,
  configurationChangeSchema,
  configurationExamples,
  configurationSchema,
  configurationsSchema,
  flagChangeSchema,
  flagSchema,
} from '#libs/api'
import { configurationKey } from '#libs/contracts'
import { NamePath, TextPath } from '#libs/http'

/** Path of an environment. */
export const environmentsPath = 'api/v1/config/environments/:environment'

export const EnvironmentPath = (): ParameterDecorator =>
  TextPath('environment', 'Name or alias of the environment; case and surrounding spaces are ignored.', 64)
export const KeyPath = (): ParameterDecorator => NamePath('key', 'The key. Encode `/` as `%2F`.', configurationKey)

const { configuration, secret, flag } = configurationExamples
const { history, flagHistory } = configurationChangeExamples

/** Example responses. */
export const examples = {
  configuration,
  configurations: [configuration, secret],
  file: { 'query.timeout': '180s', 'query.limit': 500 },
  flag,
  flags: [flag],
  history,
  flagHistory,
}

const file = (description: string, example: string) => ({ schema: { type: 'string', description }, example })
const yaml = file('A YAML file with the values by key.', 'query.limit: 500\nquery.timeout: 180s\n')
const properties = file('A `.properties` file with the values by key.', 'query.limit = 500\nquery.timeout = 180s\n')

/** Forms of the list: a page or all values as JSON, and the other formats of files with each media type that `Accept` may name. */
export const listContent = {
  'application/json': {
    schema: configurationsSchema,
    examples: {
      'a page': { value: examples.configurations },
      'with export=true': { value: examples.file },
    },
  },
  'application/yaml': yaml,
  'application/x-yaml': yaml,
  'text/yaml': yaml,
  'text/x-yaml': yaml,
  'text/x-java-properties': properties,
  'text/plain': properties,
}

/** Problems by kind of operation. */
export const problems = {
  one: { 404: 'The environment has no such key.' },
}

/** Schemas of the responses. */
export const schemas = {
  configuration: configurationSchema,
  flag: flagSchema,
  flags: { type: 'array', items: flagSchema },
  history: { type: 'array', items: configurationChangeSchema },
  flagHistory: { type: 'array', items: flagChangeSchema },
}
