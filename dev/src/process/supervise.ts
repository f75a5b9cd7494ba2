import { reasonOf } from './errors.js'

/** The part of an EmbeddedServer that supervision needs. */
export interface Supervised {
  name: string
  pid: number
  start(): Promise<void>
  stop(): Promise<void>
  exited(): Promise<void>
}

/** Reports and pauses of a supervisor. */
export interface Supervision {
  onProgress(line: string): void
  /** After each restart, with the new pid. */
  onRestart(pid: number): void
  /** The first pause before a restart, in ms (100); doubled each time up to `longestPauseMs`. */
  pauseMs?: number
  longestPauseMs?: number
  /** After running this long, a server is restarted with the first pause again, in ms (30,000). */
  steadyMs?: number
}

/**
 * Restarts a server on the same port and data whenever it ends unexpectedly.
 * @returns a function that ends the supervision and stops the server; it may be called repeatedly
 */
export function supervise(server: Supervised, supervision: Supervision): () => Promise<void> {
  const { onProgress, onRestart, pauseMs = 100, longestPauseMs = 10_000, steadyMs = 30_000 } = supervision
  let stopping = false
  let wake = () => {}

  async function watch(): Promise<void> {
    let pause = pauseMs
    for (;;) {
      const since = Date.now()
      await server.exited()
      if (stopping) return
      if (Date.now() - since > steadyMs) pause = pauseMs
      onProgress(`${server.name} (process ${server.pid}) ended unexpectedly: restarting it`)
      while (!(await tryStart(pause))) {
        if (stopping) return
      }
      pause = Math.min(pause * 2, longestPauseMs)
    }

    async function tryStart(before: number): Promise<boolean> {
      await new Promise<void>(resolve => {
        wake = resolve
        setTimeout(resolve, before)
      })
      if (stopping) return false
      const since = Date.now()
      try {
        await server.start()
      } catch (error) {
        if (!stopping) onProgress(`${server.name} did not start: ${reasonOf(error)}`)
        pause = Math.min(pause * 2, longestPauseMs)
        return false
      }
      if (stopping) return false
      onProgress(`${server.name} restarted in ${((Date.now() - since) / 1000).toFixed(1)} s (process ${server.pid})`)
      onRestart(server.pid)
      return true
    }
  }

  const watching = watch()
  return async () => {
    stopping = true
    wake()
    await server.stop()
    await watching
    // A start that was in progress may have created a new process.
    await server.stop()
  }
}
