import { setMaxListeners } from 'node:events'
import type { BeforeApplicationShutdown } from '@nestjs/common'

/** Signals to long requests (imports, streams) that the process is stopping. */
export class Draining implements BeforeApplicationShutdown {
  private readonly controller = new AbortController()

  constructor() {
    // Each import adds a listener.
    setMaxListeners(0, this.controller.signal)
  }

  /** Aborted when requests must begin no new work, only finish what they have begun. */
  get signal(): AbortSignal {
    return this.controller.signal
  }

  beforeApplicationShutdown(): void {
    this.controller.abort()
  }
}
