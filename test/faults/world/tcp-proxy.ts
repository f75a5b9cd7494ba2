import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Passage, Relay } from './relay.js'

/**
 * A TCP proxy on loopback in front of a server on loopback, for faults of the network between them. Connections whose
 * bytes were swallowed are reset when that ends: a TCP stream may break, but never has a hole.
 */
export class TcpProxy {
  private readonly relays = new Set<Relay>()
  private readonly passage: Passage = { latencyMs: 0, requests: true, answers: true }
  private hole = false
  private dropping = false
  private refusing = false

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {
    server.on('connection', near => this.join(near))
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ noDelay: true })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new TcpProxy(server, targetPort)
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** The same URL by way of this proxy. */
  urlOf(serverUrl: string): string {
    const url = new URL(serverUrl)
    url.host = `127.0.0.1:${this.port}`
    return url.href
  }

  /** How many connections are open. */
  get connections(): number {
    return this.relays.size
  }

  /** Breaks all connections, in both directions, with RST. */
  reset(): void {
    for (const relay of this.relays) relay.reset()
  }

  /** Bytes vanish both ways, and so does the news that a side has closed; new connections are taken and hear nothing. */
  blackHole(on: boolean): void {
    this.hole = on
    this.apply()
  }

  /** Requests reach the server, its answers vanish. */
  dropAnswers(on: boolean): void {
    this.dropping = on
    this.apply()
  }

  /** Every piece of data arrives that much later, each way; 0: at once. */
  latency(ms: number): void {
    this.passage.latencyMs = ms
  }

  /** New connections are broken at once; those that are open stay. */
  refuse(on: boolean): void {
    this.refusing = on
  }

  /** Breaks all connections and frees the port. */
  async close(): Promise<void> {
    this.refusing = true
    const closed = once(this.server, 'close')
    this.server.close()
    this.reset()
    await closed
  }

  private apply(): void {
    this.passage.requests = !this.hole
    this.passage.answers = !this.hole && !this.dropping
    if (this.hole || this.dropping) return
    for (const relay of this.relays) if (relay.torn) relay.reset()
  }

  private join(near: Socket): void {
    // Whoever dials into a hole gets no further; the server hears nothing.
    const cut = this.hole || this.refusing
    const far = cut ? undefined : connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true })
    const relay = new Relay(near, far, this.passage)
    this.relays.add(relay)
    relay.onClosed(() => this.relays.delete(relay))
    if (this.refusing) relay.reset()
  }
}
