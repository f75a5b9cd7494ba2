import {
  deployments,
  MODELS,
  modelTables,
  preparePositions,
  projectBatch,
  readRecord,
  ReadModels,
} from '#libs/read-models'
import { createDatabase } from '../../kit/index.js'
import type { eventsOfCommands } from './shape-log.js'

const PARTITIONS = 12

/** Read models in a database of their own, into which one shape after the other is projected: to make a database takes longer. */
export class ShapeModels {
  private constructor(
    readonly databaseUrl: string,
    readonly readModels: ReadModels,
    readonly end: () => Promise<void>,
  ) {}

  static async start(): Promise<ShapeModels> {
    const { url, drop } = await createDatabase('shapes')
    // One connection, so that pg_stat_force_next_flush() reports all that was counted.
    const readModels = new ReadModels({
      databaseUrl: url,
      applicationName: 'test',
      access: 'project',
      logger: { info() {}, warn() {} },
      poolSize: 1,
    })
    await readModels.open()
    await preparePositions(readModels.query, deployments.name, PARTITIONS)
    return new ShapeModels(url, readModels, async () => {
      await readModels.close()
      await drop()
    })
  }

  /** Leaves empty tables and indexes. */
  async empty(): Promise<void> {
    const { query } = this.readModels
    await query({
      text: `TRUNCATE ${modelTables(MODELS)
        .map(({ table }) => table)
        .join(', ')}`,
      values: [],
    })
    await query({ text: 'UPDATE projection_position SET seq = 0, next_offset = 0', values: [] })
  }
}

type PlacedEvent = ReturnType<typeof eventsOfCommands>[number]

/** Projects the events of a shape into empty read models, partition by partition. @param atOnce events of a batch */
export async function projectShape(readModels: ReadModels, all: readonly PlacedEvent[], atOnce: number): Promise<void> {
  for (const partition of new Set(all.map(event => event.partition))) {
    const events = all.filter(event => event.partition === partition).map(readPlaced)
    for (let seq = 0; seq < events.length; seq += atOnce) {
      const batch = events.slice(seq, seq + atOnce)
      const [from, to] = [seq, seq + batch.length].map(end => ({ seq: end, nextOffset: end }))
      await projectBatch(readModels, deployments, partition, { from: from!, events: batch, to: to! })
    }
  }
}

function readPlaced({ partition, key, value, headers }: PlacedEvent) {
  const buffers = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const)
  return readRecord({
    partition,
    key: Buffer.from(key),
    value: Buffer.from(value),
    headers: Object.fromEntries(buffers),
  })
}
