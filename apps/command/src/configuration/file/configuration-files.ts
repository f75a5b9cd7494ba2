import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import type { Json } from '#libs/contracts'
import { bodyProblem } from '#libs/http'
import { TaskCutOff, WorkerPool } from '#libs/worker-pool'
import { asTooManyRequests } from '../../commands/queue-busy.js'
import runFileTask, { type FileResult, type FileTask } from './file-task.js'
import { fileWorker } from './file-worker.js'

/** Length up to which a file is read at once, in characters: that takes milliseconds. */
const SHORT = 16 * 1024

/** Heap of the thread in megabytes: three times what the largest YAML file takes, which has a million events. */
const HEAP_MB = 512

/** Limit of the wait and of reading. A file that waits for all others needs half of it. */
const DEADLINE_MS = 10_000

/** Limits of waiting files: each may have 4 MiB in memory. */
const WAITING = { ofGroup: 12, ofAll: 32 }

/**
 * Reads configuration files for requests. A file of some megabytes takes a tenth of a second, and up to half of one: long ones are read in
 * a thread, one after the other, tenants in turn, so that other requests are served meanwhile.
 */
@Injectable()
export class ConfigurationFiles implements OnApplicationShutdown {
  private readonly pool = new WorkerPool<FileTask, FileResult>(fileWorker, {
    threads: 1,
    idleThreads: 0,
    deadlineMs: DEADLINE_MS,
    waiting: WAITING,
    heapMb: HEAP_MB,
  })

  /**
   * The values of a file by key, see `readConfigurationFile`, and their canonical form. Throws a 400 that names the keys and the lines, and a 429 if the wait for
   * other files is too long.
   */
  async read(tenant: string, task: FileTask): Promise<{ values: Record<string, Json>; canonical: string }> {
    const result = await this.resultOf(tenant, task)
    if ('errors' in result) throw bodyProblem(result.errors, result.count)
    const { values, canonical } = result
    return { values: JSON.parse(values) as Record<string, Json>, canonical }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.close()
  }

  private async resultOf(tenant: string, task: FileTask): Promise<FileResult> {
    if (typeof task.body !== 'string' || task.body.length <= SHORT) return runFileTask(task)
    try {
      return await this.pool.turn(tenant, turn => turn.run(task))
    } catch (error) {
      if (error instanceof TaskCutOff) {
        throw bodyProblem([{ pointer: '', detail: `${error.message} to read: change fewer keys at once, by PATCH` }])
      }
      throw asTooManyRequests(error, 'configuration files are being read')
    }
  }
}
