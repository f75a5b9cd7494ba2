import { Connection } from '../harness/load/connection.js'
import type { Sample } from '../harness/report/rounds.js'

/** Callers that read the same page again and again, each over a connection that is kept. */
export class PageReaders {
  private constructor(
    private readonly connections: Connection[],
    private readonly request: string,
  ) {}

  /** Connects so many readers to a URL. */
  static async connect(url: string, count: number, tenant: string): Promise<PageReaders> {
    const { pathname, search, host } = new URL(url)
    const request = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nX-Tenant-ID: ${tenant}\r\n\r\n`
    return new PageReaders(await Promise.all(Array.from({ length: count }, () => Connection.open(url))), request)
  }

  /** Reads for so long. @throws Error for an answer that is not a page of so many records */
  async read(seconds: number, records: number): Promise<Sample> {
    const started = performance.now()
    const deadline = started + seconds * 1000
    const latencies: number[] = []
    await Promise.all(
      this.connections.map(async connection => {
        for (let sent = performance.now(); sent < deadline; sent = performance.now()) {
          const { status, head, body } = await connection.send(this.request)
          latencies.push(performance.now() - sent)
          if (status !== 200) throw new Error(`no page: ${head}\r\n\r\n${body}`)
        }
        const { body } = await connection.send(this.request)
        const length = (JSON.parse(body) as unknown[]).length
        if (length !== records) throw new Error(`a page of ${length} records instead of ${records}`)
      }),
    )
    return { events: latencies.length, seconds: (performance.now() - started) / 1000, latencies }
  }

  close(): void {
    for (const connection of this.connections) connection.close()
  }
}
