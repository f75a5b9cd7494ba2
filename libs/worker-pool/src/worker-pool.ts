import { Piscina } from 'piscina'
import { FairQueue, QueueBusy } from './fair-queue.js'

/** A task was ended because it exceeded its time or memory. */
export class TaskCutOff extends Error {
  override name = 'TaskCutOff'

  constructor(readonly by: 'time' | 'memory') {
    super(by === 'time' ? 'takes too long' : 'takes too much memory')
  }
}

export interface WorkerPoolOptions {
  /** Number of threads, and of tenants that are served concurrently. */
  threads?: number
  /** Number of threads that are kept while there is no task; default 1, so that the first task need not wait for a start. */
  idleThreads?: number
  /** Limit of a turn including its wait, so that a request with one turn takes less than two seconds. */
  deadlineMs?: number
  /** Limits of waiting turns: of one tenant, and of all. */
  waiting?: { ofGroup: number; ofAll: number }
  /**
   * Limit of the heap of a thread, in megabytes. A task must not allocate more than 16 MB at once: Node ends the thread when its heap is
   * full, but the process if the allocation exceeds the heap by more than that.
   */
  heapMb: number
}

const YOUNG_GENERATION_MB = 8
/** An endless task counts as too slow even where it shares a processor with seven others. */
const LEAST_SHARE = 1 / 8

/**
 * Runs tasks whose cost depends on a tenant's input. They run in threads with limited memory and without environment variables, and so
 * without encryption keys. A thread whose task takes too long is ended; other tasks continue.
 */
export class WorkerPool<Task, Result> {
  private readonly threads: Piscina<Task, Result>
  private readonly queue: FairQueue
  private readonly deadlineMs: number

  /** @param entry the file with which a thread starts; its default export is called with each task */
  constructor(
    entry: URL,
    {
      threads = 2,
      idleThreads = 1,
      deadlineMs = 1500,
      waiting = { ofGroup: 50, ofAll: 500 },
      heapMb,
    }: WorkerPoolOptions,
  ) {
    this.deadlineMs = deadlineMs
    this.queue = new FairQueue({ turns: threads, waiting })
    this.threads = new Piscina<Task, Result>({
      filename: entry.href,
      minThreads: idleThreads,
      maxThreads: threads,
      idleTimeout: 60_000,
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
      recordTiming: false,
    })
    // Emitted if an idle thread fails; the pool replaces it.
    this.threads.on('error', () => undefined)
  }

  /**
   * Runs the tasks of a tenant: one turn of a tenant at a time, as many tenants at once as there are threads. Rejects with QueueBusy if
   * the wait leaves too little time.
   *
   * @param signal the deadline, if several turns share one; default: a new deadline
   */
  turn<T>(tenant: string, work: (turn: WorkerTurn<Task, Result>) => Promise<T>, signal = this.deadline()): Promise<T> {
    return this.queue.run(tenant, signal, () => work(new WorkerTurn(this.threads, signal, this.deadlineMs)))
  }

  /** Aborts when a turn that is requested now must end. */
  deadline(): AbortSignal {
    return AbortSignal.timeout(this.deadlineMs)
  }

  close(): Promise<void> {
    return this.threads.destroy()
  }
}

/** The tasks of one turn, run one after the other. */
export class WorkerTurn<Task, Result> {
  private readonly began = performance.now()
  private readonly processorTime = process.cpuUsage()

  constructor(
    private readonly threads: Piscina<Task, Result>,
    private readonly signal: AbortSignal,
    private readonly deadlineMs: number,
  ) {}

  /**
   * Rejects with TaskCutOff if the task exceeds the time of the turn or the memory of a thread, with QueueBusy if the turn had too little
   * time because of its wait or of other work of the machine.
   *
   * @param share how much of the deadline the process must have had a processor before the task counts as too slow. Near 1 for tasks whose
   * size is bounded, so that a busy machine does not make a valid input a refused one
   */
  async run(task: Task, share = LEAST_SHARE): Promise<Result> {
    try {
      return await this.threads.run(task, { signal: this.signal })
    } catch (error) {
      const by = this.signal.aborted ? 'time' : isOutOfMemory(error) ? 'memory' : undefined
      if (!by) throw error
      if (by === 'time' && !this.hadTime(share)) throw new QueueBusy('the wait was too long')
      throw new TaskCutOff(by)
    }
  }

  private hadTime(share: number): boolean {
    // Node 20 has no processor time of a thread; that of the process is an upper bound of it.
    const { user, system } = process.cpuUsage(this.processorTime)
    return performance.now() - this.began >= this.deadlineMs / 2 && (user + system) / 1000 >= this.deadlineMs * share
  }
}

function isOutOfMemory(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY'
}
