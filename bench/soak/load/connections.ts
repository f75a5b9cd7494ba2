import { Connection, type HttpAnswer } from '../../harness/load/connection.js'

const AT_MOST = 512
/** Before the app closes it: a request that crosses with that would count as failed. */
const IDLE_MS = 3000

/** Connections to one app: as many as requests are under way, up to a bound; beyond it requests wait for their turn. */
export class Connections {
  private idle: { connection: Connection; since: number }[] = []
  private waiting: (() => void)[] = []
  private busy = 0

  constructor(private readonly url: string) {}

  /** Sends a whole request. Rejects where no answer comes. */
  async send(request: string): Promise<HttpAnswer> {
    if (this.busy >= AT_MOST) await new Promise<void>(resolve => this.waiting.push(resolve))
    else this.busy += 1
    try {
      const connection = this.takeIdle() ?? (await Connection.open(this.url))
      const answer = await connection.send(request)
      this.idle.push({ connection, since: performance.now() })
      return answer
    } finally {
      // Its place goes to the one who waits longest.
      const next = this.waiting.shift()
      if (next) next()
      else this.busy -= 1
    }
  }

  close(): void {
    for (const { connection } of this.idle) connection.close()
    this.idle = []
  }

  // The last one that was used: those that nobody needs grow old and are closed.
  private takeIdle(): Connection | undefined {
    const fresh = performance.now() - IDLE_MS
    while (this.idle[0] && (this.idle[0].since < fresh || this.idle[0].connection.closed)) {
      this.idle.shift()!.connection.close()
    }
    const last = this.idle.pop()
    return last?.connection.closed ? this.takeIdle() : last?.connection
  }
}
