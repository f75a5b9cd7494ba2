import { startHttpApp, type HttpAppHandle } from '#libs/http'
import { Logger, readSettings } from '#libs/operations'
import {
  historyPage,
  MODELS,
  modelTables,
  ReadModels,
  readPositions,
  type ProjectedPosition,
  type Projection,
} from '#libs/read-models'
import { connectProjector, ProjectorModule } from '../../../apps/projector/src/projector.module.js'

/** The parts of the kit that it uses. */
interface TestStack {
  createDatabase(name: string): Promise<{ url: string; drop(): Promise<void> }>
  brokers(): string[]
  until(condition: () => Promise<boolean>, what: string, bounds?: { within: number }): Promise<unknown>
}

export interface TestProjector extends HttpAppHandle {
  /** Messages of its log lines. */
  logged: string[]
  readyz(): Promise<{ status: number; parts: Record<string, { ok: boolean; detail?: string }> }>
  metric(name: string, labels: string): Promise<number | undefined>
}

const quiet = { info: () => undefined, warn: () => undefined }

/** Projectors of one topic into a database of their own, and what they have made of it. */
export class Projecting {
  private readonly projectors = new Set<TestProjector>()

  private constructor(
    private readonly stack: TestStack,
    readonly database: { url: string; drop(): Promise<void> },
    readonly readModels: ReadModels,
    private readonly topic: string,
  ) {}

  static async start(stack: TestStack, topic: string): Promise<Projecting> {
    const database = await stack.createDatabase('projector')
    const readModels = new ReadModels({
      databaseUrl: database.url,
      applicationName: 'test',
      access: 'project',
      logger: quiet,
    })
    await readModels.open()
    return new Projecting(stack, database, readModels, topic)
  }

  async end(): Promise<void> {
    await Promise.all([...this.projectors].map(projector => this.stop(projector)))
    await this.readModels.close()
    await this.database.drop()
  }

  /** Starts a projector app on a free port. */
  async project({
    group,
    databaseUrl = this.database.url,
    projection,
  }: { group?: string; databaseUrl?: string; projection?: Projection } = {}): Promise<TestProjector> {
    const settings = readSettings({
      PORT: '0',
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: this.stack.brokers().join(','),
      SHIPLOG_TOPIC: this.topic,
    })
    const logged: string[] = []
    const write = (line: string) => void logged.push((JSON.parse(line) as { message: string }).message)
    const log = Logger.create({ app: 'projector', level: 'info', destination: { write } })
    const module = ProjectorModule.register({
      ...(group !== undefined && { group }),
      ...(projection && { projection }),
    })
    const running = await startHttpApp({ module, settings, log, prepare: connectProjector })
    const projector = { ...running, logged, ...watching(running.url) }
    this.projectors.add(projector)
    return projector
  }

  async stop(projector: TestProjector): Promise<void> {
    this.projectors.delete(projector)
    await projector.close()
  }

  /** Waits until the read models reflect these positions. */
  async reach(positions: ReadonlyMap<number, number>): Promise<void> {
    for (const [partition, seq] of positions) {
      const there = async () => ((await this.position(partition))?.seq ?? 0) >= seq
      await this.stack.until(there, `position ${partition}:${seq}`, { within: 20_000 })
    }
  }

  /** Waits until /readyz is as it is wanted. */
  async ready(projector: TestProjector, wanted = true): Promise<void> {
    const as = async () => (await projector.readyz()).parts['projector']?.ok === wanted
    await this.stack.until(as, `the projector to be ${wanted ? '' : 'not '}ready`)
  }

  async position(partition: number): Promise<ProjectedPosition | undefined> {
    return (await readPositions(this.readModels.query, 'deployments')).get(partition)
  }

  /** Tags of an application of the tenant `acme`, oldest first. */
  async tags(application: string): Promise<string[]> {
    const { query } = this.readModels
    const { body } = await historyPage(query, { tenant: 'acme', filters: { application }, limit: 500 })
    return (JSON.parse(body.json) as { imageTag: string }[]).map(({ imageTag }) => imageTag).toReversed()
  }

  async parked(): Promise<{ partition: number; seq: string | null; type: string; reason: string }[]> {
    return this.readModels.query({ text: 'SELECT partition, seq, type, reason FROM read_v1.parked_event', values: [] })
  }

  /** Waits until an event is parked. */
  async untilParked(): Promise<void> {
    await this.stack.until(async () => (await this.parked()).length > 0, 'an event to be parked')
  }

  async counts(): Promise<{ events: number; rows: number }> {
    const [counts] = await this.readModels.query<{ events: number; rows: number }>({
      text: `SELECT (SELECT count(*)::int FROM read_v1.deployment_event) AS events,
        (SELECT count(*)::int FROM read_v1.deployment_history) AS rows`,
      values: [],
    })
    return counts!
  }

  /** Puts the read models back to where they began, as a restored backup would. */
  async forget(): Promise<void> {
    const { query } = this.readModels
    const tables = modelTables(MODELS).map(({ table }) => `read_v1.${table}`)
    await query({ text: `TRUNCATE ${tables.join(', ')}`, values: [] })
    await query({ text: 'UPDATE read_v1.projection_position SET seq = 0, next_offset = 0', values: [] })
  }
}

function watching(url: string): Pick<TestProjector, 'readyz' | 'metric'> {
  return {
    async readyz() {
      const response = await fetch(`${url}/readyz`)
      const { parts } = (await response.json()) as Awaited<ReturnType<TestProjector['readyz']>>
      return { status: response.status, parts }
    },
    async metric(name, labels) {
      const text = await (await fetch(`${url}/metrics`)).text()
      const line = text.split('\n').find(one => one.startsWith(`${name}${labels} `))
      return line === undefined ? undefined : Number(line.split(' ').at(-1))
    },
  }
}
