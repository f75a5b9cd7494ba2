import { openLoop } from '../../harness/load/open-loop.js'
import type { Connections } from './connections.js'
import type { Traffic } from './traffic.js'
import type { SoakRequest, Workload } from './workload.js'

/** Sends a workload's requests: writes to the command app, reads to the query app. */
export class Load {
  /** Failures with their counts. */
  readonly failures = new Map<string, number>()

  constructor(
    private readonly workload: Workload,
    private readonly connections: { write: Connections; read: Connections },
    /** The current counts. */
    private readonly traffic: Traffic,
  ) {}

  /** Callers that each send the next request when the last one is answered, as fast as possible. */
  async closedLoop(callers: number, seconds: number): Promise<void> {
    const deadline = performance.now() + seconds * 1000
    await Promise.all(
      Array.from({ length: callers }, async () => {
        for (let now = performance.now(); now < deadline; now = performance.now()) await this.send(now)
      }),
    )
  }

  /** Sends requests at a rate, independent of the responses, and waits until all are answered. */
  async openLoop(rate: number, seconds: number): Promise<void> {
    await openLoop(rate, seconds, due => this.send(due))
  }

  /** Never rejects: failures are counted. */
  private async send(due: number): Promise<void> {
    const request = this.workload.next()
    this.traffic.sent()
    let reason: string | undefined
    try {
      const answer = await this.connections[request.side].send(this.bytesOf(request))
      if (this.workload.settle(request, answer)) return this.traffic.answered(request.side, performance.now() - due)
      reason = `${answer.status} ${answer.body.slice(0, 200)}`
    } catch (error) {
      this.workload.settle(request, undefined)
      reason = (error as Error).message
    }
    this.traffic.failed()
    this.tell(`${request.kind}: ${reason}`)
  }

  private bytesOf({ tenant, path, body, minPosition }: SoakRequest): string {
    const lines = [`${body === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1`, 'Host: 127.0.0.1']
    lines.push(`X-Tenant-ID: ${tenant}`)
    if (minPosition !== undefined) lines.push(`Shiplog-Min-Position: ${minPosition}`)
    if (body === undefined) return `${lines.join('\r\n')}\r\n\r\n`
    lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`)
    return `${lines.join('\r\n')}\r\n\r\n${body}`
  }

  // Ids are removed, so that equal failures are counted together.
  private tell(failure: string): void {
    const name = failure.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
    if (this.failures.has(name) || this.failures.size < 20) {
      this.failures.set(name, (this.failures.get(name) ?? 0) + 1)
    }
  }
}
