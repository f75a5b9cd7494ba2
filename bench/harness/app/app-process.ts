import { createWriteStream, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { until } from '#dev'
import { type Child, spawnNode } from '../system/child.js'
import { project } from '../system/project.js'
import type { Servers } from '../system/servers.js'

/** Database, topic and further environment of an app. */
export interface AppSettings {
  databaseUrl: string
  topic: string
  environment?: Record<string, string>
  /** Called with its process id as soon as it runs, before it is ready. */
  onSpawn?(pid: number): void
}

/** An app of `apps/` in its own process on a free port, with default settings. */
export class AppProcess<Name extends string = string> {
  private constructor(
    readonly name: Name,
    readonly url: string,
    private readonly child: Child,
    private readonly logFile: string,
  ) {}

  /** Resolves when it is ready. @throws Error with the end of its log */
  static async start<Name extends string>(
    servers: Servers,
    name: Name,
    { databaseUrl, topic, environment, onSpawn }: AppSettings,
  ): Promise<AppProcess<Name>> {
    const port = await freePort()
    const child = spawnNode(join(project, 'dist', 'apps', name, 'src', 'main.js'), [], {
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: servers.brokers,
      SHIPLOG_TOPIC: topic,
      NODE_ENV: 'production',
      ...environment,
    })
    onSpawn?.(child.pid)
    const logFile = join(servers.data, `${name}-${child.pid}.log`)
    const log = createWriteStream(logFile)
    child.process.stdout!.pipe(log)
    child.process.stderr!.pipe(log)
    const app = new AppProcess(name, `http://127.0.0.1:${port}`, child, logFile)
    const isReady = () =>
      fetch(`${app.url}/readyz`).then(
        ({ ok }) => ok,
        () => !child.running,
      )
    await until(isReady, `${name} to be ready`, { within: 60_000 })
    if (!child.running) throw new Error(await app.death())
    return app
  }

  get pid(): number {
    return this.child.pid
  }

  /** Resolves when the process has ended, with its exit status and the end of its log. */
  async death(): Promise<string> {
    return `${this.name} ${await this.child.ended}:\n${readFileSync(this.logFile, 'utf8').slice(-4000)}`
  }

  /** Its log lines so far. */
  logged(): string[] {
    return readFileSync(this.logFile, 'utf8').split('\n').filter(Boolean)
  }

  async stop(): Promise<void> {
    await this.child.stop()
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise(resolve => probe.close(resolve))
  return port
}
