import { Piscina } from 'piscina'
import type { CheckedEntry, Json, KeySelection, PatternSchema, ValueFindings } from '#libs/contracts'
import type { Check, CheckResult, SchemaFinding } from './messages.js'
import { FairQueue, QueueBusy } from './fair-queue.js'
import { workerFile } from './worker-file.js'

/** A check was cut off: it took longer, or more memory, than it may. */
export class CheckCutOff extends Error {
  override name = 'CheckCutOff'

  constructor(
    readonly by: 'time' | 'memory',
    /** Index of the schema that it was at, where it was at one. */
    readonly schema?: number,
  ) {
    super(by === 'time' ? 'takes too long' : 'takes too much memory')
  }
}

export interface KeyChecksOptions {
  /** Threads, and tenants whose checks are done at once. */
  threads?: number
  /** Of one turn from when it is asked for, the wait for it included. A request with it is to be answered within two seconds. */
  deadlineMs?: number
  /** Turns that may wait. */
  waiting?: { ofGroup: number; ofAll: number }
}

/** Megabytes of a thread's heap: what an environment has, several times. */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 }

/**
 * Checks that cost what a tenant makes them cost: its schemas, globs and patterns. They are done in threads that have no environment,
 * so no key of secrets either, and little memory. A thread whose check takes too long is ended; the other checks go on.
 */
export class KeyChecks {
  private readonly pool: Piscina
  private readonly queue: FairQueue
  private readonly deadlineMs: number

  constructor({ threads = 2, deadlineMs = 1500, waiting = { ofGroup: 50, ofAll: 500 } }: KeyChecksOptions = {}) {
    this.deadlineMs = deadlineMs
    this.queue = new FairQueue({ turns: threads, waiting })
    this.pool = new Piscina({
      filename: workerFile.href,
      minThreads: 1,
      maxThreads: threads,
      idleTimeout: 60_000,
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: HEAP,
      recordTiming: false,
    })
    // Of a thread that had nothing to do: another one takes its place.
    this.pool.on('error', () => undefined)
  }

  /**
   * Gives a tenant its turn: one at a time, and as many tenants at once as there are threads. Rejects with QueueBusy where waiting
   * for it takes so long that too little is left.
   *
   * @param signal of several turns that share one deadline; a deadline of its own where left out
   */
  async turn<T>(tenant: string, work: (turn: CheckTurn) => Promise<T>, signal = this.deadline()): Promise<T> {
    return this.queue.run(tenant, signal, () => work(new CheckTurn(this.pool, signal, this.deadlineMs / 2)))
  }

  /** Aborts when a turn that is asked for now must be over. */
  deadline(): AbortSignal {
    return AbortSignal.timeout(this.deadlineMs)
  }

  close(): Promise<void> {
    return this.pool.destroy()
  }
}

/** Checks of one turn, one after the other. Each rejects with CheckCutOff where time or memory of the turn is used up. */
export class CheckTurn {
  private readonly began = performance.now()

  /** @param fairMs whoever is cut off after less has waited too long, and checked nothing that takes too long */
  constructor(
    private readonly pool: Piscina,
    private readonly signal: AbortSignal,
    private readonly fairMs: number,
  ) {}

  /** What is wrong with a schema; empty: nothing. */
  schema(schema: Json): Promise<SchemaFinding[]> {
    return this.run({ kind: 'schema', schema })
  }

  /** Which keys some globs match. */
  select(globs: string[], keys: string[]): Promise<KeySelection> {
    return this.run({ kind: 'select', globs, keys })
  }

  /** What schemas have against values. */
  values(schemas: PatternSchema[], entries: CheckedEntry[]): Promise<ValueFindings> {
    const progress = new Int32Array(new SharedArrayBuffer(4))
    return this.run({ kind: 'values', schemas, entries, progress })
  }

  private async run<C extends Check>(check: C): Promise<CheckResult<C>> {
    try {
      return (await this.pool.run(check, { signal: this.signal })) as CheckResult<C>
    } catch (error) {
      const by = this.signal.aborted ? 'time' : isOutOfMemory(error) ? 'memory' : undefined
      if (!by) throw error
      if (by === 'time' && performance.now() - this.began < this.fairMs) throw new QueueBusy('has waited too long')
      throw new CheckCutOff(by, check.kind === 'values' ? Atomics.load(check.progress, 0) : undefined)
    }
  }
}

function isOutOfMemory(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY'
}
