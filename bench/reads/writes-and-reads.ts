import { Connection } from '../harness/load/connection.js'
import type { SentDeployment } from '../harness/load/deployments.js'
import { openLoop } from '../harness/load/open-loop.js'
import type { Sample } from '../harness/report/rounds.js'

/** One in this number of writes is read. */
const SAMPLED = 5

/** Writes at a constant rate, independent of the responses, and reads some of the writes once they are answered. */
export class WritesAndReads {
  private idle: Connection[] = []

  constructor(
    private readonly url: string,
    private readonly path: string,
    private readonly deployments: Iterator<SentDeployment, never>,
  ) {}

  /**
   * Sends writes at a rate for some seconds. A latency counts from the time at which a write was due until the response of a read that
   * returns it. `seconds` and `events` are those of the writes.
   * @throws Error for a write that is not recorded, or a read that does not return it
   */
  async run(rate: number, seconds: number): Promise<Sample> {
    const latencies: number[] = []
    const started = performance.now()
    const events = await openLoop(rate, seconds, async (due, index) => {
      const read = index % SAMPLED === 0
      await this.write(this.deployments.next().value, read)
      if (read) latencies.push(performance.now() - due)
    })
    return { events, seconds: (performance.now() - started) / 1000, latencies }
  }

  close(): void {
    for (const connection of this.idle) connection.close()
  }

  private async write({ tenant, body }: SentDeployment, read: boolean): Promise<void> {
    const json = JSON.stringify(body)
    const { host } = new URL(this.url)
    const common = `HTTP/1.1\r\nHost: ${host}\r\nX-Tenant-ID: ${tenant}\r\n`
    const connection = this.idle.pop() ?? (await Connection.open(this.url))
    const written = await connection.send(
      `POST ${this.path} ${common}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
    )
    if (written.status !== 201) throw new Error(`not recorded: ${written.head}\r\n\r\n${written.body}`)
    if (read) {
      const { id } = JSON.parse(written.body) as { id: string }
      const position = /\r\nshiplog-position: (\S+)/i.exec(written.head)![1]
      const found = await connection.send(`GET ${this.path}/${id} ${common}Shiplog-Min-Position: ${position}\r\n\r\n`)
      if (found.status !== 200) throw new Error(`not visible: ${found.head}\r\n\r\n${found.body}`)
    }
    this.idle.push(connection)
  }
}
