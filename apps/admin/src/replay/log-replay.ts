import { randomUUID } from 'node:crypto'
import type { EventLog } from '#libs/event-log'
import { LogConsumer, PartitionHalted, type LogPosition } from '#libs/log-consumer'
import {
  deployments,
  isEventError,
  projectBatches,
  readRecord,
  Statistics,
  type ProjectedEvent,
  type Rebuild,
} from '#libs/read-models'
import { logger } from '../process/output.js'

/** The log cannot be replayed up to the live read models; the message says why. */
export class ReplayFailed extends Error {
  override name = 'ReplayFailed'
}

type Positions = ReadonlyMap<number, LogPosition>

/** Events in one transaction at most, and transactions at the same time: three of these keep Postgres busy. */
const MAX_EVENTS = 2000
const TRANSACTIONS = 3

/** Replays the log into the next version of the read models: up to given positions, and no event further. */
export class LogReplay {
  private constructor(
    private readonly consumer: LogConsumer<ProjectedEvent>,
    private readonly signal: AbortSignal,
  ) {}

  /** Begins to read at the positions of the next version; once the signal aborts, nothing is applied any more. */
  static async start(eventLog: EventLog, rebuild: Rebuild, signal: AbortSignal): Promise<LogReplay> {
    const statistics = new Statistics()
    const { query } = rebuild.next
    const consumer = new LogConsumer<ProjectedEvent>({
      log: eventLog,
      group: `shiplog-rebuild-${randomUUID()}`,
      logger,
      bounded: true,
      maxEvents: MAX_EVENTS,
      transactions: TRANSACTIONS,
      positions: () => rebuild.nextPositions(),
      decode: readRecord,
      apply: steps => projectBatches(rebuild.next, deployments, steps),
      isEventError,
      onApplied: steps =>
        statistics.grown(
          query,
          steps.reduce((sum, { events }) => sum + events.length, 0),
        ),
    })
    await refuseShortLog(eventLog, await rebuild.livePositions())
    signal.throwIfAborted()
    await consumer.open()
    return new LogReplay(consumer, signal)
  }

  /** Events that are replayed. */
  get events(): number {
    return eventsIn([...this.consumer.states.values()].map(({ position }) => position))
  }

  /** Resolves when exactly these positions are reached. Throws ReplayFailed. */
  async until(target: Positions): Promise<void> {
    for (const [partition, { seq }] of target) {
      const at = this.consumer.states.get(partition)?.position.seq ?? 0
      if (at > seq) {
        throw new ReplayFailed(
          `partition ${partition} is replayed up to event ${at}, and the live read models are back at event ${seq}: ` +
            'use --anew to begin at the start of the log',
        )
      }
    }
    try {
      await this.consumer.until(target, this.signal)
    } catch (error) {
      throw error instanceof PartitionHalted ? new ReplayFailed(`the log cannot be replayed: ${error.message}`) : error
    }
  }

  /** Ends; the running transactions end first. */
  stop(): Promise<void> {
    return this.consumer.stop()
  }
}

/** The sum of positions. */
export function eventsIn(positions: { values(): Iterable<{ seq: number }> }): number {
  return [...positions.values()].reduce((sum, { seq }) => sum + seq, 0)
}

// The missing events would be waited for without an end.
async function refuseShortLog(eventLog: EventLog, live: Positions): Promise<void> {
  const ends = await eventLog.endOffsets()
  for (const [partition, { seq, nextOffset }] of live) {
    const end = ends.get(partition) ?? 0
    if (end >= nextOffset) continue
    throw new ReplayFailed(
      `the live read models reflect ${seq} events of partition ${partition}, up to offset ${nextOffset}, and the log ends at ${end}`,
    )
  }
}
