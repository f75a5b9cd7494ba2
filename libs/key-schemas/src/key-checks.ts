import { Piscina } from 'piscina'
import type { CheckedEntry, Json, KeySelection, PatternSchema, ValueFindings } from '#libs/contracts'
import type { Check, CheckResult, SchemaFinding } from './messages.js'
import { FairQueue, QueueBusy } from '#libs/worker-pool'
import { workerFile } from './worker-file.js'

/** A check was ended because it exceeded its time or memory. */
export class CheckCutOff extends Error {
  override name = 'CheckCutOff'

  constructor(
    readonly by: 'time' | 'memory',
    /** Index of the schema that was being checked, if any. */
    readonly schema?: number,
  ) {
    super(by === 'time' ? 'takes too long' : 'takes too much memory')
  }
}

export interface KeyChecksOptions {
  /** Number of threads, and of tenants that are served concurrently. */
  threads?: number
  /** Limit of a turn including its wait, so that a request with checks takes less than two seconds. */
  deadlineMs?: number
  /** Limits of waiting turns. */
  waiting?: { ofGroup: number; ofAll: number }
}

/** Heap of a thread in megabytes: several times the size of an environment. */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 }

/**
 * Runs checks whose cost depends on a tenant's input: its schemas, globs and patterns. They run in threads with little memory and without
 * environment variables, and so without encryption keys. A thread whose check takes too long is ended; other checks continue.
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
    // Emitted if an idle thread fails; the pool replaces it.
    this.pool.on('error', () => undefined)
  }

  /**
   * Runs the checks of a tenant: one turn of a tenant at a time, as many tenants at once as there are threads. Rejects with QueueBusy if
   * the wait leaves too little time.
   *
   * @param signal the deadline, if several turns share one; default: a new deadline
   */
  async turn<T>(tenant: string, work: (turn: CheckTurn) => Promise<T>, signal = this.deadline()): Promise<T> {
    return this.queue.run(tenant, signal, () => work(new CheckTurn(this.pool, signal, this.deadlineMs / 2)))
  }

  /** Aborts when a turn that is requested now must end. */
  deadline(): AbortSignal {
    return AbortSignal.timeout(this.deadlineMs)
  }

  close(): Promise<void> {
    return this.pool.destroy()
  }
}

/** The checks of one turn, run one after the other. Each rejects with CheckCutOff if it exceeds the time or memory of the turn. */
export class CheckTurn {
  private readonly began = performance.now()

  /** @param fairMs a check that is ended earlier had too little time because of the wait: that is QueueBusy, not CheckCutOff */
  constructor(
    private readonly pool: Piscina,
    private readonly signal: AbortSignal,
    private readonly fairMs: number,
  ) {}

  /** Errors of a schema; empty: it is valid. */
  schema(schema: Json): Promise<SchemaFinding[]> {
    return this.run({ kind: 'schema', schema })
  }

  /** The keys that globs match. */
  select(globs: string[], keys: string[]): Promise<KeySelection> {
    return this.run({ kind: 'select', globs, keys })
  }

  /** Mismatches of values. */
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
      if (by === 'time' && performance.now() - this.began < this.fairMs) throw new QueueBusy('the wait was too long')
      throw new CheckCutOff(by, check.kind === 'values' ? Atomics.load(check.progress, 0) : undefined)
    }
  }
}

function isOutOfMemory(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY'
}
