import { deploymentsPath, type HttpAnswer, type HttpClient, incidentsPath, random } from '../../kit/index.js'

export const tags = ['v1', 'v2', 'v3', 'v4', 'v5']
export const shas = ['abc', 'def', 'fed', 'cab']

const statuses = ['DEPLOYED', 'DEPLOYED', 'DEPLOYED', 'DEPLOYED', 'PENDING', 'FAILED', 'ROLLED_BACK', 'CANCELLED']

/** A deployment that nobody records. */
export const unknown = '55555555-5555-4555-8555-555555555555'

interface Course {
  commands: number
  callers: number
  seed: number
}

/** Has callers send commands at random, possible or not, side by side; few of everything, so that they meet. Resolves with the answers. */
export async function sendAnything(http: HttpClient, { commands, callers, seed }: Course): Promise<HttpAnswer[]> {
  const command = new AnyCommand(random(seed))
  // With numbers of their own, so that incidents leave the commands on deployments as they are.
  const aside = new AnyIncident(random(seed + 1))
  const known: Known[] = []
  let sent = 0
  const caller = async () => {
    const got: HttpAnswer[] = []
    while (sent++ < commands) {
      const { path, body } = command.next(known)
      const answer = await http.post(`${deploymentsPath}${path}`, body)
      if (answer.status === 201) known.push(answer.json)
      got.push(answer)
      const incident = aside.next(known)
      if (incident) got.push(await http.post(`${incidentsPath}${incident.path}`, incident.body))
    }
    return got
  }
  return (await Promise.all(Array.from({ length: callers }, caller))).flat()
}

type Known = Record<'id' | 'application' | 'environment', string>
const isSame = (a: Omit<Known, 'id'>, b: Omit<Known, 'id'> | undefined) =>
  a.application === b?.application && a.environment === b.environment

/** Incidents of few ids, so that they meet: opened and resolved, possible or not, by what they name and by when they started. */
class AnyIncident {
  private opened = 0

  constructor(private readonly random: () => number) {}

  /** One for every fourth command. */
  next(known: Known[]): { path: string; body: object } | undefined {
    if (this.random() > 0.25) return undefined
    if (this.opened > 0 && this.random() < 0.4) {
      const id = `incident ${Math.floor(this.random() * (this.opened + 1))}`
      return { path: `/${encodeURIComponent(id)}/resolve`, body: { resolvedAt: this.minute(8) } }
    }
    const named = this.random() < 0.8 && known.length > 0 ? this.oneOf(known).id : unknown
    const slot = {
      ...(this.random() < 0.9 && { application: this.oneOf(['checkout', 'search', 'platform']) }),
      environment: this.oneOf(['dev', 'stage', 'prod', 'Production', 'qa']),
    }
    const kind = this.random()
    const body = {
      id: `incident ${this.opened++}`,
      ...(kind < 0.7 && slot),
      ...(kind > 0.6 && { deploymentId: named }),
      startedAt: this.minute(2),
      ...(this.random() < 0.5 && { title: 'it answers 500', url: 'https://incidents.acme.example/1' }),
    }
    return { path: '', body }
  }

  private minute(from = 0): string {
    const at = Date.UTC(2026, 1, 12, 10, from + Math.floor(this.random() * 18))
    return new Date(at).toISOString().replace('.000', '')
  }

  private oneOf<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)]!
  }
}

class AnyCommand {
  constructor(private readonly random: () => number) {}

  next(known: Known[]): { path: string; body?: object } {
    const one = known.length > 0 && this.random() < 0.97 ? this.oneOf(known) : undefined
    const any = `/${one?.id ?? unknown}`
    const kind = this.random()
    if (known.length < 5 || kind < 0.5) return { path: '', body: this.deployment(known) }
    if (kind < 0.52) return { path: `${any}/void`, body: { reason: 'it never was' } }
    if (kind < 0.65) {
      return {
        path: `${any}/complete`,
        body: {
          status: this.oneOf(['DEPLOYED', 'DEPLOYED', 'FAILED', 'CANCELLED']),
          completedAt: this.minute(6),
          ...(this.random() < 0.5 && { reason: 'it did not start' }),
        },
      }
    }
    if (kind < 0.8) {
      const corrected = [this.times(), this.status(), this.notes(), this.version(), this.undoing(one, known)]
      return { path: `${any}/correct`, body: { reason: 'it was not so', ...this.oneOf(corrected) } }
    }
    if (kind < 0.86) {
      const marked = this.random() < 0.5 ? {} : { rolledBackAt: this.minute(8), reason: 'broken' }
      return { path: `${any}/rollback`, body: marked }
    }
    if (kind < 0.9) return this.removal(any)
    const environment = this.oneOf(['prod', 'Production', 'dev'])
    return { path: `/tag/${this.oneOf([...tags, 'v9'])}/rollback?environment=${environment}` }
  }

