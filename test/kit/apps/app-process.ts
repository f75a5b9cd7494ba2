import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { projectFolder, until } from '#dev'

const START_LIMIT_MS = 30_000

export type AppName = 'command' | 'projector' | 'query' | 'standalone'

/** Where an app finds its servers, and whatever else its environment says. */
export interface AppSettings {
  brokers: string[]
  databaseUrl: string
  topic: string
  environment?: Record<string, string>
  /** Folder of the project that was built; this one where left out. */
  project?: string
  /** Its end is no news. */
  mayEnd?: boolean
}

/** How a process ended: `code` where it ended itself, else the signal that ended it. */
export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** One app as a process of its own, on a port of its own. */
export class AppProcess {
  readonly exited: Promise<Exit>
  /** Its log, a line each. */
  readonly lines: string[] = []
  private ended: Exit | undefined
  private asked = false
  /** Where it listens, once it does. */
  address: string | undefined

  private constructor(
    readonly name: AppName,
    private readonly child: ChildProcess,
    mayEnd: boolean,
  ) {
    for (const output of [child.stdout!, child.stderr!]) {
      createInterface({ input: output }).on('line', line => {
        this.lines.push(line)
        this.address ??= /"url":"(http:[^"]+)"/.exec(line)?.[1]
      })
    }
    this.exited = new Promise(resolve => {
      child.once('exit', (code, signal) => {
        this.ended = { code, signal }
        if (!this.asked && !mayEnd && this.address) this.tellUnexpectedEnd(this.ended)
        resolve(this.ended)
      })
    })
  }

  /**
   * Starts an app as it was built, and waits until it listens.
   * @throws Error with the end of its log when it ends instead
   */
  static async start(name: AppName, settings: AppSettings): Promise<AppProcess> {
    const app = AppProcess.launch(name, settings)
    await until(() => app.address ?? app.ended, `${name} to listen`, { within: START_LIMIT_MS })
    if (app.ended)
      throw new Error(`${name} ended with ${JSON.stringify(app.ended)}:\n${app.lines.slice(-20).join('\n')}`)
    return app
  }

  /** The same, and waits until it can serve. */
  static async ready(name: AppName, settings: AppSettings): Promise<AppProcess> {
    const app = await AppProcess.start(name, settings)
    await app.isReady()
    return app
  }

  /** Starts an app, wherever that leads. */
  static launch(name: AppName, settings: AppSettings): AppProcess {
    const { brokers, databaseUrl, topic, environment, project = projectFolder, mayEnd = false } = settings
    const main = join(project, 'dist', 'apps', name, 'src', 'main.js')
    if (!existsSync(main)) throw new Error(`${main} is not there: npm test -- <file> builds it`)
    const child = spawn(process.execPath, ['--enable-source-maps', main], {
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        KAFKA_BROKERS: brokers.join(','),
        DATABASE_URL: databaseUrl,
        SHIPLOG_TOPIC: topic,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return new AppProcess(name, child, mayEnd)
  }

  get url(): string {
    if (!this.address) throw new Error(`${this.name} does not listen`)
    return this.address
  }

  get pid(): number {
    return this.child.pid!
  }

  running(): boolean {
    return this.ended === undefined
  }

  /** Waits until /readyz says 200. */
  async isReady(): Promise<void> {
    let last = ''
    const ready = async () => {
      if (this.ended) throw new Error(`${this.name} ended:\n${this.lines.slice(-20).join('\n')}`)
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined)
      last = (await answer?.text().catch(() => undefined)) ?? 'no answer'
      return answer?.ok ?? false
    }
    await until(ready, `${this.name} to be ready`, { within: START_LIMIT_MS }).catch(error => {
      throw new Error(`${(error as Error).message}: ${last}`)
    })
  }

  /** Sends a signal that is not to end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal)
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<Exit> {
    this.asked = true
    this.child.kill('SIGKILL')
    return this.exited
  }

  /** Asks it to finish its work and end. */
  async stop(): Promise<Exit> {
    this.asked = true
    this.child.kill('SIGTERM')
    return this.exited
  }

  // What fails in a test then is only that nobody answers.
  private tellUnexpectedEnd(exit: Exit): void {
    writeSync(2, `${this.name} ended with ${JSON.stringify(exit)}:\n${this.lines.slice(-20).join('\n')}\n`)
  }
}
