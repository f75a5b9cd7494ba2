import { randomUUID } from 'node:crypto'
import { type Settings, Logger, readSettings } from '#libs/operations'
import { type HttpAppHandle, startHttpApp } from '#libs/http'
import { CommandModule } from '../../../apps/command/src/command.module.js'
import { deploymentsPath } from '../http/http-client.js'
import { expectDocumented } from '../http/response-check.js'

export interface TestCommandApp extends HttpAppHandle {
  settings: Settings
  /** The app's log lines. */
  logged: string[]
  /** A client of a new tenant. */
  tenant(headers?: Record<string, string>): TestTenant
  /** A client of a new tenant that sends anything. */
  client(headers?: Record<string, string>): TestClient
}

/** Sends to a path below `/api/v1`; a body that is a text goes as it is. */
export type TestClient = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<TestAnswer>

export interface TestAnswer {
  status: number
  headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any form
  json: Record<string, any>
}

/** Posts to a path below `/deployments`; a body that is a text goes as it is. */
export type TestTenant = (path: string, body?: unknown, headers?: Record<string, string>) => Promise<TestAnswer>

/** Source 000, field by field. */
export const seed = {
  imageTag: 'v2.1.0-abc1234',
  gitCommit: 'abc1234',
  gitBranch: 'main',
  environment: 'dev',
  status: 'DEPLOYED',
  deployedAt: '2026-02-12T10:00:00Z',
  completedAt: '2026-02-12T10:05:00Z',
}

/** The parts of the kit that it uses; a replica is given other ones. */
interface TestStack {
  createDatabase(name: string): Promise<{ url: string; drop(): Promise<void> }>
  brokers(): string[]
  freshTopicName(prefix: string): string
  until(condition: () => Promise<boolean>, what: string): Promise<unknown>
}

/** A command app of its own, on a fresh topic and database and a free port; for tests. */
export async function startCommandApp(
  { createDatabase, brokers, freshTopicName, until }: TestStack,
  environment: NodeJS.ProcessEnv = {},
): Promise<TestCommandApp> {
  const database = await createDatabase('command')
  const settings = readSettings({
    PORT: '0',
    DATABASE_URL: database.url,
    KAFKA_BROKERS: brokers().join(','),
    SHIPLOG_TOPIC: freshTopicName('command'),
    // A slow machine must not turn a 201 into a 202.
    SHIPLOG_CONFIRM_TIMEOUT_MS: '30000',
    ...environment,
  })
  const logged: string[] = []
  const log = Logger.create({ app: 'command', level: 'debug', destination: { write: line => void logged.push(line) } })
  const running = await startHttpApp({ module: CommandModule, settings, log })
  await until(async () => (await fetch(`${running.url}/readyz`)).ok, 'the command app is ready')
  const close = async () => {
    await running.close()
    await database.drop()
  }
  return {
    ...running,
    settings,
    logged,
    close,
    tenant: headers => clientOf(running.url, headers),
    client: headers => anyClientOf(running.url, headers),
  }
}

/** Another replica of an app: same database, same topic. */
export function startReplica(stack: TestStack, { settings }: TestCommandApp, environment: NodeJS.ProcessEnv = {}) {
  const database = { url: settings.databaseUrl, drop: async () => undefined }
  return startCommandApp(
    { ...stack, createDatabase: async () => database, freshTopicName: () => settings.topic },
    environment,
  )
}

function anyClientOf(url: string, headers: Record<string, string> = {}): TestClient {
  const common = { 'X-Tenant-ID': randomUUID(), ...headers }
  return async (method, path, body, more = {}) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { ...common, ...(body !== undefined && { 'Content-Type': 'application/json' }), ...more },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return toAnswer(method, `/api/v1${path}`, response)
  }
}

function clientOf(url: string, headers: Record<string, string> = {}): TestTenant {
  const common = { 'X-Tenant-ID': randomUUID(), ...headers }
  return async (path, body, more = {}) => {
    const response = await fetch(`${url}${deploymentsPath}${path}`, {
      method: 'POST',
      headers: { ...common, ...(body !== undefined && { 'Content-Type': 'application/json' }), ...more },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return toAnswer('POST', `${deploymentsPath}${path}`, response)
  }
}

async function toAnswer(method: string, path: string, response: Response): Promise<TestAnswer> {
  const { status, headers } = response
  const text = await response.text()
  expectDocumented({ method, path, status, contentType: headers.get('content-type') ?? undefined, text })
  return { status, headers, json: text === '' ? {} : JSON.parse(text) }
}
