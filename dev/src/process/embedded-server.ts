import { ServerProcess } from './server-process.js'

/** How to run one kind of embedded server. */
export interface Recipe {
  /** For people: "Kafka". */
  name: string
  port: number
  stopSignal: NodeJS.Signals
  /** How long `stop` waits before SIGKILL, in ms. */
  stopGraceMs: number
  /** Runs before the process starts: ends orphans on the same data, creates the data folder. */
  prepare(): Promise<void>
  launch(): Promise<ServerProcess>
  /** Resolves when the server answers or its process has ended. */
  answers(process: ServerProcess): Promise<void>
}

/** A server process on one port and one data folder that can be stopped, killed and started again. */
export class EmbeddedServer {
  private process: ServerProcess | undefined
  private stopping = false

  constructor(private readonly recipe: Recipe) {}

  get name(): string {
    return this.recipe.name
  }

  get port(): number {
    return this.recipe.port
  }

  /** The pid of the current process, or of the last one if it is not running. */
  get pid(): number {
    if (!this.process) throw new Error(`${this.name} was never started`)
    return this.process.pid
  }

  running(): boolean {
    return this.process?.running() ?? false
  }

  /** Resolves when the current process has ended. */
  async exited(): Promise<void> {
    await this.process?.exited
  }

  /**
   * Starts the server and waits until it answers.
   * @throws Error with the last lines of its log if it ends instead, or if it is stopped meanwhile
   */
  async start(): Promise<void> {
    if (this.running()) return
    this.stopping = false
    await this.recipe.prepare()
    if (this.stopping) throw new Error(`${this.name} was stopped while starting`)
    this.process = await this.recipe.launch()
    try {
      await this.recipe.answers(this.process)
    } catch (error) {
      await this.process.terminate('SIGKILL', 0)
      throw error
    }
  }

  /** Stops it gracefully; by SIGKILL after the grace period. */
  async stop(): Promise<void> {
    this.stopping = true
    await this.process?.terminate(this.recipe.stopSignal, this.recipe.stopGraceMs)
  }

  /** Sends SIGKILL, for fault tests and a second Ctrl-C. It stays stopped until `start` or `restart`. */
  async kill(): Promise<void> {
    this.stopping = true
    await this.process?.terminate('SIGKILL', 0)
  }

  /** Stops it if it runs, and starts it on the same port and data. */
  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }
}
