import { startHttpApp, type HttpAppHandle } from '#libs/http'
import { Logger, readSettings } from '#libs/operations'
import { expectDocumented } from '../http/response-check.js'
import { QueryModule } from '../../../apps/query/src/query.module.js'

export interface QueryResponse {
  status: number
  headers: Headers
  text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any form
  json: any
}

export interface TestQueryApp extends HttpAppHandle {
  get(path: string, headers?: Record<string, string>): Promise<QueryResponse>
}

export { deploymentsPath } from '../http/http-client.js'

/** A query app of its own, on a free port; for tests. */
export async function startQueryApp(
  servers: { databaseUrl: string; brokers: string[]; topic: string },
  environment: NodeJS.ProcessEnv = {},
): Promise<TestQueryApp> {
  const settings = readSettings({
    PORT: '0',
    DATABASE_URL: servers.databaseUrl,
    KAFKA_BROKERS: servers.brokers.join(','),
    SHIPLOG_TOPIC: servers.topic,
    ...environment,
  })
  const log = Logger.create({ app: 'query', level: 'silent' })
  const handle = await startHttpApp({ module: QueryModule, settings, log })
  return {
    ...handle,
    async get(path, headers = {}) {
      const response = await fetch(`${handle.url}${path}`, { headers })
      const text = await response.text()
      const contentType = response.headers.get('content-type') ?? undefined
      expectDocumented({ method: 'GET', path, status: response.status, contentType, text })
      const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '')
      return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
    },
  }
}
