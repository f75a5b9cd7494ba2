import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { findCommand } from '#libs/ledger'
import { queryOn } from '#libs/postgres'
import { Client } from 'pg'
import * as stack from '#test/kit'
import { deploymentsPath } from './deployment/deployment-response.js'
import { seed, startCommandApp, type TestCommandApp } from '#test/kit/apps/command-app'

/** A TCP proxy to a server whose connections can be cut. */
class CuttableProxy {
  private readonly sockets = new Set<Socket>()
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(host: string, port: number, at = 0): Promise<CuttableProxy> {
    const server = createServer()
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new CuttableProxy(server, (server.address() as { port: number }).port)
    server.on('connection', near => {
      const far = connect(port, host)
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.sockets.add(socket)
        socket.pipe(other)
        socket.on('error', () => other.destroy()).on('close', () => other.destroy())
      }
    })
    return proxy
  }

  async cut(): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
    await closed
  }
}

describe('while Postgres is unavailable', () => {
  let app: TestCommandApp
  let proxy: CuttableProxy
  let host: string
  let port: number

  beforeAll(async () => {
    app = await startCommandApp({
      ...stack,
      createDatabase: async name => {
        const database = await stack.createDatabase(name)
        const url = new URL(database.url)
        ;[host, port] = [url.hostname, Number(url.port)]
        proxy = await CuttableProxy.to(host, port)
        url.host = `127.0.0.1:${proxy.port}`
        return { ...database, url: url.href }
      },
    })
  })
  afterAll(async () => {
    await app.close()
    await proxy.cut()
  })

  it('a write returns 503 with Retry-After, an import waits, and both succeed once it is back', async () => {
    const post = app.tenant()
    expect((await post('', seed)).status).toBe(201)
    await proxy.cut()

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
    proxy = await CuttableProxy.to(host, port, proxy.port)
    const results = (await (await importing).text()).trim().split('\n')
    expect(results.map(line => JSON.parse(line).result)).toEqual(['recorded', 'recorded', 'recorded'])
    await stack.until(async () => (await post('', { ...seed, imageTag: 'v2' })).status === 201, 'writes go on')
  })
})

describe('when the log does not confirm in time', () => {
  let app: TestCommandApp

  beforeAll(async () => {
    // Every append takes longer than this, as all do while Kafka is unavailable.
    app = await startCommandApp(stack, { SHIPLOG_CONFIRM_TIMEOUT_MS: '1' })
  })
  afterAll(() => app.close())

  it('a write returns 202 with the URL of its command, which is appended later', async () => {
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
    const command = () => findCommand(queryOn(sql), tenant, json['id'])
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

describe('with an index of another state version', () => {
  let app: TestCommandApp
  let sql: Client

  beforeAll(async () => {
    app = await startCommandApp(stack)
    sql = new Client(app.settings.databaseUrl)
    await sql.connect()
  })
  afterAll(async () => {
    await sql.end()
    await app.close()
  })

  it('a write returns 503 with Retry-After until a new term has replayed the log', async () => {
    const post = app.tenant()
    const body = { ...seed, id: randomUUID() }
    const first = await post('', body)
    await sql.query(`UPDATE ledger.gate SET state_versions = 'deployment:0'`)

    const refused = await post('', body)
    expect([refused.status, refused.json['type']]).toEqual([503, 'https://shiplog.dev/problems/unavailable'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)

    // Ends the term.
    await sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'shiplog appender' AND datname = current_database()`,
    )
    await stack.until(async () => (await post('', body)).status === 200, 'the log to be replayed')
    expect((await post('', body)).json).toEqual(first.json)
  })
})
