import { setTimeout as pause } from 'node:timers/promises'
import { random } from '../../kit/random.js'
import type { World } from '../world/world.js'
import { ask } from './ask.js'
import { Client, type Shared } from './client.js'
import { ClientLedger, type Sent } from './client-ledger.js'
import { Promoter } from './promoter.js'

const PROMOTERS = 4

/** Concurrent clients over several tenants, and the ledger on their side. */
export class Workload {
  readonly ledger = new ClientLedger()
  private readonly ending = new AbortController()
  private readonly clients: Promise<unknown>

  private constructor(
    private readonly world: World,
    seed: number,
    count: number,
  ) {
    const shared: Shared = []
    const clients = Array.from(
      { length: count },
      (_, number) => new Client(number, world, this.ledger, random(seed * 1009 + number), shared),
    )
    const promoters = Array.from(
      { length: PROMOTERS },
      (_, number) => new Promoter(number, world, this.ledger, random(seed * 2003 + number)),
    )
    this.clients = Promise.all([...clients, ...promoters].map(client => client.run(this.ending.signal)))
  }

  static start(world: World, seed: number, count = 12): Workload {
    return new Workload(world, seed, count)
  }

  /** Lets the clients finish what they have begun, and waits until everything that was accepted is in the log. */
  async end(within = 60_000): Promise<void> {
    this.ending.abort()
    await this.clients
    const deadline = performance.now() + within
    for (const sent of this.ledger.sent.filter(({ end }) => end === 'accepted')) await this.follow(sent, deadline)
  }

  /** Asks what became of a command; it stays accepted where nobody knows. */
  private async follow(sent: Sent, deadline: number): Promise<void> {
    const { commandUrl = '', tenant, token } = sent
    while (performance.now() < deadline) {
      const { url } = this.world.query
      const { status, json } = url ? await ask(url, { method: 'GET', path: commandUrl, tenant }) : { status: 0 }
      if (status === 404) return
      if (status === 200 && json.status === 'appended') {
        sent.position = json.position as string
        return
      }
      if (status === 200 && json.status === 'refused')
        this.ledger.blame(`${token} was accepted, and refused in the end`)
      await pause(100)
    }
  }
}
