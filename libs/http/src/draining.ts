import { setMaxListeners } from 'node:events'
import type { BeforeApplicationShutdown } from '@nestjs/common'

/** Tells what lasts long (imports, streams) that the process was asked to stop. */
export class Draining implements BeforeApplicationShutdown {
  private readonly controller = new AbortController()

  constructor() {
    // Each import listens.
    setMaxListeners(0, this.controller.signal)
  }

  /** Aborted when no new work may be begun; what is under way is to be finished. */
  get signal(): AbortSignal {
    return this.controller.signal
  }

  beforeApplicationShutdown(): void {
    this.controller.abort()
  }
}
