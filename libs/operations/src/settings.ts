import {
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  Matches,
  Max,
  Min,
  validateSync,
  type ValidationArguments,
} from 'class-validator'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** The error message for a variable. `showValue: false` omits the value, which may contain a password. */
const messageOf = (variable: string, must: string, remedy: string, { showValue = true } = {}) => ({
  message: ({ value }: ValidationArguments) =>
    value === undefined
      ? `${variable} is not set: set it to ${remedy}.`
      : `${variable} ${must}${showValue ? `, but is ${JSON.stringify(value)}` : ''}: set it to ${remedy}.`,
})

const port = messageOf('PORT', 'must be a whole number from 0 to 65535', 'a free port, such as 8888')
const host = messageOf('HOST', 'must be an IP address or a host name', 'the address to listen on, such as 127.0.0.1')
const hosts = messageOf(
  'SHIPLOG_HOSTS',
  'must be a comma-separated list of host names or addresses, each with or without a port',
  'the host names of this service, such as shiplog.example.com',
)
const databaseUrl = messageOf(
  'DATABASE_URL',
  'must begin with postgres:// or postgresql:// and name a host and a database',
  'the PostgreSQL server, such as postgres://shiplog:password@localhost:5432/shiplog',
  { showValue: false },
)
const brokers = messageOf(
  'KAFKA_BROKERS',
  'must be a comma-separated list of host:port',
  'the brokers of the cluster, such as localhost:9092',
)
const topic = messageOf(
  'SHIPLOG_TOPIC',
  'must be 1 to 249 letters, digits, dots, underscores or hyphens',
  'the name of a Kafka topic, such as shiplog.events.v1',
)
const registry = messageOf(
  'SHIPLOG_REGISTRY_URL',
  'must begin with http:// or https:// and name a host',
  'the base URL of the image registry, such as https://registry.example.com',
  { showValue: false },
)
const KEY = /^[A-Za-z0-9+/]{43}=$/
const secretsKey = messageOf(
  'SHIPLOG_SECRETS_KEY',
  'must be 32 bytes in base64',
  'a random key, such as the output of `openssl rand -base64 32`',
  { showValue: false },
)
const oldSecretsKeys = messageOf(
  'SHIPLOG_SECRETS_OLD_KEYS',
  'must be a comma-separated list of keys of 32 bytes in base64',
  'the previous values of SHIPLOG_SECRETS_KEY, oldest last',
  { showValue: false },
)
const level = messageOf('LOG_LEVEL', `must be one of ${logLevels.join(', ')}`, 'one of these, such as info')
const milliseconds = (variable: string, example: number) =>
  messageOf(variable, 'must be a whole number of milliseconds from 1 to 600000', `a duration, such as ${example}`)
const confirmTimeout = milliseconds('SHIPLOG_CONFIRM_TIMEOUT_MS', 5000)
const drainTimeout = milliseconds('SHIPLOG_DRAIN_TIMEOUT_MS', 20_000)
const requestTimeout = milliseconds('SHIPLOG_REQUEST_TIMEOUT_MS', 30_000)
const importIdleTimeout = milliseconds('SHIPLOG_IMPORT_IDLE_TIMEOUT_MS', 60_000)
const responseTimeout = milliseconds('SHIPLOG_RESPONSE_TIMEOUT_MS', 60_000)
const connections = messageOf(
  'SHIPLOG_MAX_CONNECTIONS',
  'must be a whole number from 1 to 1000000',
  'the maximum number of connections, such as 2000',
)

/** Settings of a process, read from the environment and validated before anything is opened. */
export class Settings {
  @IsInt(port)
  @Min(0, port)
  @Max(65_535, port)
  port: number

  @Matches(/^[A-Za-z0-9.:_-]{1,253}$/, host)
  host: string

