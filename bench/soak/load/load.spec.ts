import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Connections } from './connections.js'
import { Load } from './load.js'
import { Traffic } from './traffic.js'
import { Workload } from './workload.js'

describe('Load', () => {
  let server: Server
  let connections: Connections
  const sockets = new Set<unknown>()

  async function against(listener: RequestListener) {
    server = createServer(listener)
    server.on('connection', socket => sockets.add(socket))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    connections = new Connections(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const [workload, traffic] = [new Workload(1), new Traffic()]
    const load = new Load(workload, { write: connections, read: connections }, traffic)
    return { load, workload, traffic }
  }

  afterEach(async () => {
    connections.close()
    sockets.clear()
    await new Promise(resolve => {
      server.close(resolve)
      server.closeAllConnections()
    })
  })

  /** Responds to all pending requests with success as soon as there are `count` of them. */
  const respondsTogether = (count: number): RequestListener => {
    const pending: (() => void)[] = []
    return (request, response) => {
      pending.push(() => response.writeHead(request.url === path ? 201 : 200, { 'Content-Length': 2 }).end('{}'))
      if (pending.length >= count) for (const respond of pending) respond()
      if (pending.length >= count) pending.length = 0
    }
  }
  const path = '/api/v1/platform/deployments'

  it('does not wait for a response before the next request in an open loop', async () => {
    const { load, traffic } = await against(respondsTogether(20))

    await load.openLoop(1000, 0.02)

    expect(traffic.figures).toMatchObject({ sent: 20, answered: 20, failed: 0 })
  })

  it('waits for each response in a closed loop, and reuses its connections', async () => {
    const { load, workload, traffic } = await against(respondsTogether(1))

    await load.closedLoop(2, 0.1)

    expect(traffic.figures.answered).toBeGreaterThanOrEqual(2)
    expect(workload.unknown).toBe(0)
    expect(sockets.size).toBeLessThanOrEqual(2)
  })

  it('counts unexpected and missing responses as failed', async () => {
    let requests = 0
    const { load, workload, traffic } = await against((_request, response) => {
      requests += 1
      if (requests % 2 === 0) response.destroy()
      else response.writeHead(503, { 'Content-Length': 4 }).end('away')
    })

    await load.openLoop(1000, 0.01)

    expect(traffic.figures).toMatchObject({ sent: 10, answered: 0, failed: 10 })
    expect(workload.unknown).toBeGreaterThan(0)
    expect([...load.failures.keys()]).toEqual(expect.arrayContaining([expect.stringContaining('503 away')]))
    expect([...load.failures.keys()].some(failure => !failure.includes('503'))).toBe(true)
  })
})
