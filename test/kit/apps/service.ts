import { AppProcess, type AppName } from './app-process.js'
import { HttpClient } from '../http/http-client.js'
import { brokers, createDatabase, freshTopicName, type TestDatabase } from '../servers/servers.js'

/** One app with a topic and a database that nobody else uses, on the servers that run for the tests. */
export interface Service {
  app: AppProcess
  http: HttpClient
  topic: string
  database: TestDatabase
  /** Stops the app and drops what it wrote; the topic stays until the servers go. */
  end(): Promise<void>
}

/** Starts one and waits until it can serve. */
export async function startService(name: AppName, more: Record<string, string> = {}): Promise<Service> {
  // A slow machine must not turn a 201 into a 202.
  const environment = { SHIPLOG_CONFIRM_TIMEOUT_MS: '30000', ...more }
  const database = await createDatabase(name)
  const topic = freshTopicName(name)
  const app = await AppProcess.ready(name, { brokers: brokers(), databaseUrl: database.url, topic, environment })
  const http = new HttpClient(app.url)
  return {
    app,
    http,
    topic,
    database,
    async end() {
      http.close()
      await app.stop()
      await database.drop()
    },
  }
}
