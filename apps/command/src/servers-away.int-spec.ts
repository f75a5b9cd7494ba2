import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { findCommand } from '#libs/ledger'
import { Client } from 'pg'
import * as stack from '#test/kit'
import { deploymentsPath } from './deployment/deployment-response.js'
import { seed, startCommandApp, type TestCommandApp } from '#test/kit/apps/command-app'

/** A way to a server that can be cut, and mended. */
class Cable {
  private readonly sockets = new Set<Socket>()
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(host: string, port: number, at = 0): Promise<Cable> {
    const server = createServer()
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    const cable = new Cable(server, (server.address() as { port: number }).port)
    server.on('connection', near => {
      const far = connect(port, host)
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        cable.sockets.add(socket)
        socket.pipe(other)
        socket.on('error', () => other.destroy()).on('close', () => other.destroy())
      }
    })
    return cable
  }

  async cut(): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
    await closed
  }
}

describe('while Postgres is away', () => {
  let app: TestCommandApp
  let cable: Cable
  let host: string
  let port: number

  beforeAll(async () => {
    app = await startCommandApp({
      ...stack,
      createDatabase: async name => {
        const database = await stack.createDatabase(name)
        const url = new URL(database.url)
        ;[host, port] = [url.hostname, Number(url.port)]
        cable = await Cable.to(host, port)
        url.host = `127.0.0.1:${cable.port}`
        return { ...database, url: url.href }
      },
    })
  })
  afterAll(async () => {
    await app.close()
    await cable.cut()
  })

  it('a write is 503 with Retry-After, an import waits, and both go on when it is back', async () => {
    const post = app.tenant()
    expect((await post('', seed)).status).toBe(201)
    await cable.cut()

    const refused = await post('', { ...seed, imageTag: 'v2' })
    expect([refused.status, refused.json['type']]).toEqual([503, 'https://shiplog.dev/problems/unavailable'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)

    const ready = await fetch(`${app.url}/readyz`)
    const parts = ((await ready.json()) as { parts: Record<string, { ok: boolean }> }).parts
    expect([ready.status, parts['postgres']?.ok, parts['kafka']?.ok]).toEqual([503, false, true])
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200)

    const importing = fetch(`${app.url}${deploymentsPath}/import`, {
      method: 'POST',
      headers: { 'X-Tenant-ID': randomUUID(), 'Content-Type': 'application/x-ndjson' },
      body: [1, 2, 3].map(number => `${JSON.stringify({ ...seed, imageTag: `v${number}` })}\n`).join(''),
    })
    await stack.until(() => app.logged.some(line => line.includes('"stalled"')), 'lines of the import wait')
    cable = await Cable.to(host, port, cable.port)
    const results = (await (await importing).text()).trim().split('\n')
    expect(results.map(line => JSON.parse(line).result)).toEqual(['recorded', 'recorded', 'recorded'])
    await stack.until(async () => (await post('', { ...seed, imageTag: 'v2' })).status === 201, 'writes go on')
  })
})

describe('while the log does not answer in time', () => {
  let app: TestCommandApp

  beforeAll(async () => {
    // No time at all: every append takes longer, as all do while Kafka is away.
    app = await startCommandApp(stack, { SHIPLOG_CONFIRM_TIMEOUT_MS: '1' })
  })
  afterAll(() => app.close())

  it('a write is accepted with the URL of its command, and is in the log later', async () => {
    const tenant = randomUUID()
    const post = app.tenant({ 'X-Tenant-ID': tenant })
    const { status, headers, json } = await post('', seed)
    expect(status).toBe(202)
    expect(json).toEqual({
      id: expect.any(String),
      status: 'accepted',
      url: headers.get('location'),
      deploymentId: expect.any(String),
    })
    expect(headers.get('location')).toBe(`/api/v1/commands/${json['id']}`)
    expect(headers.get('shiplog-position')).toBeNull()

    const sql = new Client(app.settings.databaseUrl)
    await sql.connect()
    const query = async (text: string, parameters?: unknown[]) => (await sql.query(text, parameters)).rows
    const command = () => findCommand(query, tenant, json['id'])
    await stack.until(async () => (await command())?.status === 'appended', 'the command is in the log')
    await sql.end()
  })

  it('a line of an import is accepted with the URL of its command', async () => {
    const answer = await app.app.inject({
      method: 'POST',
      url: `${deploymentsPath}/import`,
      headers: { 'content-type': 'application/x-ndjson' },
      payload: JSON.stringify(seed),
    })
    expect(JSON.parse(answer.body)).toEqual({
      line: 1,
      result: 'accepted',
      id: expect.any(String),
      command: expect.stringMatching(/^\/api\/v1\/commands\/[0-9a-f-]{36}$/),
    })
  })
})
