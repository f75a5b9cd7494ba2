import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { hasErrorCode } from './errors.js'
import { isAlive } from './process-table.js'
import { until } from './until.js'

/** How to start a server process. */
export interface Launch {
  command: string
  args: string[]
  /** Working folder. */
  cwd: string
  /** Where stdout and stderr go. */
  logFile: string
  env: NodeJS.ProcessEnv
  uid?: number
  gid?: number
}

const logLimit = 5 << 20

const alive = new Set<ServerProcess>()

// However this process exits, except by SIGKILL, no server stays behind. Normally they were stopped before.
process.on('exit', () => {
  for (const server of alive) server.signal('SIGKILL')
})

/** A server process, its log and its end. */
export class ServerProcess {
  readonly pid: number
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>
  private ended = false

  private constructor(
    child: ChildProcess,
    private readonly logFile: string,
    private readonly logStart: number,
  ) {
    this.pid = child.pid!
    alive.add(this)
    this.exited = new Promise(resolve => {
      child.once('exit', () => {
        this.ended = true
        alive.delete(this)
        resolve()
      })
    })
  }

  /**
   * Starts the process in its own session: Ctrl-C in the terminal must reach only this process, so that the app can
   * drain while its servers still answer. Output goes to a file because a pipe would break if this process is killed.
   * @throws Error of spawn (ENOENT, EACCES)
   */
  static async launch({ command, args, cwd, logFile, env, uid, gid }: Launch): Promise<ServerProcess> {
    mkdirSync(dirname(logFile), { recursive: true })
    const log = openSync(logFile, 'a')
    try {
      if (fstatSync(log).size > logLimit) ftruncateSync(log)
      const logStart = fstatSync(log).size
      const child = spawn(command, args, { cwd, env, uid, gid, detached: true, stdio: ['ignore', log, log] })
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve)
        child.once('error', reject)
      })
      return new ServerProcess(child, logFile, logStart)
    } finally {
      closeSync(log)
    }
  }

  running(): boolean {
    return !this.ended
  }

  /** The output of this process since its start. */
  log(): string {
    return readFileSync(this.logFile).subarray(this.logStart).toString('utf8')
  }

  /** The last lines of the log without Java's stacks, for an error message. */
  logTail(): string {
    const lines = this.log().trim().split('\n')
    return lines
      .filter(line => !/^\s+at /.test(line))
      .slice(-12)
      .join('\n')
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running()) sendSignal(this.pid, signal)
  }

  /** Sends `signal`, then SIGKILL if the process still runs after `graceMs`; resolves when it has ended. */
  async terminate(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    this.signal(signal)
    const impatience = setTimeout(() => this.signal('SIGKILL'), graceMs)
    await this.exited
    clearTimeout(impatience)
  }
}

/**
 * Ends a process that is not a child of this one (an orphan of a killed parent). The caller has verified its identity.
 * Resolves when it has ended.
 */
export async function terminateOrphan(pid: number, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  sendSignal(pid, signal)
  try {
    await until(() => !isAlive(pid), `process ${pid} to end`, { within: graceMs })
  } catch {
    sendSignal(pid, 'SIGKILL')
    await until(() => !isAlive(pid), `process ${pid} to end after SIGKILL`)
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!hasErrorCode(error, 'ESRCH')) throw error
  }
}
