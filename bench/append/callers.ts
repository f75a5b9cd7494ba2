import { Connection } from '../harness/load/connection.js'
import type { Sample } from '../harness/report/rounds.js'

/** Makes the next request: the tenant, and the body as JSON. */
export type NextRequest = () => { tenant: string; body: string }

/** Callers that each post, await the answer, and post again, over a connection that is kept. */
export class Callers {
  private constructor(
    private readonly callers: Caller[],
    private readonly next: NextRequest,
  ) {}

  /** Connects so many callers to a path. */
  static async connect(url: string, count: number, next: NextRequest): Promise<Callers> {
    const { pathname, host } = new URL(url)
    const head = `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`
    const callers = Array.from({ length: count }, async () => new Caller(await Connection.open(url), head))
    return new Callers(await Promise.all(callers), next)
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
  constructor(
    private readonly connection: Connection,
    private readonly head: string,
  ) {}

  async post({ tenant, body }: ReturnType<NextRequest>): Promise<void> {
    const length = Buffer.byteLength(body)
    const answer = await this.connection.send(
      `${this.head}X-Tenant-ID: ${tenant}\r\nContent-Length: ${length}\r\n\r\n${body}`,
    )
    if (answer.status !== 201) throw new Error(`not recorded: ${answer.head}\r\n\r\n${answer.body}`)
  }

  close(): void {
    this.connection.close()
  }
}
