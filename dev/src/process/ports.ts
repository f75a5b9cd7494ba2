import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** True when nothing listens on that port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/**
 * The first free one of the candidates, else any free port.
 * Not one that the system hands out to outgoing connections (from 32768 on Linux): while a server is down, a client
 * that keeps dialling such a port can connect to itself, and the server finds its port taken.
 * @param taken ports chosen already and not listened on yet
 */
export async function choosePort(candidates: (number | undefined)[], taken: number[] = []): Promise<number> {
  for (const port of candidates) {
    if (port && !taken.includes(port) && (await isFree(port))) return port
  }
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(20_000, 30_000)
    if (!taken.includes(port) && (await isFree(port))) return port
  }
  throw new Error('found no free port between 20000 and 30000 on 127.0.0.1')
}
