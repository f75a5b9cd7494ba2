import { connect, type Socket } from 'node:net'

/** Limit for a response. */
const PATIENCE_MS = 30_000

export interface HttpAnswer {
  status: number
  /** Status line and headers, as they came. */
  head: string
  body: string
}

/**
 * A keep-alive connection with one request at a time. It uses a bare socket, since the load shares the cores with the measured process
 * and Node's client would take several times as much CPU time.
 */
export class Connection {
  private received = ''
  private awaited?: { resolve(answer: HttpAnswer): void; reject(error: Error): void }
  private ended = false

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1')
    socket.on('data', chunk => this.receive(String(chunk)))
    socket.on('error', error => this.fail(error))
    socket.on('close', () => this.fail(new Error('the app closed the connection')))
    socket.setTimeout(PATIENCE_MS, () => this.awaited && this.fail(new Error(`no answer in ${PATIENCE_MS / 1000} s`)))
  }

  /** Connects to the host and port of a URL. @throws Error if nothing listens there */
  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.setNoDelay(true)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new Connection(socket)
  }

  /** Whether it can no longer be used. */
  get closed(): boolean {
    return this.ended
  }

  /** Sends a complete request and resolves with its response. Rejects without one; the connection is unusable then. */
  send(request: string): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.awaited = { resolve, reject }
      if (this.ended) this.fail(new Error('the connection is closed'))
      else this.socket.write(request)
    })
  }

  close(): void {
    this.awaited = undefined
    this.ended = true
    this.socket.destroy()
  }

  private receive(chunk: string): void {
    this.received += chunk
    const headEnd = this.received.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const length = /\r\ncontent-length: (\d+)/i.exec(this.received)?.[1]
    if (length === undefined) return this.fail(new Error(`an answer without a length: ${this.received}`))
    if (this.received.length < headEnd + 4 + Number(length)) return
    const text = this.received
    const { awaited } = this
    this.received = ''
    this.awaited = undefined
    awaited?.resolve({
      status: Number(text.slice(9, 12)),
      head: text.slice(0, headEnd),
      body: text.slice(headEnd + 4),
    })
  }

  private fail(error: Error): void {
    const { awaited } = this
    this.close()
    awaited?.reject(error)
  }
}
