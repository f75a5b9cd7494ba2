import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { choosePort, isFree } from './ports.js'

let server: Server
let taken: number

beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  taken = (server.address() as AddressInfo).port
})

afterAll(() => new Promise(resolve => server.close(resolve)))

test('sees what is taken', async () => {
  expect(await isFree(taken)).toBe(false)
})

test('takes the first free candidate, skipping taken, promised and missing ones', async () => {
  const free = await choosePort([])
  expect(await choosePort([undefined, 0, taken, free])).toBe(free)
  expect(await choosePort([free], [free])).not.toBe(free)
})

test('else any free port below those of outgoing connections', async () => {
  const port = await choosePort([taken])
  expect(port).toBeGreaterThanOrEqual(20_000)
  expect(port).toBeLessThan(30_000)
  expect(await isFree(port)).toBe(true)
})
