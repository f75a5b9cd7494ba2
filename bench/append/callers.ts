import { connect, type Socket } from 'node:net'
import type { Sample } from '../harness/rounds.js'

/** Makes the next request: the tenant, and the body as JSON. */
export type NextRequest = () => { tenant: string; body: string }

/**
 * Callers that each post, await the answer, and post again, over a connection that is kept. On bare sockets: the load shares the
 * cores with what it measures, and Node's own client would take several times as much of them.
 */
export class Callers {
  private constructor(
    private readonly callers: Caller[],
    private readonly next: NextRequest,
  ) {}

  /** Connects so many callers to a path. */
  static async connect(url: string, count: number, next: NextRequest): Promise<Callers> {
    const { hostname, port, host, pathname } = new URL(url)
    const sockets = Array.from({ length: count }, async () => {
      const socket = connect(Number(port), hostname)
      socket.setNoDelay(true)
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
      return new Caller(socket, `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`)
    })
    return new Callers(await Promise.all(sockets), next)
  }

  /** Calls for so long, and then until every call is answered. @throws Error for any answer but 201 */
  async call(seconds: number): Promise<Sample & { latencies: number[] }> {
    const started = performance.now()
    const deadline = started + seconds * 1000
    const latencies: number[] = []
    await Promise.all(
      this.callers.map(async caller => {
        while (performance.now() < deadline) {
          const sent = performance.now()
          await caller.post(this.next())
          latencies.push(performance.now() - sent)
        }
      }),
    )
    return { events: latencies.length, seconds: (performance.now() - started) / 1000, latencies }
  }

  close(): void {
    for (const caller of this.callers) caller.close()
  }
}

class Caller {
  private received = ''
  private answered?: { resolve(): void; reject(error: Error): void }

  constructor(
    private readonly socket: Socket,
    private readonly head: string,
  ) {
    socket.setEncoding('latin1')
    socket.on('data', chunk => this.receive(String(chunk)))
    socket.on('error', error => this.answered?.reject(error))
    socket.on('close', () => this.answered?.reject(new Error('the app closed the connection')))
  }

  post({ tenant, body }: ReturnType<NextRequest>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.answered = { resolve, reject }
      this.socket.write(
        `${this.head}X-Tenant-ID: ${tenant}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
    })
  }

  close(): void {
    this.answered = undefined
    this.socket.destroy()
  }

  private receive(chunk: string): void {
    this.received += chunk
    const headEnd = this.received.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const length = /\r\ncontent-length: (\d+)/i.exec(this.received)?.[1]
    if (length === undefined) return this.answered?.reject(new Error(`an answer without a length: ${this.received}`))
    if (this.received.length < headEnd + 4 + Number(length)) return
    const answer = this.received
    this.received = ''
    if (answer.startsWith('HTTP/1.1 201 ')) this.answered?.resolve()
    else this.answered?.reject(new Error(`not recorded: ${answer}`))
  }
}
