import { randomUUID } from 'node:crypto'
import { PARTITIONS, type EventLog, type LogBatch, type LogReader, type LogRecord } from '#libs/event-log'
import {
  deployments,
  endOf,
  isFaultOfEvent,
  pauseFor,
  projectBatch,
  readChunk,
  Statistics,
  type Chunk,
  type ProjectedPosition,
  type Rebuild,
} from '#libs/read-models'
import { report } from '../process/output.js'

/** The log cannot be folded to where the live read models are; the message says why. */
export class ReplayFailed extends Error {
  override name = 'ReplayFailed'
}

type Positions = ReadonlyMap<number, ProjectedPosition>

/** Events in one transaction at most. */
const BATCH = 2000
/** Transactions at a time, each of another partition. */
const WORKERS = 3
/** Records of a partition that wait in memory: at more of them reading pauses, at fewer it goes on. */
const HIGH = 4000
const LOW = 2000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

/**
 * Folds the log into the next version of the read models: to the positions that it is told, and not an event further. It reads ahead
 * meanwhile, so that the last events before a comparison are in memory when the live ones wait for them.
 */
export class LogReplay {
  private readonly queues = new Map<number, LogRecord[]>()
  private readonly halted = new Set<number>()
  private readonly busy = new Set<number>()
  private readonly statistics = new Statistics()
  private readonly stopping = new AbortController()
  private target: Positions = new Map()
  private working = 0
  private idle?: () => void
  private reader?: LogReader
  private waiting?: { resolve(): void; reject(error: Error): void }
  private failure?: Error

  private constructor(
    private readonly rebuild: Rebuild,
    private readonly positions: Map<number, ProjectedPosition>,
  ) {}

  /** Begins to read where the next version stands; ends, as a failure, when the signal aborts. */
  static async start(eventLog: EventLog, rebuild: Rebuild, signal: AbortSignal): Promise<LogReplay> {
    const replay = new LogReplay(rebuild, await rebuild.nextPositions())
    await refuseShortLog(eventLog, await rebuild.livePositions())
    signal.throwIfAborted()
    signal.addEventListener('abort', () => replay.fail(signal.reason as Error), { once: true })
    replay.reader = await eventLog.read({
      group: `shiplog-rebuild-${randomUUID()}`,
      from: partition => replay.positions.get(partition)?.nextOffset ?? 0,
      concurrency: PARTITIONS,
      onBatch: batch => replay.take(batch),
      onCrash: error => replay.fail(error),
    })
    return replay
  }

  /** Events that are folded. */
  get events(): number {
    return eventsIn(this.positions)
  }

  /** Resolves when exactly these positions are reached. Throws ReplayFailed. */
  async until(target: Positions): Promise<void> {
    for (const [partition, { seq }] of target) {
      const at = this.positions.get(partition)?.seq ?? 0
      if (at > seq)
        throw new ReplayFailed(
          `partition ${partition} is built to ${at}, the live read models are back at ${seq}: --anew begins again`,
        )
    }
    if (this.failure) throw this.failure
    this.target = target
    if (this.isThere()) return
    await new Promise<void>((resolve, reject) => {
      this.waiting = { resolve, reject }
      this.work()
    })
  }

  /** Ends; the transactions under way end first. */
  async stop(): Promise<void> {
    this.stopping.abort()
    await this.reader?.stop()
    if (this.working > 0) await new Promise<void>(resolve => (this.idle = resolve))
  }

  private async take({ partition, records }: LogBatch): Promise<void> {
    const queue = this.queues.get(partition) ?? []
    this.queues.set(partition, queue)
    for (const record of records) queue.push(record)
    if (queue.length > HIGH && !this.halted.has(partition)) {
      this.halted.add(partition)
      this.reader?.halt(partition)
    }
    this.work()
  }

  private work(): void {
    while (this.working < WORKERS && !this.stopping.signal.aborted) {
      const partition = this.nextPartition()
      if (partition === undefined) return
      this.working += 1
      this.busy.add(partition)
      void this.fold(partition)
        .catch(error => this.fail(error as Error))
        .finally(() => {
          this.busy.delete(partition)
          this.working -= 1
          if (this.working === 0) this.idle?.()
          this.work()
        })
    }
  }

  private nextPartition(): number | undefined {
    const ready = [...this.queues].filter(
      ([partition, { length }]) => length > 0 && !this.busy.has(partition) && this.room(partition) > 0,
    )
    return ready.toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0]
  }

  private room(partition: number): number {
    return (this.target.get(partition)?.seq ?? 0) - (this.positions.get(partition)?.seq ?? 0)
  }

  private async fold(partition: number): Promise<void> {
    const queue = this.queues.get(partition)!
    const position = this.positions.get(partition)!
    const chunk = readChunk(queue, 0, position.seq, Math.min(BATCH, this.room(partition)))
    const obstacle = chunk.events.length === 0 ? (chunk.poison ?? chunk.gap) : undefined
    if (obstacle)
      throw new ReplayFailed(`partition ${partition} cannot be folded on after ${position.seq}: ${obstacle.reason}`)
    if (chunk.events.length > 0) {
      this.positions.set(partition, await this.apply(partition, position, chunk))
      await this.statistics.grown(this.rebuild.next.query, chunk.events.length)
    }
    queue.splice(0, chunk.next)
    if (queue.length < LOW && this.halted.delete(partition)) this.reader?.resume(partition)
    if (this.isThere()) this.waiting?.resolve()
  }

  private async apply(partition: number, from: ProjectedPosition, chunk: Chunk): Promise<ProjectedPosition> {
    const { events } = chunk
    const { signal } = this.stopping
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        const to = endOf(chunk)
        const batch = { from, events, to }
        if (await projectBatch(this.rebuild.next, deployments, partition, batch)) return to
        // What an attempt before this one has committed, unseen; or the last one of a process that was killed.
        return (await this.rebuild.nextPositions()).get(partition)!
      } catch (error) {
        if (isFaultOfEvent(error)) {
          const which = `events ${events[0]!.seq} to ${events.at(-1)!.seq} of partition ${partition}`
          throw new ReplayFailed(`one of ${which} cannot be projected: ${String(error)}`)
        }
        signal.throwIfAborted()
        report(`events could not be projected, they will be tried again: ${String(error)}`)
        await pauseFor(pause, signal)
      }
    }
  }

  private isThere(): boolean {
    return [...this.target].every(([partition]) => this.room(partition) <= 0)
  }

  private fail(error: Error): void {
    this.failure ??= error
    this.stopping.abort()
    this.waiting?.reject(error)
  }
}

/** The sum of positions. */
export function eventsIn(positions: { values(): Iterable<{ seq: number }> }): number {
  return [...positions.values()].reduce((sum, { seq }) => sum + seq, 0)
}

// It would be waited for without an end.
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
