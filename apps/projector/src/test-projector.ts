import { startHttpApp, type RunningHttpApp } from '#libs/http'
import { Log, readConfiguration } from '#libs/operations'
import { readPositions, type ProjectedPosition, type ReadModels } from '#libs/read-models'
import { connectProjector, ProjectorModule, type ProjectorOptions } from './projector.module.js'

export interface TestProjector extends RunningHttpApp {
  /** Log lines, parsed. */
  logged: { level: string; message: string; [field: string]: unknown }[]
  readyz(): Promise<{ status: number; json: { parts?: Record<string, { ok: boolean; detail?: string }> } }>
  metric(name: string, labels: string): Promise<number | undefined>
}

/** A projector app of its own, on a free port; for tests. */
export async function startProjector(
  servers: { databaseUrl: string; brokers: string[]; topic: string },
  options: ProjectorOptions = {},
): Promise<TestProjector> {
  const configuration = readConfiguration({
    PORT: '0',
    DATABASE_URL: servers.databaseUrl,
    KAFKA_BROKERS: servers.brokers.join(','),
    SHIPLOG_TOPIC: servers.topic,
  })
  const logged: TestProjector['logged'] = []
  const destination = { write: (line: string) => void logged.push(JSON.parse(line) as TestProjector['logged'][number]) }
  const log = Log.create({ app: 'projector', level: 'info', destination })
  const module = ProjectorModule.register(options)
  const running = await startHttpApp({ module, configuration, log, prepare: connectProjector })
  return {
    ...running,
    logged,
    async readyz() {
      const response = await fetch(`${running.url}/readyz`)
      return { status: response.status, json: (await response.json()) as object }
    },
    async metric(name, labels) {
      const text = await (await fetch(`${running.url}/metrics`)).text()
      const line = text.split('\n').find(line => line.startsWith(`${name}${labels} `))
      return line === undefined ? undefined : Number(line.split(' ').at(-1))
    },
  }
}

/** Where the deployments projection stands in a partition. */
export async function positionIn(readModels: ReadModels, partition: number): Promise<ProjectedPosition | undefined> {
  return (await readPositions(readModels.query, 'deployments')).get(partition)
}
