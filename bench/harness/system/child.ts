import { spawn, type ChildProcess } from 'node:child_process'

/** Time for a process to end gracefully. */
const GRACE_MS = 20_000

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** Starts a Node process; it does not outlive this one. Its output is for the caller to read. */
export function spawnNode(script: string, args: string[], env: NodeJS.ProcessEnv = {}): Child {
  return new Child(
    spawn(process.execPath, ['--enable-source-maps', script, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  )
}

/** A child process. */
export class Child {
  /** Resolves with a description of its end. */
  readonly ended: Promise<string>

  constructor(readonly process: ChildProcess) {
    children.add(process)
    this.ended = new Promise(resolve => {
      process.once('error', error => resolve(error.message))
      process.once('close', (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`))
    })
    void this.ended.then(() => children.delete(process))
  }

  get pid(): number {
    return this.process.pid!
  }

  get running(): boolean {
    return children.has(this.process)
  }

  /** Ends it by SIGTERM, and by SIGKILL if it takes too long. */
  async stop(): Promise<void> {
    this.process.kill('SIGTERM')
    const impatience = setTimeout(() => this.process.kill('SIGKILL'), GRACE_MS)
    await this.ended
    clearTimeout(impatience)
  }
}
