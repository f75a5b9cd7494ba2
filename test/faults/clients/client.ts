import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { between, pick } from '../world/pick.js'
import type { World } from '../world/world.js'
import { type Answered, ask } from './ask.js'
import { type ClientLedger, endOf, type Sent } from './client-ledger.js'
import type { Caller } from './caller.js'
import { aDeployment, type Known, tenants } from './deployments.js'
import { importFile } from './imports.js'
import { listeningCommand, untilAnswered } from './patience.js'
import { checkReads } from './reads.js'

/** What each client remembers of others' deployments too, so that they meet. */
export type Shared = Known[]
const REMEMBERED = 300
const THINK_MS = 60
/** How pending deployments end: nearly all succeed. */
const completions = [...Array.from({ length: 8 }, () => 'DEPLOYED'), 'FAILED', 'CANCELLED']
const INCIDENTS = '/api/v1/platform/incidents'

interface Command {
  sent: Sent
  path: string
  body: object
  key: string | undefined
  known: Known | undefined
  /** Who sends it: events without a reason are found by their actor. */
  user?: string | undefined
}

/** One client: sends one thing after another, notes what was answered, and checks what it reads. */
export class Client implements Caller {
  private count = 0
  private readonly tenant: string
  /** Incidents that it has opened and not resolved. */
  private readonly open: { id: string; application: string }[] = []
  /** Commands that were answered, to be sent again. */
  private readonly answered: Command[] = []

  constructor(
    private readonly number: number,
    readonly world: World,
    readonly ledger: ClientLedger,
    readonly random: () => number,
    private readonly shared: Shared,
  ) {
    this.tenant = tenants[number % tenants.length]!
  }

  /** Works until the signal aborts; what it has begun by then it finishes. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.act(signal)
      await pause(between(0, THINK_MS, this.random))
    }
  }

  /** Deployments of its tenant that somebody was acknowledged. */
  known(status?: string): Known | undefined {
    const own = this.shared.filter(known => known.tenant === this.tenant && (!status || known.status === status))
    return own.length === 0 ? undefined : pick(own, this.random)
  }

  token(): string {
    return `c${this.number}-${this.count++}`
  }

  commandUrl(): Promise<string> {
    return listeningCommand(this.world, this.random)
  }

  private async act(signal: AbortSignal): Promise<void> {
    const choice = this.random()
    if (choice < 0.34) return this.record(signal)
    if (choice < 0.47) return this.complete(signal)
    if (choice < 0.53) return this.rollBack(signal)
    if (choice < 0.57) return this.rollBackTag(signal)
    if (choice < 0.6) return this.remove(signal)
    if (choice < 0.66) return this.correct(signal)
    if (choice < 0.67) return this.void(signal)
    if (choice < 0.69) return importFile(this, this.tenant, signal)
    if (choice < 0.75) return this.repeat(signal)
    if (choice < 0.78) return this.abuseKey()
    if (choice < 0.8) return this.rush(signal)
    if (choice < 0.84) return this.openIncident(signal)
    if (choice < 0.87) return this.resolveIncident(signal)
    return checkReads(this, this.tenant)
  }

  private async record(signal: AbortSignal): Promise<void> {
    const token = this.token()
    const body = aDeployment(this.tenant, token, this.random)
    const ownId = this.random() < 0.5
    const application = String(body['application'])
    await this.send(signal, 'record', token, application, {
      path: '',
      body: ownId ? { id: randomUUID(), ...body } : body,
      key: ownId ? undefined : token,
      known: undefined,
    })
  }

  private async complete(signal: AbortSignal): Promise<void> {
    const known = this.known('PENDING')
    if (!known) return this.record(signal)
    const token = this.token()
    const body = { status: pick(completions, this.random), reason: token }
    await this.send(signal, 'complete', token, known.application, { path: `/${known.id}/complete`, body, known })
  }

  private async rollBack(signal: AbortSignal): Promise<void> {
    const known = this.known('DEPLOYED')
    if (!known) return this.record(signal)
    const token = this.token()
    const body = { reason: token }
    await this.send(signal, 'rollback', token, known.application, { path: `/${known.id}/rollback`, body, known })
  }

  private async rollBackTag(signal: AbortSignal): Promise<void> {
    const known = this.known('DEPLOYED')
    if (!known) return this.record(signal)
    const token = this.token()
    const { application, environment, imageTag } = known
    const body = { reason: token, application, environment }
    await this.send(signal, 'rollback-tag', token, application, {
      path: `/tag/${imageTag}/rollback`,
      body,
      known: undefined,
    })
  }

  /** By its id, or what runs in its place. */
  private async remove(signal: AbortSignal): Promise<void> {
    const known = this.known('DEPLOYED')
    if (!known) return this.record(signal)
    const token = this.token()
    const { application, environment } = known
    const isById = this.random() < 0.5
    const body = isById ? { reason: token } : { reason: token, application, environment }
    const path = isById ? `/${known.id}/remove` : '/remove'
    await this.send(signal, 'remove', token, application, { path, body, known: isById ? known : undefined })
  }

  private async correct(signal: AbortSignal): Promise<void> {
    const known = this.known()
    if (!known) return this.record(signal)
    const token = this.token()
    // Notes that nobody has sent before: a correction that changes nothing leaves no event.
    const status = this.random() < 0.2 ? { status: pick(['DEPLOYED', 'FAILED', 'CANCELLED'], this.random) } : {}
    const commits = this.random() < 0.2 ? { commits: [{ sha: token, committedAt: '2026-01-01T00:00:00Z' }] } : {}
    const body = { reason: token, notes: `notes of ${token}`, ...status, ...commits }
    await this.send(signal, 'correct', token, known.application, { path: `/${known.id}/correct`, body, known })
  }

