import { deployments, projectBatch, readRecord, type ReadModels } from '#libs/read-models'
import type { eventsOfCommands } from './shape-log.js'

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
