import { SettingsError, readSettings } from './settings.js'

const required = { DATABASE_URL: 'postgres://shiplog:secret@db:5432/shiplog', KAFKA_BROKERS: 'a:9092, b:9092' }

function problemsOf(environment: NodeJS.ProcessEnv): string[] {
  try {
    readSettings(environment)
    return []
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
}

describe('readSettings', () => {
  it('returns defaults for everything except the servers', () => {
    expect({ ...readSettings({ ...required, PORT: '', SHIPLOG_TOPIC: ' ' }) }).toEqual({
      port: 8888,
      host: '127.0.0.1',
      databaseUrl: required.DATABASE_URL,
      kafkaBrokers: ['a:9092', 'b:9092'],
      topic: 'shiplog.events.v1',
      registryUrl: undefined,
      logLevel: 'info',
      confirmTimeoutMs: 5000,
      drainTimeoutMs: 20_000,
      maxConnections: 2000,
      requestTimeoutMs: 30_000,
      importIdleTimeoutMs: 60_000,
      responseTimeoutMs: 60_000,
    })
  })

  it('returns the values that are set', () => {
    const settings = readSettings({
      ...required,
      PORT: '0',
      HOST: '::1',
      SHIPLOG_HOSTS: 'shiplog.example, [::1]:8080',
      SHIPLOG_TOPIC: 'other',
      SHIPLOG_REGISTRY_URL: 'http://localhost:5000',
      LOG_LEVEL: 'debug',
      SHIPLOG_CONFIRM_TIMEOUT_MS: '250',
    })
    expect(settings).toMatchObject({
      port: 0,
      host: '::1',
      hosts: ['shiplog.example', '[::1]:8080'],
      topic: 'other',
      registryUrl: 'http://localhost:5000',
      logLevel: 'debug',
      confirmTimeoutMs: 250,
    })
  })

  it('reports all missing variables at once, each with a remedy', () => {
    expect(problemsOf({})).toEqual([
      'DATABASE_URL is not set: set it to the PostgreSQL server, such as postgres://shiplog:password@localhost:5432/shiplog.',
      'KAFKA_BROKERS is not set: set it to the brokers of the cluster, such as localhost:9092.',
    ])
  })

  it.each([
    [
      'PORT',
      'http',
      'PORT must be a whole number from 0 to 65535, but is "http": set it to a free port, such as 8888.',
    ],
    [
      'PORT',
      '65536',
      'PORT must be a whole number from 0 to 65535, but is 65536: set it to a free port, such as 8888.',
    ],
    ['HOST', 'a b', expect.stringMatching(/^HOST must be an IP address or a host name, but is "a b": /)],
    ['SHIPLOG_HOSTS', 'https://a.example', expect.stringMatching(/^SHIPLOG_HOSTS must be a comma-separated list of /)],
    ['SHIPLOG_HOSTS', 'a.example,', expect.stringMatching(/^SHIPLOG_HOSTS must be /)],
    ['KAFKA_BROKERS', 'localhost', expect.stringMatching(/^KAFKA_BROKERS must be a comma-separated list of host:port/)],
    ['KAFKA_BROKERS', 'a:1,,b:2', expect.stringMatching(/^KAFKA_BROKERS must be /)],
    ['SHIPLOG_TOPIC', 'a/b', expect.stringMatching(/^SHIPLOG_TOPIC must be /)],
    ['LOG_LEVEL', 'verbose', expect.stringMatching(/^LOG_LEVEL must be one of fatal, error, warn, info/)],
    ['SHIPLOG_CONFIRM_TIMEOUT_MS', '5s', expect.stringMatching(/^SHIPLOG_CONFIRM_TIMEOUT_MS must be .* but is "5s": /)],
    ['SHIPLOG_MAX_CONNECTIONS', '0', expect.stringMatching(/^SHIPLOG_MAX_CONNECTIONS must be .* but is 0: /)],
    ['SHIPLOG_REQUEST_TIMEOUT_MS', '600001', expect.stringMatching(/^SHIPLOG_REQUEST_TIMEOUT_MS must be /)],
    ['SHIPLOG_IMPORT_IDLE_TIMEOUT_MS', '-1', expect.stringMatching(/^SHIPLOG_IMPORT_IDLE_TIMEOUT_MS must be /)],
    ['SHIPLOG_RESPONSE_TIMEOUT_MS', 'never', expect.stringMatching(/^SHIPLOG_RESPONSE_TIMEOUT_MS must be /)],
    ['SHIPLOG_DRAIN_TIMEOUT_MS', '0', expect.stringMatching(/^SHIPLOG_DRAIN_TIMEOUT_MS must be /)],
  ])('rejects %s=%s with one sentence', (variable, value, sentence) => {
    expect(problemsOf({ ...required, [variable]: value })).toEqual([sentence])
  })

  it.each([
    ['DATABASE_URL', 'mysql://root:secret@db/shiplog'],
    ['SHIPLOG_REGISTRY_URL', 'ftp://user:secret@registry'],
  ])('does not show the value of %s, which may contain a password', (variable, value) => {
    const [problem] = problemsOf({ ...required, [variable]: value })
    expect(problem).toMatch(new RegExp(`^${variable} must `))
    expect(problem).not.toContain('secret')
  })
})
