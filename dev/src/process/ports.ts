import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** True if nothing listens on that port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/**
 * The first free candidate, else any free port.
 * Not one of the system's ephemeral ports (from 32768 on Linux): while a server is down, a client
 * that keeps connecting to such a port can connect to itself, and the server finds its port taken.
 * @param taken ports that are chosen but not in use yet
 */
export async function choosePort(candidates: (number | undefined)[], taken: number[] = []): Promise<number> {
  for (const port of candidates) {
    if (port && !taken.includes(port) && (await isFree(port))) return port
  }
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(20_000, 30_000)
    if (!taken.includes(port) && (await isFree(port))) return port
  }
  throw new Error('no free port between 20000 and 30000 on 127.0.0.1')
}
