import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AppProcess, type AppName, type AppSettings } from '../../kit/apps/app-process.js'

/** An app that ends sooner than this after its start is not started again at once. */
const QUICK_END_MS = 2000

/** One app of the world: a process that is started again when it dies, unless a fault keeps it down. */
export class Replica {
  private current: AppProcess
  private down = true
  private readonly ends: string[] = []

  private constructor(
    readonly name: string,
    private readonly app: AppName,
    private readonly settings: AppSettings,
    private readonly logs: string | undefined,
  ) {}

  /**
   * Starts an app for good; returns at once.
   * @param logs folder to keep what it logs
   */
  static launch(name: string, app: AppName, settings: AppSettings, logs?: string): Replica {
    const replica = new Replica(name, app, settings, logs)
    replica.start()
    return replica
  }

  /** The present process, or the last one while it is down. */
  get process(): AppProcess {
    return this.current
  }

  /** Where it listens; `undefined` while it does not. */
  get url(): string | undefined {
    return this.current.running() ? this.current.address : undefined
  }

  /** Starts a process, with something more in its environment; when that one dies, it is started again without. */
  start(environment: Record<string, string> = {}): AppProcess {
    const merged = { ...this.settings.environment, ...environment }
    const process = AppProcess.launch(this.app, { ...this.settings, environment: merged, mayEnd: true })
    const since = performance.now()
    this.current = process
    this.down = false
    void process.exited.then(async exit => {
      this.keepLog(process)
      if (this.down || this.current !== process) return
      if (exit.code !== null) this.ends.push(`${this.name} ended with ${exit.code}: ${process.lines.at(-1)}`)
      if (performance.now() - since < QUICK_END_MS) await pause(500)
      if (!this.down && this.current === process) this.start()
    })
    return process
  }

  /** SIGKILL, or an orderly end by SIGTERM; it stays down until it is started. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    this.down = true
    await (signal === 'SIGKILL' ? this.current.kill() : this.current.stop())
  }

  /** Kills it and starts it again. */
  async restart(
    environment: Record<string, string> = {},
    signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL',
  ): Promise<AppProcess> {
    await this.kill(signal)
    return this.start(environment)
  }

  private keepLog({ pid, lines }: AppProcess): void {
    if (this.logs === undefined) return
    appendFileSync(join(this.logs, `${this.name}.log`), `process ${pid}\n${lines.join('\n')}\n`)
  }

  /** How its processes ended by themselves so far: where a server was away at the start, that is as it should be. */
  get ownEnds(): readonly string[] {
    return this.ends
  }

  /** Waits until it can serve, whichever process that is in the end. */
  async isReady(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const { url } = this
      const answer = url === undefined ? undefined : await fetch(`${url}/readyz`, { signal }).catch(() => undefined)
      await answer?.arrayBuffer().catch(() => undefined)
      if (answer?.ok) return
      await pause(100)
    }
  }
}
