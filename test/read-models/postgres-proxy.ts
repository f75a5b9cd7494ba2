import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A TCP proxy in front of Postgres that can be cut. */
export class PostgresProxy {
  private readonly sockets = new Set<Socket>()
  private passing = true

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(databaseUrl: string): Promise<PostgresProxy> {
    const target = new URL(databaseUrl)
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = new URL(databaseUrl)
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const proxy = new PostgresProxy(server, url.href)
    server.on('connection', near => proxy.join(near, () => connect(Number(target.port), target.hostname)))
    return proxy
  }

  /** Breaks every connection and takes no new ones. */
  cut(): void {
    this.passing = false
    for (const socket of this.sockets) socket.destroy()
    this.sockets.clear()
  }

  mend(): void {
    this.passing = true
  }

  close(): void {
    this.cut()
    this.server.close()
  }

  private join(near: Socket, dial: () => Socket): void {
    near.on('error', () => undefined)
    if (!this.passing) {
      near.destroy()
      return
    }
    const far = dial()
    far.on('error', () => undefined)
    this.pipe(near, far)
    this.pipe(far, near)
  }

  private pipe(from: Socket, to: Socket): void {
    this.sockets.add(from)
    from.on('close', () => to.destroy())
    from.pipe(to)
  }
}
