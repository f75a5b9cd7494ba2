import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { choosePort, isFree } from './ports.js'

let server: Server
let usedPort: number

beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  usedPort = (server.address() as AddressInfo).port
})

afterAll(() => new Promise(resolve => server.close(resolve)))

test('isFree returns false for a used port', async () => {
  expect(await isFree(usedPort)).toBe(false)
})

test('choosePort returns the first free candidate, and skips used, reserved and missing ones', async () => {
  const free = await choosePort([])
  expect(await choosePort([undefined, 0, usedPort, free])).toBe(free)
  expect(await choosePort([free], [free])).not.toBe(free)
})

test('choosePort returns any free port below the ephemeral range if no candidate is free', async () => {
  const port = await choosePort([usedPort])
  expect(port).toBeGreaterThanOrEqual(20_000)
  expect(port).toBeLessThan(30_000)
  expect(await isFree(port)).toBe(true)
})
