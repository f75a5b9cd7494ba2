import { setTimeout as pause } from 'node:timers/promises'
import { between, pick, sample } from '../world/pick.js'
import type { World } from '../world/world.js'
import { type Answered, ask, type Question } from './ask.js'
import { type ClientLedger, endOf, type Sent } from './client-ledger.js'
import { listeningCommand, untilAnswered } from './patience.js'
import { reflects } from './reads.js'

/** Its configuration is promoted; the other clients have tenants of their own. */
const tenant = 'umbrella'
const promotionsPath = '/api/v1/config/promotions'
/** From one environment to the next, by any of their names, and how many must approve it. */
const ways = [
  { sources: ['dev', 'development'], targets: ['staging', 'stage'], approvals: 1 },
  { sources: ['staging', 'stage'], targets: ['production', 'prod'], approvals: 2 },
]
const teams = ['team-1', 'team-2', 'team-3', 'team-4']
const settings = ['limit', 'timeout', 'model', 'password', 'url', 'retries']
const THINK_MS = 60

/** A promotion as its client remembers it: how far it had come when something about it was last acknowledged. */
interface Known {
  id: string
  version: number
  position: string | undefined
}

/** What is sent: a body, or what it is for a token. */
interface Request extends Pick<Question, 'path'> {
  method: 'POST' | 'PATCH' | 'DELETE'
  body?: object | ((token: string) => object)
}

/**
 * Sets configurations in one environment and promotes them to the next, by hand or when they are due, and back. The token of a
 * command is its user too: so it is found again in every event that it left.
 */
export class Promoter {
  private count = 0

  constructor(
    private readonly number: number,
    private readonly world: World,
    private readonly ledger: ClientLedger,
    private readonly random: () => number,
  ) {}

  /** Works until the signal aborts; the command that it has begun by then it finishes. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.promote(signal)
  }

  private async promote(signal: AbortSignal): Promise<void> {
    const { sources, targets, approvals } = pick(ways, this.random)
    const [source, target] = [pick(sources, this.random), pick(targets, this.random)]
    const team = pick(teams, this.random)
    await this.configure(signal, source, team)
    const known = await this.draft(signal, source, target, team)
    if (!known) return
    await this.act(signal, known, 'validate')
    for (let left = approvals; left > 0; left--) await this.act(signal, known, 'approve')
    const choice = this.random()
    if (choice < 0.15) await this.configure(signal, target, team)
    if (choice < 0.5) await this.execute(signal, known)
    else if (choice < 0.9) await this.schedule(signal, known, target, team)
    else if (choice < 0.95) await this.act(signal, known, 'cancel')
    await this.read(known)
  }

  private async configure(signal: AbortSignal, environment: string, team: string): Promise<void> {
    const keys = sample(settings, between(1, 4, this.random), this.random).map(setting => `${team}.${setting}`)
    const gone = keys.splice(2)
    const body = (token: string) => ({
      set: Object.fromEntries(keys.map(key => [key, `${key} of ${token}`])),
      delete: gone,
      secrets: keys.filter(key => key.endsWith('password')),
    })
    await this.send(signal, 'configure', {
      method: 'PATCH',
      path: `/api/v1/config/environments/${environment}/configurations`,
      body,
    })
  }

  /** `undefined` where nobody said that there is one. */
  private async draft(
    signal: AbortSignal,
    sourceEnvironment: string,
    targetEnvironment: string,
    team: string,
  ): Promise<Known | undefined> {
    const selection =
      this.random() < 0.1
        ? { promotionType: 'FULL', deleteRemoved: true }
        : { promotionType: 'PATTERN', keyPatterns: [`${team}.*`] }
    const body = { sourceEnvironment, targetEnvironment, ...selection }
    const { status, json, position } = await this.send(signal, 'draft', { method: 'POST', path: promotionsPath, body })
    if (status < 200 || status > 299) return undefined
    return { id: String(status === 202 ? json.promotionId : json.id), version: 1, position }
  }

  private async execute(signal: AbortSignal, known: Known): Promise<void> {
    // However often it is asked for, it is executed once.
    const times = this.random() < 0.3 ? 3 : 1
    await Promise.all(Array.from({ length: times }, () => this.act(signal, known, 'execute')))
    if (this.random() < 0.4) await this.act(signal, known, 'rollback', { force: this.random() < 0.5 })
  }

  private async schedule(signal: AbortSignal, known: Known, target: string, team: string): Promise<void> {
    // Many a time it is over before the command is decided.
    const soon = () => new Date(Date.now() + between(300, 2000, this.random)).toISOString()
    await this.act(signal, known, 'schedule', { at: soon() })
    const choice = this.random()
    if (choice < 0.15) await this.act(signal, known, 'schedule', { at: soon() })
    else if (choice < 0.25) await this.act(signal, known, 'cancel')
    else if (choice < 0.35) await this.configure(signal, target, team)
  }

  private async act(signal: AbortSignal, known: Known, action: string, body: object = {}): Promise<void> {
    const path = `${promotionsPath}/${known.id}`
    const { status, position, json } = await this.send(
      signal,
      action,
      action === 'cancel' ? { method: 'DELETE', path } : { method: 'POST', path: `${path}/${action}`, body },
    )
    if (status !== 200) return
    if (json.id !== known.id) this.ledger.blame(`${action} of promotion ${known.id} was answered with ${json.id}`)
    if (json.version > known.version) Object.assign(known, { version: json.version, position })
  }

  private async send(signal: AbortSignal, what: string, { method, path, body }: Request): Promise<Answered> {
    const token = `p${this.number}-${this.count++}`
    const sent = this.ledger.send({ token, what, tenant, application: tenant })
    const said = typeof body === 'function' ? body(token) : body
    const question = { method, path, tenant, user: token, key: token, body: said }
    let answered: Answered = { status: 0 }
    const once = async () => {
      answered = await ask(await listeningCommand(this.world, this.random), question)
      this.note(sent, answered)
    }
    await untilAnswered(sent, this.random, signal, once)
    // The same again must be answered the same.
    if (sent.end === 'acked' && this.random() < 0.1) await once()
    await pause(between(0, THINK_MS, this.random))
    return answered
  }

  private note(sent: Sent, { status, position, json }: Answered): void {
    // A conflict is refused and moves the promotion all the same: then the log has something of it.
    const moved = status === 409 && json?.promotionState === 'VALIDATION_FAILED' && json.conflicts !== undefined
    const end = position === undefined ? 'unknown' : 'acked'
    this.ledger.answered(sent, moved ? end : endOf(status), { position, commandUrl: json?.url })
  }

  /** Who was acknowledged something sees it. */
  private async read({ id, version, position }: Known): Promise<void> {
    const { url } = this.world.query
    if (url === undefined) return
    const path = `${promotionsPath}/${id}`
    const answer = await ask(url, { method: 'GET', path, tenant, minimum: position })
    if (answer.status === 0 || answer.status >= 500) return
    const blame = (what: string) => this.ledger.blame(`GET ${path} after ${position}: ${what}`)
    if (answer.status !== 200) return position === undefined ? undefined : blame(`was answered ${answer.status}`)
    if (position !== undefined && !reflects(answer.position, position)) blame(`reflects ${answer.position}`)
    if (answer.json.version < version) blame(`has version ${answer.json.version}, and ${version} was acknowledged`)
  }
}
