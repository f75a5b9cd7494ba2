import { type Supervised, supervise } from './supervise.js'
import { until } from './until.js'

/** An in-memory server: `die` ends it, and its next `failures` starts fail. */
function fakeServer() {
  let die = () => {}
  let exited = Promise.resolve()
  const server = {
    name: 'Pretend',
    pid: 0,
    starts: 0,
    failures: 0,
    async start() {
      server.starts++
      if (server.failures-- > 0) throw new Error('port taken')
      server.pid++
      exited = new Promise(resolve => (die = resolve))
    },
    async stop() {
      die()
    },
    exited: () => exited,
    die: () => die(),
  }
  return server satisfies Supervised
}

function watch(server: Supervised) {
  const lines: string[] = []
  const pids: number[] = []
  const stop = supervise(server, {
    onProgress: line => lines.push(line),
    onRestart: pid => pids.push(pid),
    pauseMs: 1,
    longestPauseMs: 4,
  })
  return { lines, pids, stop }
}

test('supervise restarts a server each time it ends, and reports it', async () => {
  const server = fakeServer()
  await server.start()
  const { lines, pids, stop } = watch(server)

  server.die()
  await until(() => pids.length === 1, 'the first restart')
  server.die()
  await until(() => pids.length === 2, 'the second restart')
  await stop()

  expect(pids).toEqual([2, 3])
  expect(lines[0]).toBe('Pretend (process 1) ended unexpectedly: restarting it')
  expect(lines[1]).toMatch(/^Pretend restarted in .* \(process 2\)$/)
})

test('supervise retries until a start succeeds, and reports the reason of each failure', async () => {
  const server = fakeServer()
  await server.start()
  server.failures = 3
  const { lines, pids, stop } = watch(server)

  server.die()
  await until(() => pids.length === 1, 'the restart')
  await stop()

  expect(lines.filter(line => line === 'Pretend did not start: port taken')).toHaveLength(3)
})

test('supervise does not restart a server after it was stopped', async () => {
  const server = fakeServer()
  await server.start()
  const { lines, stop } = watch(server)

  await stop()
  await stop()

  expect(server.starts).toBe(1)
  expect(lines).toEqual([])
})