  /** By id, or what runs in a place, now or at any minute. */
  private removal(any: string): { path: string; body: object } {
    const when = this.random() < 0.3 ? {} : { removedAt: this.minute(8), reason: 'moved away' }
    if (this.random() < 0.5) return { path: `${any}/remove`, body: when }
    const application = this.oneOf(['checkout', 'search', 'platform'])
    return { path: '/remove', body: { application, environment: this.oneOf(['dev', 'prod', ' QA']), ...when } }
  }

  /** Of the same place mostly; some are refused, as they are of elsewhere, and some name what nobody records. */
  private undone(inPlace: Known[], known: Known[]): string {
    const kind = this.random()
    if (kind < 0.8 && inPlace.length > 0) return this.oneOf(inPlace).id
    return kind < 0.95 && known.length > 0 ? this.oneOf(known).id : unknown
  }

  private deployment(known: Known[]): object {
    const status = this.oneOf(statuses)
    const application = this.oneOf(['checkout', 'search', 'platform'])
    const environment = this.oneOf(['dev', 'Dev', 'stage', 'prod', 'PRODUCTION', 'qa', 'QA '])
    const inPlace = known.filter(one => isSame(one, { application, environment }))
    const imageTag = this.oneOf(tags)
    return {
      application,
      environment,
      imageTag,
      status,
      deployedAt: this.minute(),
      ...(status !== 'PENDING' && this.random() < 0.7 && { completedAt: this.minute(12) }),
      ...(['FAILED', 'CANCELLED'].includes(status) && this.random() < 0.5 && { failureReason: 'out of memory' }),
      ...(status === 'ROLLED_BACK' && this.random() < 0.5 && { rolledBackAt: this.minute(12) }),
      ...(this.random() < 0.15 && { rollbackOf: this.undone(inPlace, known) }),
      ...(this.random() < 0.3 && {
        gitCommit: this.oneOf(['abc', 'def']),
        gitBranch: this.oneOf(['main', 'next']),
        actor: this.oneOf(['ana', 'ben']),
      }),
      ...(this.random() < 0.2 && { labels: { team: 'payments', län: '', 'a=b': imageTag, tag: imageTag } }),
      ...(this.random() < 0.2 && { unplanned: this.random() < 0.7 }),
      ...(this.random() < 0.4 && {
        commits: [this.oneOf(shas), this.oneOf(shas)].map(sha => ({ sha, committedAt: this.minute() })),
      }),
    }
  }

  private times(): object {
    const completedAt = this.oneOf([this.minute(6), null])
    return { deployedAt: this.minute(), ...(this.random() < 0.5 && { completedAt }) }
  }

  private status(): object {
    return { status: this.oneOf(['DEPLOYED', 'FAILED', 'ROLLED_BACK', 'PENDING', 'CANCELLED']) }
  }

  private notes(): object {
    return { notes: this.oneOf(['look at the queue', null]), unplanned: this.oneOf([true, false, null]) }
  }

  private version(): object {
    const commits = [this.oneOf(shas), this.oneOf(shas)].map(sha => ({ sha, committedAt: this.minute() }))
    return this.oneOf<object>([
      { imageTag: this.oneOf(tags) },
      { commits: this.oneOf([commits, null]), gitCommit: this.oneOf(['abc', 'def', null]) },
      { imageTag: this.oneOf(tags), commits, image: this.oneOf(['registry.example.com/acme/checkout', null]) },
    ])
  }

  private undoing(one: Known | undefined, known: Known[]): object {
    const inPlace = known.filter(other => other !== one && isSame(other, one))
    return { rollbackOf: this.oneOf([this.undone(inPlace, known), null]) }
  }

  private minute(from = 0): string {
    const at = Date.UTC(2026, 1, 12, 10, from + Math.floor(this.random() * 12))
    return new Date(at).toISOString().replace('.000', '')
  }

  private oneOf<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)]!
  }
}
