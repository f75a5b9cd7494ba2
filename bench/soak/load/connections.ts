import { Connection, type HttpAnswer } from '../../harness/load/connection.js'

const AT_MOST = 512
/** Shorter than the app's keep-alive time: a request that crosses with closing would count as failed. */
const IDLE_MS = 3000

/** Connections to one app: one per open request, up to a limit, beyond which requests wait. */
export class Connections {
  private idle: { connection: Connection; since: number }[] = []
  private waiting: (() => void)[] = []
  private busy = 0

  constructor(private readonly url: string) {}

  /** Sends a complete request. Rejects without a response. */
  async send(request: string): Promise<HttpAnswer> {
    if (this.busy >= AT_MOST) await new Promise<void>(resolve => this.waiting.push(resolve))
    else this.busy += 1
    try {
      const connection = this.takeIdle() ?? (await Connection.open(this.url))
      const answer = await connection.send(request)
      this.idle.push({ connection, since: performance.now() })
      return answer
    } finally {
      // The longest waiting request gets its place.
      const next = this.waiting.shift()
      if (next) next()
      else this.busy -= 1
    }
  }

  close(): void {
    for (const { connection } of this.idle) connection.close()
    this.idle = []
  }

  // The most recently used one, so that unneeded ones become idle and are closed.
  private takeIdle(): Connection | undefined {
    const fresh = performance.now() - IDLE_MS
    while (this.idle[0] && (this.idle[0].since < fresh || this.idle[0].connection.closed)) {
      this.idle.shift()!.connection.close()
    }
    const last = this.idle.pop()
    return last?.connection.closed ? this.takeIdle() : last?.connection
  }
}
