import { formatInstant } from '#libs/contracts'
import { chain, emptyTail, type EventLog, type LogRecord, type PlacedEvent, type Tail } from '#libs/event-log'
import { readRecord, type ProjectedEvent } from '#libs/read-models'
import type { DeploymentBody, SentDeployment } from '../harness/load/deployments.js'
import { seededRandom, zipf } from '../harness/load/seeded.js'
import { decide } from '../raw/decision.js'

const GROUP = 1000
const TENANTS = 50

/** The events of a history, as the ledger appends them. Each application belongs to one of several tenants (distributed by Zipf's law). */
export class FilledLog {
  private constructor(private readonly events: PlacedEvent[]) {}

  /** Distributes a history over the first partitions, by application, as evenly as possible. */
  static of(bodies: DeploymentBody[], partitions: number): FilledLog {
    const sent = withTenants(bodies)
    const partitionOf = spread(sent, partitions)
    const tails = new Map<number, Tail>()
    const now = formatInstant(new Date())
    const events = sent.map(deployment => {
      const partition = partitionOf.get(deployment.body.application)!
      const chained = chain(decide(deployment, now).event, tails.get(partition) ?? emptyTail)
      tails.set(partition, chained.tail)
      return { ...chained.event, partition }
    })
    return new FilledLog(events)
  }

  get size(): number {
    return this.events.length
  }

  /** Events of each partition. */
  counts(): Map<number, number> {
    const counts = new Map<number, number>()
    for (const { partition } of this.events) counts.set(partition, (counts.get(partition) ?? 0) + 1)
    return counts
  }

  /** Creates a topic and appends all events. */
  async fill(log: EventLog): Promise<void> {
    await log.prepare()
    const appender = await log.openAppender()
    try {
      for (let first = 0; first < this.size; first += GROUP) {
        await appender.append(this.events.slice(first, first + GROUP))
      }
    } finally {
      await appender.close()
    }
  }

  /** All events in memory, decoded as the projector decodes them. */
  inMemory(): ProjectedEvent[] {
    return this.events.map((event, offset) => readRecord(recordOf(event, offset)))
  }
}

function withTenants(bodies: DeploymentBody[]): SentDeployment[] {
  const pick = zipf(TENANTS, seededRandom(5))
  const tenants = new Map<string, string>()
  for (const { application } of bodies) {
    if (!tenants.has(application)) tenants.set(application, `tenant-${pick()}`)
  }
  return bodies.map(body => ({ tenant: tenants.get(body.application)!, body }))
}

/** The application with the most deployments first, each into the partition that has the fewest. */
function spread(sent: SentDeployment[], partitions: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { body } of sent) counts.set(body.application, (counts.get(body.application) ?? 0) + 1)
  const load = Array.from({ length: partitions }, () => 0)
  const partitionOf = new Map<string, number>()
  for (const [application, count] of [...counts].toSorted(([, a], [, b]) => b - a)) {
    const partition = load.indexOf(Math.min(...load))
    load[partition]! += count
    partitionOf.set(application, partition)
  }
  return partitionOf
}

function recordOf({ partition, key, value, headers }: PlacedEvent, offset: number): LogRecord {
  const buffers = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const)
  return { partition, offset, key: Buffer.from(key), value: Buffer.from(value), headers: Object.fromEntries(buffers) }
}
