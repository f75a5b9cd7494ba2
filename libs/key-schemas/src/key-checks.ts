import type { CheckedEntry, Json, KeySelection, PatternSchema, ValueFindings } from '#libs/contracts'
import { TaskCutOff, WorkerPool, type WorkerPoolOptions, type WorkerTurn } from '#libs/worker-pool'
import type { Check, CheckResult, SchemaFinding } from './messages.js'
import { workerFile } from './worker-file.js'

/** A check was ended because it exceeded its time or memory. */
export class CheckCutOff extends TaskCutOff {
  override name = 'CheckCutOff'

  constructor(
    by: TaskCutOff['by'],
    /** Index of the schema that was being checked, if any. */
    readonly schema?: number,
  ) {
    super(by)
  }
}

export type KeyChecksOptions = Omit<WorkerPoolOptions, 'heapMb'>

/** Heap of a thread in megabytes: several times the size of an environment. */
const HEAP_MB = 64

/** A valid schema of 44 KB with 900 large patterns takes a second of a processor, of the second and a half of the deadline. */
const READING_SHARE = 0.8

type AnyResult = CheckResult<Check>

/** Runs checks whose cost depends on a tenant's input, its schemas, globs and patterns, in threads: see WorkerPool. */
export class KeyChecks {
  private readonly pool: WorkerPool<Check, AnyResult>

  constructor(options: KeyChecksOptions = {}) {
    this.pool = new WorkerPool(workerFile, { ...options, heapMb: HEAP_MB })
  }

  /**
   * Runs the checks of a tenant: one turn of a tenant at a time. Rejects with QueueBusy if the wait leaves too little time.
   *
   * @param signal the deadline, if several turns share one; default: a new deadline
   */
  turn<T>(tenant: string, work: (turn: CheckTurn) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.pool.turn(tenant, turn => work(new CheckTurn(turn)), signal)
  }

  /** Aborts when a turn that is requested now must end. */
  deadline(): AbortSignal {
    return this.pool.deadline()
  }

  close(): Promise<void> {
    return this.pool.close()
  }
}

/** The checks of one turn, run one after the other. Each rejects with CheckCutOff if it exceeds the time or memory of the turn. */
export class CheckTurn {
  constructor(private readonly turn: WorkerTurn<Check, AnyResult>) {}

  /** Errors of a schema; empty: it is valid. */
  schema(schema: Json): Promise<SchemaFinding[]> {
    return this.run({ kind: 'schema', schema }, READING_SHARE)
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

  private async run<C extends Check>(check: C, share?: number): Promise<CheckResult<C>> {
    try {
      return (await this.turn.run(check, share)) as CheckResult<C>
    } catch (error) {
      if (!(error instanceof TaskCutOff)) throw error
      throw new CheckCutOff(error.by, check.kind === 'values' ? Atomics.load(check.progress, 0) : undefined)
    }
  }
}
