import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { random } from '../../kit/random.js'
import { ask } from '../clients/ask.js'
import { ClientLedger, endOf, type Sent } from '../clients/client-ledger.js'
import { pick } from '../world/pick.js'
import type { Replica } from '../world/replica.js'

const CLIENTS = 8
const AGAIN_MS = 50

/** Clients that record deployments, one after another each, and send again what was not answered. */
export class Recorders {
  readonly ledger = new ClientLedger()
  private readonly ending = new AbortController()
  private readonly clients: Promise<unknown>

  private constructor(
    private readonly commands: readonly Replica[],
    seed: number,
    private readonly prefix: string,
  ) {
    this.clients = Promise.all(
      Array.from({ length: CLIENTS }, (_, number) => this.record(number, random(seed * 1009 + number))),
    )
  }

  /** @param prefix begins the names that commands are found again by in the log */
  static start(commands: readonly Replica[], seed: number, prefix = 'c'): Recorders {
    return new Recorders(commands, seed, prefix)
  }

  /** How many commands were acknowledged so far. */
  get acked(): number {
    return this.ledger.ackedAt.length
  }

  /** Waits until so many more are acknowledged. */
  async untilAcked(more: number, within = 60_000): Promise<void> {
    const [enough, deadline] = [this.acked + more, performance.now() + within]
    while (this.acked < enough) {
      if (performance.now() > deadline) throw new Error(`nobody was acknowledged for ${within / 1000} s`)
      await pause(20)
    }
  }

  /** Sends nothing more, and waits for answers to what was sent. */
  async end(): Promise<void> {
    this.ending.abort()
    await this.clients
  }

  private async record(number: number, chance: () => number): Promise<void> {
    for (let sent = 0; !this.ending.signal.aborted; sent++) {
      const [tenant, application, token] = ['acme', `app-${number}-${sent % 4}`, `${this.prefix}-${number}-${sent}`]
      const deployment = { id: randomUUID(), application, environment: 'prod', imageTag: `v${sent}`, labels: { token } }
      const command = this.ledger.send({ token, what: 'record', tenant, application })
      await this.untilAnswered(command, deployment, chance)
    }
  }

  private async untilAnswered(command: Sent, body: object, chance: () => number): Promise<void> {
    do {
      const { url } = pick(this.commands, chance)
      const question = { method: 'POST', path: '', tenant: command.tenant, body } as const
      const { status, position } = url === undefined ? { status: 0 } : await ask(url, question)
      this.ledger.answered(command, endOf(status), { position })
      if (command.end === 'unknown') await pause(AGAIN_MS)
    } while (command.end === 'unknown' && !this.ending.signal.aborted)
  }
}
