import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { expectDocumented } from './response-check.js'

export const deploymentsPath = '/api/v1/platform/deployments'
export const incidentsPath = '/api/v1/platform/incidents'

const ANSWER_LIMIT_MS = 60_000

export type Headers = Record<string, string | string[]>

export interface HttpRequest {
  method: string
  /** As it goes out: percent-encoded already, or wrongly. */
  path: string
  headers?: Headers
  body?: string | Buffer
}

export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any form
  json: any
}

/** Speaks HTTP to one app for one tenant, over connections that stay open. */
export class HttpClient {
  constructor(
    readonly url: string,
    private readonly headers: Headers = {},
    private readonly agent = new Agent({ keepAlive: true, maxSockets: 128 }),
  ) {}

  /** The same app, for another tenant. */
  as(tenant: string): HttpClient {
    return this.with({ 'X-Tenant-ID': tenant })
  }

  /** The same app, with further headers on every request. */
  with(headers: Headers): HttpClient {
    return new HttpClient(this.url, { ...this.headers, ...headers }, this.agent)
  }

  /** What it answers reflects what was written, on whichever app that was. */
  after(...written: HttpAnswer[]): HttpClient {
    const positions = written.map(({ headers }) => headers['shiplog-position'])
    if (positions.includes(undefined)) throw new Error('an answer without a Shiplog-Position')
    return this.with({ 'Shiplog-Min-Position': positions.join(',') })
  }

  /** What it answers reflects each partition up to its end here. */
  reflecting(ends: Record<number, number>): HttpClient {
    const positions = Object.entries(ends).map(([partition, seq]) => `${partition}:${seq}`)
    return this.with({ 'Shiplog-Min-Position': positions.join(',') })
  }

  get(path: string, headers?: Headers): Promise<HttpAnswer> {
    return this.send({ method: 'GET', path, ...(headers && { headers }) })
  }

  post(path: string, body: unknown = {}, headers: Headers = {}): Promise<HttpAnswer> {
    const type = { 'Content-Type': 'application/json' }
    return this.send({ method: 'POST', path, headers: { ...type, ...headers }, body: JSON.stringify(body) })
  }

  /** Records a deployment as a test's given. Throws where it is not new. */
  async record(deployment: object): Promise<HttpAnswer> {
    const answer = await this.post(deploymentsPath, deployment)
    if (answer.status !== 201) throw new Error(`${JSON.stringify(deployment)}: ${answer.status} ${answer.text}`)
    return answer
  }

  /** Sends exactly this. Rejects where no answer comes. */
  send({ method, path, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const { hostname, port } = new URL(this.url)
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
    return new Promise((resolve, reject) => {
      const sending = request(
        {
          hostname,
          port,
          method,
          path,
          agent: this.agent,
          headers: { ...length, ...this.headers, ...headers },
          timeout: ANSWER_LIMIT_MS,
        },
        incoming => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', reject)
          incoming.on('end', () => {
            const { statusCode: status = 0, headers: answered } = incoming
            const text = Buffer.concat(chunks).toString()
            try {
              expectDocumented({ method, path, status, contentType: answered['content-type'], text })
              resolve(answer(status, answered, text))
            } catch (error) {
              reject(error)
            }
          })
        },
      )
      sending.on('timeout', () => sending.destroy(new Error(`${method} ${path}: no answer`)))
      sending.on('error', reject)
      // Bytes: Node would send the headers in the encoding of a text.
      sending.end(body === undefined ? undefined : Buffer.from(body))
    })
  }

  /** Every page of a list, by following its links. */
  async all(path: string): Promise<unknown[]> {
    const items: unknown[] = []
    for (let next: string | undefined = path; next !== undefined;) {
      const { status, json, headers, text } = await this.get(next)
      if (status !== 200) throw new Error(`GET ${next}: ${status} ${text}`)
      items.push(...(json as unknown[]))
      const link: string | undefined = /<([^>]+)>;\s*rel="next"/.exec(String(headers['link'] ?? ''))?.[1]
      next = link === undefined ? undefined : link.slice(link.indexOf('/api/'))
    }
    return items
  }

  close(): void {
    this.agent.destroy()
  }
}

/** Sends bytes as they are and reads until the server closes: for requests that no client library would send. */
export function sendBytes(url: string, bytes: string | Buffer): Promise<HttpAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    const chunks: Buffer[] = []
    socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => {
      const [head = '', body = ''] = Buffer.concat(chunks)
        .toString()
        .split(/\r\n\r\n(.*)/s)
      const [statusLine = '', ...lines] = head.split('\r\n')
      const headers = lines.map(line => line.split(/:\s*(.*)/, 2) as [string, string])
      const lowered = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))
      try {
        resolve(answer(Number(statusLine.split(' ')[1]), lowered, body))
      } catch (error) {
        reject(error)
      }
    })
  })
}

function answer(status: number, headers: IncomingHttpHeaders, text: string): HttpAnswer {
  const isJson = /[/+]json\b/.test(headers['content-type'] ?? '')
  return { status, headers, text, json: isJson && text !== '' ? JSON.parse(text) : undefined }
}