  private async openIncident(signal: AbortSignal): Promise<void> {
    const known = this.known()
    if (!known) return this.record(signal)
    const token = this.token()
    const { id: deploymentId, application, environment } = known
    const names = this.random() < 0.3 ? { deploymentId } : { application, environment }
    const startedAt = new Date(Date.now() - this.random() * 60_000).toISOString()
    const body = { id: `incident of ${token}`, ...names, startedAt, title: token }
    await this.send(signal, 'incident', token, application, { path: INCIDENTS, body, known: undefined, user: token })
  }

  private async resolveIncident(signal: AbortSignal): Promise<void> {
    const incident = this.open.shift()
    if (!incident) return this.openIncident(signal)
    const token = this.token()
    const path = `${INCIDENTS}/${encodeURIComponent(incident.id)}/resolve`
    const request = { path, body: {}, known: undefined, user: token }
    await this.send(signal, 'incident-resolve', token, incident.application, request)
  }

  private async void(signal: AbortSignal): Promise<void> {
    const known = this.known()
    if (!known) return this.record(signal)
    const token = this.token()
    const body = { reason: token }
    await this.send(signal, 'void', token, known.application, { path: `/${known.id}/void`, body, known })
  }

  /** Changes one deployment several times at once, over all commands. */
  private async rush(signal: AbortSignal): Promise<void> {
    const known = this.known()
    if (!known) return this.record(signal)
    const changes = Array.from({ length: 6 }, () => {
      const token = this.token()
      const body = { reason: token, notes: `notes of ${token}` }
      return this.send(signal, 'correct', token, known.application, { path: `/${known.id}/correct`, body, known })
    })
    await Promise.all(changes)
  }

  /** Sends again what was answered long ago: the same must be answered. */
  private async repeat(signal: AbortSignal): Promise<void> {
    if (this.answered.length === 0) return this.record(signal)
    const command = pick(this.answered, this.random)
    this.note(command, await this.ask(command))
  }

  /** Another body under a key that was used: must be refused, and leave no trace. */
  private async abuseKey(): Promise<void> {
    const used = this.answered.filter(
      ({ key, sent, user }) => key !== undefined && user === undefined && sent.end === 'acked',
    )
    if (used.length === 0) return
    const { sent, ...before } = pick(used, this.random)
    const token = this.token()
    const body = before.path === '' ? aDeployment(this.tenant, token, this.random) : { ...before.body, reason: token }
    const abuse = this.ledger.send({ ...sent, token, what: 'abuse-key' })
    abuse.end = 'refused'
    const { status } = await this.ask({ ...before, sent: abuse, body })
    if (status !== 422 && status !== 0 && status < 500) {
      this.ledger.blame(`${token}: another body under the key of ${sent.token} was answered ${status}, not 422`)
    }
  }

  private async send(
    signal: AbortSignal,
    what: string,
    token: string,
    application: string,
    request: Omit<Command, 'sent' | 'key'> & { key?: string | undefined },
  ): Promise<void> {
    const key = 'key' in request ? request.key : token
    const sent = this.ledger.send({ token, what, tenant: this.tenant, application })
    const command: Command = { ...request, key, sent }
    await untilAnswered(sent, this.random, signal, async () => this.note(command, await this.ask(command)))
    if (sent.end === 'acked') this.answered.push(command)
    if (this.answered.length > REMEMBERED) this.answered.shift()
  }

  private async ask({ path, body, key, user }: Command): Promise<Answered> {
    return ask(await this.commandUrl(), { method: 'POST', path, tenant: this.tenant, user, key, body })
  }

  private note({ sent, known }: Command, { status, position, json }: Answered): void {
    this.ledger.answered(sent, endOf(status), { position, commandUrl: json?.url })
    if (status !== 200 && status !== 201) return
    if (sent.what === 'incident') return this.rememberIncident(sent, json)
    if (sent.what === 'incident-resolve') return
    if (json.labels?.tenant !== this.tenant)
      this.ledger.blame(`${sent.token} was answered with another tenant's record`)
    if (sent.what === 'record' && json.labels?.token !== sent.token) {
      this.ledger.blame(`${sent.token} was answered with the record of ${json.labels?.token}`)
    }
    this.remember(known, json, position)
  }

  private rememberIncident({ token, application }: Sent, { id, title }: { id: string; title: string }): void {
    if (title !== token) this.ledger.blame(`${token} was answered with the incident of ${title}`)
    if (this.open.every(incident => incident.id !== id)) this.open.push({ id, application })
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- the record as it was answered
  private remember(known: Known | undefined, json: any, position: string | undefined): void {
    if (position === undefined) return
    if (known) {
      // The answer to a repeat may be older than what is known.
      if (json.version > known.version) Object.assign(known, { status: json.status, version: json.version, position })
      return
    }
    const { id, application, environment, imageTag, status, version } = json
    if (this.shared.some(one => one.id === id)) return
    this.shared.push({ tenant: this.tenant, id, application, environment, imageTag, status, version, position })
    if (this.shared.length > REMEMBERED) this.shared.shift()
  }
}