  /** Further names, `host` or `host:port`, under which clients reach the service, such as those of a proxy. */
  @IsOptional()
  @Matches(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)(:\d{1,5})?$/, { ...hosts, each: true })
  hosts?: string[]

  @Matches(/^postgres(ql)?:\/\/[^/\s]+\/[^/\s]+$/, databaseUrl)
  databaseUrl: string

  @IsArray(brokers)
  @Matches(/^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}$/, { ...brokers, each: true })
  kafkaBrokers: string[]

  @Matches(/^[A-Za-z0-9._-]{1,249}$/, topic)
  topic: string

  @IsOptional()
  @Matches(/^https?:\/\/[^/\s]+/, registry)
  registryUrl?: string

  /** Encrypts secrets; without it they are refused. */
  @IsOptional()
  @Matches(KEY, secretsKey)
  secretsKey?: string

  /** Previous keys, oldest last; decrypt what they encrypted. */
  @IsOptional()
  @Matches(KEY, { ...oldSecretsKeys, each: true })
  oldSecretsKeys?: string[]

  @IsIn(logLevels, level)
  logLevel: LogLevel

  /** Time a write waits for its confirmation from the log before it responds with 202. */
  @IsInt(confirmTimeout)
  @Min(1, confirmTimeout)
  @Max(600_000, confirmTimeout)
  confirmTimeoutMs: number

  /** Time for work in progress to finish once the process was asked to stop. */
  @IsInt(drainTimeout)
  @Min(1, drainTimeout)
  @Max(600_000, drainTimeout)
  drainTimeoutMs: number

  /** Client connections at most. */
  @IsInt(connections)
  @Min(1, connections)
  @Max(1_000_000, connections)
  maxConnections: number

  /** Time for the head of a request to arrive, and again for a body that is read as a whole. */
  @IsInt(requestTimeout)
  @Min(1, requestTimeout)
  @Max(600_000, requestTimeout)
  requestTimeoutMs: number

  /** Time an import waits for the next bytes of its body. */
  @IsInt(importIdleTimeout)
  @Min(1, importIdleTimeout)
  @Max(600_000, importIdleTimeout)
  importIdleTimeoutMs: number

  /** Time for a client to read a response, or the sent part of a streamed one. */
  @IsInt(responseTimeout)
  @Min(1, responseTimeout)
  @Max(600_000, responseTimeout)
  responseTimeoutMs: number
}

/** Invalid settings: a sentence for each environment variable. */
export class SettingsError extends Error {
  override name = 'SettingsError'

  constructor(readonly problems: string[]) {
    super(problems.join('\n'))
  }
}

/**
 * Reads the settings from environment variables; an empty variable counts as not set. Throws SettingsError with all
 * invalid ones.
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const read = (name: string) => environment[name]?.trim() || undefined
  const list = (name: string) =>
    read(name)
      ?.split(',')
      .map(part => part.trim())
  const count = (name: string, otherwise: number) => {
    const text = read(name)
    if (text === undefined) return otherwise
    // Any other text is kept, so that the message can show it.
    return /^\d{1,9}$/.test(text) ? Number(text) : (text as unknown as number)
  }
  const settings = Object.assign(new Settings(), {
    port: count('PORT', 8888),
    host: read('HOST') ?? '127.0.0.1',
    hosts: list('SHIPLOG_HOSTS'),
    databaseUrl: read('DATABASE_URL'),
    kafkaBrokers: list('KAFKA_BROKERS'),
    topic: read('SHIPLOG_TOPIC') ?? 'shiplog.events.v1',
    registryUrl: read('SHIPLOG_REGISTRY_URL'),
    secretsKey: read('SHIPLOG_SECRETS_KEY'),
    oldSecretsKeys: list('SHIPLOG_SECRETS_OLD_KEYS'),
    logLevel: read('LOG_LEVEL') ?? 'info',
    confirmTimeoutMs: count('SHIPLOG_CONFIRM_TIMEOUT_MS', 5000),
    drainTimeoutMs: count('SHIPLOG_DRAIN_TIMEOUT_MS', 20_000),
    maxConnections: count('SHIPLOG_MAX_CONNECTIONS', 2000),
    requestTimeoutMs: count('SHIPLOG_REQUEST_TIMEOUT_MS', 30_000),
    importIdleTimeoutMs: count('SHIPLOG_IMPORT_IDLE_TIMEOUT_MS', 60_000),
    responseTimeoutMs: count('SHIPLOG_RESPONSE_TIMEOUT_MS', 60_000),
  })
  const errors = validateSync(settings, { stopAtFirstError: true })
  if (errors.length > 0) throw new SettingsError(errors.flatMap(({ constraints }) => Object.values(constraints ?? {})))
  return settings
}
