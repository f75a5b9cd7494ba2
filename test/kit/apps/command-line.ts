import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { projectFolder } from '#dev'
import type { AppSettings, Exit } from './app-process.js'

/** `shiplog-admin` as a process, with its output. */
export class CommandLine {
  /** Of stdout and stderr, a line each. */
  readonly lines: string[] = []
  readonly exited: Promise<Exit>

  private constructor(private readonly child: ChildProcess) {
    for (const output of [child.stdout!, child.stderr!]) {
      createInterface({ input: output }).on('line', line => this.lines.push(line))
    }
    this.exited = new Promise(resolve => {
      // Not before what it has said is read.
      child.once('close', (code, signal) => resolve({ code, signal }))
    })
  }

  static start(args: string[], { brokers, databaseUrl, topic }: AppSettings): CommandLine {
    const main = join(projectFolder, 'dist', 'apps', 'admin', 'src', 'main.js')
    const env = { KAFKA_BROKERS: brokers.join(','), DATABASE_URL: databaseUrl, SHIPLOG_TOPIC: topic }
    return new CommandLine(
      spawn(process.execPath, ['--enable-source-maps', main, ...args], {
        env: { PATH: process.env['PATH'], ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
  }

  /** Runs it to its end. */
  static async run(args: string[], settings: AppSettings): Promise<{ code: number | null; text: string }> {
    const line = CommandLine.start(args, settings)
    const { code } = await line.exited
    return { code, text: line.lines.join('\n') }
  }

  /** As Ctrl-C does. */
  async interrupt(): Promise<Exit> {
    this.child.kill('SIGINT')
    return this.exited
  }

  async kill(): Promise<Exit> {
    this.child.kill('SIGKILL')
    return this.exited
  }
}
